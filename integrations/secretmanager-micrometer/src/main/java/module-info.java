/** Metrics of a secret manager, for Micrometer. */
module tech.tailor.secretmanager.micrometer {
  requires transitive tech.tailor.secretmanager;
  requires transitive micrometer.core;
  requires static org.jspecify;

  exports tech.tailor.secretmanager.micrometer;
}
