package tech.tailor.secretmanager.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * Refuses a pooler between this process and the server, such as PgBouncer, whose server connections
 * would be given prepared statements of others: the driver names statements, and the pooler changes
 * connections below it.
 */
final class PoolerCheck {

  private static final boolean DRIVER_IS_THERE = isDriverThere();

  private PoolerCheck() {}

  /** Does nothing with another driver than pgjdbc, which can't be asked. */
  static void require(Session session, String store) throws SQLException {
    if (DRIVER_IS_THERE) {
      Driver.require(session, store);
    }
  }

  private static boolean isDriverThere() {
    try {
      Class.forName("org.postgresql.PGConnection", false, PoolerCheck.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** What needs pgjdbc's classes. */
  private static final class Driver {

    private static void require(Session session, String store) throws SQLException {
      Connection connection = session.connection();
      if (!connection.isWrapperFor(PGConnection.class)) {
        return;
      }
      PGConnection driver = connection.unwrap(PGConnection.class);
      if (driver.getPrepareThreshold() == 0
          || driver.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
        return;
      }
      int answering = session.query(
          Session.Statement.of("SELECT pg_backend_pid()"), row -> row.next() ? row.getInt(1) : 0);
      if (answering != driver.getBackendPID()) {
        throw new SecretStorageException("The " + store + " is reached through a pooler such as"
            + " PgBouncer, which may give the driver's prepared statements to other clients: set"
            + " prepareThreshold=0 in the JDBC URL");
      }
    }
  }
}
