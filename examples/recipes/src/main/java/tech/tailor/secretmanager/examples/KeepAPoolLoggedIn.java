package tech.tailor.secretmanager.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.jdbc.SecretDataSource;

/** What if the password of a connection pool is rotated? The next login uses the new one. */
public final class KeepAPoolLoggedIn {

  private static final String URL = "jdbc:h2:mem:orders";

  private KeepAPoolLoggedIn() {}

  public static void main(String[] args) throws SQLException {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-password", "correct horse");

    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager secretManager = SecretManagers.open(store);
        HikariDataSource pool = pool(secretManager)) {
      statement.execute("create user app password 'correct horse'");
      System.out.println(connect(pool));
      statement.execute("alter user app set password 'battery staple'");
      store.put("orders", "db-password", "battery staple");
      pool.getHikariPoolMXBean().softEvictConnections(); // or as they end by themselves
      System.out.println(connect(pool));
    }
  }

  private static HikariDataSource pool(SecretManager secretManager) {
    SecretDataSource logins = SecretDataSource.builder(secretManager)
        .url(URL)
        .user("app")
        .password(SecretRef.parse("orders/db-password"))
        .build();
    HikariConfig config = new HikariConfig();
    config.setDataSource(logins);
    config.setInitializationFailTimeout(-1); // the user is yet to be made
    return new HikariDataSource(config);
  }

  private static String connect(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return "connected: " + connection.isValid(1);
    }
  }
}
