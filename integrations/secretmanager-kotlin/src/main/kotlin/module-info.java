/** Kotlin extensions for reading secrets. */
module tech.tailor.secretmanager.kotlin {
  requires transitive tech.tailor.secretmanager;
  requires transitive kotlin.stdlib;

  exports tech.tailor.secretmanager.kotlin;
}
