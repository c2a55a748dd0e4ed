package tech.tailor.secretmanager.jdbc;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds the driver for a JDBC URL. */
final class Drivers {

  private Drivers() {}

  /**
   * Returns the driver that {@link DriverManager} shows to this library; or, where an application
   * server has the library in a place from which it doesn't see the application's own driver, one
   * that the context class loader finds.
   *
   * @throws IllegalStateException if there is none
   */
  static Driver of(String url) {
    try {
      return DriverManager.getDriver(url);
    } catch (SQLException e) {
      return ofContext(url);
    }
  }

  private static Driver ofContext(String url) {
    Iterator<Driver> drivers = ServiceLoader.load(
            Driver.class, Thread.currentThread().getContextClassLoader())
        .iterator();
    while (true) {
      try {
        if (!drivers.hasNext()) {
          throw none(url);
        }
        Driver driver = drivers.next();
        if (driver.acceptsURL(url)) {
          return driver;
        }
      } catch (ServiceConfigurationError | SQLException e) {
        // One that can't be loaded, or can't read the URL, is none for it; the next may be.
      }
    }
  }

  /** Without the URL, which may hold what is nobody's business. */
  private static IllegalStateException none(String url) {
    String[] parts = url.split(":", 3);
    return new IllegalStateException("No driver accepts the URL "
        + (parts.length < 3 ? "" : parts[0] + ":" + parts[1] + ":…")
        + "; put the database's driver on the class path, or use connector(). In a web application"
        + " whose driver is among its own libraries, build the data source on a thread of the"
        + " application's, or load the driver's class first");
  }
}
