package tech.tailor.secretmanager.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/** HikariCP over a real database, without a user or a password in the pool. */
class PoolTest {

  private static final String URL = "jdbc:h2:mem:pool";

  @Test
  void rotatedLogin_isUsedByTheNextConnection() throws SQLException {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-user", "app");
    store.put("orders", "db-password", "first-canary");
    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager manager = SecretManagers.open(store)) {
      statement.execute("create user app password 'first-canary'");
      SecretDataSource logins = SecretDataSource.builder(manager)
          .url(URL)
          .property("LOCK_TIMEOUT", "4711")
          .user(SecretRef.parse("orders/db-user"))
          .password(SecretRef.parse("orders/db-password"))
          .build();
      HikariConfig config = new HikariConfig();
      config.setDataSource(logins);
      config.setMaximumPoolSize(3);
      try (HikariDataSource pool = new HikariDataSource(config);
          Connection open = pool.getConnection()) {
        assertThat(answer(open, "select current_user")).isEqualTo("APP");
        assertThat(answer(open, "select lock_timeout()")).isEqualTo("4711");
        statement.execute("create user app2 password 'second-canary'");
        statement.execute("drop user app");
        store.put("orders", "db-user", "app2");
        store.put("orders", "db-password", "second-canary");
        pool.getHikariPoolMXBean().softEvictConnections();

        try (Connection next = pool.getConnection();
            Connection another = pool.getConnection()) {
          assertThat(answer(next, "select current_user")).isEqualTo("APP2");
          assertThat(answer(another, "select current_user")).isEqualTo("APP2");
        }
      } finally {
        statement.execute("shutdown");
      }
    }
  }

  private static String answer(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }
}
