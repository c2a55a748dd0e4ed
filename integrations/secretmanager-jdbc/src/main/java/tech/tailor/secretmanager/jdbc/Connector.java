package tech.tailor.secretmanager.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Opens connections, for drivers that {@link java.sql.DriverManager} doesn't see, and for what a
 * URL can't say. It must be safe for use by several threads at once.
 */
@FunctionalInterface
public interface Connector {

  /**
   * Logs in, and returns a new connection.
   *
   * @param user the user's name
   * @param password the password, which the connector must neither keep nor write anywhere
   * @throws SQLException if the login fails, with the driver's SQLState and vendor code: they tell
   *     whether the password was rejected
   */
  Connection connect(String user, String password) throws SQLException;
}
