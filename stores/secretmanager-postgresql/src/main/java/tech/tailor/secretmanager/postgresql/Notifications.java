package tech.tailor.secretmanager.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A connection that waits for the server's notifications. It is of use only if a notification from
 * another connection arrives, which a pooler between may prevent without a word: that is tried
 * first. Needs pgjdbc.
 */
final class Notifications implements AutoCloseable {

  private static final String CHANNEL = "secretmanager";
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** With the longest wait between two heartbeats, 1 s, a dead connection is noticed within 3 s. */
  private static final int NETWORK_TIMEOUT_MILLIS = 1_200;

  private final Connection connection;
  private final PGConnection driver;
  private final boolean arrives;

  private Notifications(Connection connection, PGConnection driver, boolean arrives) {
    this.connection = connection;
    this.driver = driver;
    this.arrives = arrives;
  }

  /**
   * The statement that notifies of a commit. It names the store alone: any role may listen, and
   * names of secrets would cross workspaces.
   */
  static Session.Statement notifying(OpaqueBytes storeId) {
    return Session.Statement.ofAnyRows("NOTIFY " + CHANNEL + ", '" + storeId.toHex() + "'");
  }

  /** Listens, and tries whether notifications of the other data source arrive. */
  static Notifications listen(ConnectionSource direct, Database others) throws SQLException {
    Connection connection = direct.get(Budget.of(CONNECT_TIMEOUT), CONNECT_TIMEOUT);
    boolean done = false;
    try {
      connection.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
      connection.setAutoCommit(true);
      run(connection, "LISTEN " + CHANNEL);
      PGConnection driver = connection.unwrap(PGConnection.class);
      String probe = "probe " + UUID.randomUUID();
      others.transaction(others.budget(), session -> {
        boolean sent = session.update(
            List.of(Session.Statement.ofAnyRows("NOTIFY " + CHANNEL + ", '" + probe + "'")));
        session.connection().commit(); // or it is not sent
        return sent;
      });
      Notifications made = new Notifications(connection, driver, arrives(driver, probe));
      done = true;
      return made;
    } finally {
      if (!done) {
        Database.closeQuietly(connection);
      }
    }
  }

  private static boolean arrives(PGConnection driver, String probe) throws SQLException {
    long deadlineNanos = System.nanoTime() + PROBE_TIMEOUT.toNanos();
    while (System.nanoTime() - deadlineNanos < 0) {
      PGNotification @Nullable [] found = driver.getNotifications(100);
      for (PGNotification notification : found == null ? new PGNotification[0] : found) {
        if (notification.getParameter().equals(probe)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Waits for a notification of a store, or for so long. Those of other workspaces, and of others
   * that use the channel, are passed over.
   */
  void await(Duration longest, @Nullable OpaqueBytes storeId)
      throws SQLException, InterruptedException {
    if (!arrives) {
      Thread.sleep(longest.toMillis());
      return;
    }
    long endNanos = System.nanoTime() + longest.toNanos();
    for (long left = longest.toMillis(); left > 0; left = millisUntil(endNanos)) {
      PGNotification @Nullable [] found = driver.getNotifications((int) left);
      for (PGNotification notification : found == null ? new PGNotification[0] : found) {
        if (storeId == null || notification.getParameter().equals(storeId.toHex())) {
          return;
        }
      }
    }
    run(connection, "SELECT 1"); // or a connection that is dead would not be noticed
  }

  private static long millisUntil(long endNanos) {
    return TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    Database.abort(connection);
    Database.closeQuietly(connection); // a pool takes its place back only then
  }

  /** Returns whether notifications arrive. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Notifications[arrives=%s]", arrives);
  }
}
