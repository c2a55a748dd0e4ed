/**
 * Reading, holding and declaring secrets: the promises of the library, and the interfaces a backend
 * implements. It needs nothing at run time but the JDK.
 */
module tech.tailor.secretmanager {
  requires static org.jspecify;

  exports tech.tailor.secretmanager;
  exports tech.tailor.secretmanager.spi;
  exports tech.tailor.secretmanager.store;
}
