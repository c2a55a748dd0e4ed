package tech.tailor.secretmanager.postgresql;

import static java.lang.System.Logger.Level.DEBUG;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import tech.tailor.secretmanager.envelope.shared.Budget;

/**
 * Reads and transactions over a data source, whose connections are left as they were: autocommit,
 * isolation and time-outs of the network. Thread-safe.
 */
final class Database implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(Database.class.getName());
  private static final String SNAPSHOT =
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

  private final ConnectionSource connections;
  private final Watchdog watchdog = new Watchdog();
  private final String store;
  private final Duration timeout;

  Database(DataSource dataSource, String store, Duration timeout) {
    this.connections = new ConnectionSource(dataSource, store);
    this.store = store;
    this.timeout = timeout;
  }

  /** What is done with a connection. */
  interface Work<T> {
    T run(Session session) throws SQLException;
  }

  /** How long a call may wait that only reads. */
  Budget budget() {
    return Budget.of(timeout);
  }

  /** Runs one query, which is a snapshot of its own. */
  <T> T query(Budget budget, Work<T> work) {
    return with(budget, session -> {
      try {
        return work.run(session);
      } finally {
        endQuery(session);
      }
    });
  }

  /** Without this the connection would stay idle in a transaction. */
  private static void endQuery(Session session) {
    try {
      if (!session.connection().getAutoCommit()) {
        session.rollback();
      }
    } catch (SQLException e) { // what was read was read
      LOGGER.log(DEBUG, () -> "A query could not be ended: SQLSTATE " + e.getSQLState());
      abort(session.connection());
    }
  }

  /** Runs queries over one snapshot. */
  <T> T snapshot(Budget budget, Work<T> work) {
    return transaction(budget, session -> {
      session.execute(SNAPSHOT);
      T result = work.run(session);
      session.rollback();
      return result;
    });
  }

  /** Runs work in a transaction, which it commits; otherwise it is rolled back. */
  <T> T transaction(Budget budget, Work<T> work) {
    return with(budget, session -> {
      Connection connection = session.connection();
      boolean autoCommit = connection.getAutoCommit();
      if (autoCommit) {
        connection.setAutoCommit(false);
      }
      boolean done = false;
      try {
        T result = work.run(session);
        done = true;
        return result;
      } finally {
        end(session, autoCommit, done);
      }
    });
  }

  private static void end(Session session, boolean autoCommit, boolean done) {
    try {
      if (!done) {
        session.rollback();
      }
      if (autoCommit) {
        session.connection().setAutoCommit(true);
      }
    } catch (SQLException e) { // the connection is gone, and the server rolls back
      LOGGER.log(DEBUG, () -> "A connection could not be restored: SQLSTATE " + e.getSQLState());
      abort(session.connection());
    }
  }

  private <T> T with(Budget budget, Work<T> work) {
    try {
      Connection connection = connections.get(budget, timeout);
      try {
        return withTimeoutRestored(connection, budget, work);
      } finally {
        closeQuietly(connection);
      }
    } catch (SQLException e) {
      throw SqlTrouble.of(e, store);
    }
  }

  private <T> T withTimeoutRestored(Connection connection, Budget budget, Work<T> work)
      throws SQLException {
    int before = connection.getNetworkTimeout();
    try {
      return work.run(new Session(connection, budget, watchdog));
    } finally {
      restoreTimeout(connection, before);
    }
  }

  private static void restoreTimeout(Connection connection, int before) {
    try {
      if (!connection.isClosed()) {
        connection.setNetworkTimeout(Runnable::run, before);
      }
    } catch (SQLException e) { // what was done stays done, and nobody gets this connection again
      LOGGER.log(DEBUG, () -> "A connection could not be restored: SQLSTATE " + e.getSQLState());
      abort(connection);
    }
  }

  static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOGGER.log(DEBUG, () -> "A connection could not be aborted: SQLSTATE " + e.getSQLState());
    }
  }

  static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) { // its result is known, and the pool drops it
      LOGGER.log(DEBUG, () -> "A connection could not be closed: SQLSTATE " + e.getSQLState());
    }
  }

  @Override
  public void close() {
    connections.close();
    watchdog.close();
  }
}
