package orders;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.HexFormat;
import javax.sql.DataSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * What an operator, or a job, does: a new password in the database, then in the store. Sessions
 * that are open stay so; the pool replaces them.
 */
final class Rotation {

  private final DataSource owner;
  private final SecretStore store;
  private final SecureRandom random = new SecureRandom();

  Rotation(DataSource owner, SecretStore store) {
    this.owner = owner;
    this.store = store;
  }

  /** Returns when it was made, by the clock of the database. */
  Timestamp rotate() throws SQLException {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    String password = HexFormat.of().formatHex(bytes); // SQL takes a password as text alone
    try (Connection connection = owner.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER ROLE orders_app PASSWORD '" + password + "'");
      try (SecretValue value = SecretValue.of(password)) {
        store.put("orders", "db-password", value);
      }
      try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
        row.next();
        return row.getTimestamp(1);
      }
    }
  }

  /** How many sessions of the service began after that time. */
  int loginsAfter(Timestamp time) throws SQLException {
    try (Connection connection = owner.getConnection();
        PreparedStatement count =
            connection.prepareStatement("SELECT count(*) FROM pg_stat_activity"
                + " WHERE usename = 'orders_app' AND backend_start > ?")) {
      count.setTimestamp(1, time);
      try (ResultSet row = count.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
