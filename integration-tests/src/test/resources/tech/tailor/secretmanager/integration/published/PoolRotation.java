package app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.jdbc.SecretDataSource;

/**
 * Many threads that borrow from one pool while the password is rotated: in the database first.
 * Arguments: the database's URL, "secrets" or "once", and how many rotations. Prints how many
 * borrows failed.
 */
public final class PoolRotation {

  private static final int THREADS = 50;
  private static final int BORROWS_BETWEEN = 500;
  private static final SecretRef PASSWORD = SecretRef.of("orders", "db-password");

  private PoolRotation() {}

  public static void main(String[] args) throws Exception {
    String url = args[0];
    boolean once = args[1].equals("once");
    int rotations = Integer.parseInt(args[2]);
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-password", "canary-0");
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Connection admin = DriverManager.getConnection(url, "postgres", "");
        Statement statement = admin.createStatement();
        SecretManager manager =
            SecretManagers.builder(store).rejectionTimeout(Duration.ofMinutes(1)).build()) {
      statement.execute("drop role if exists pooled");
      statement.execute("create role pooled login password 'canary-0'");
      HikariConfig config = new HikariConfig();
      config.setMaximumPoolSize(10);
      if (once) {
        config.setJdbcUrl(url);
        config.setUsername("pooled");
        config.setPassword(manager.withSecret(PASSWORD, SecretValue::revealString));
        config.setConnectionTimeout(500);
      } else {
        config.setDataSource(
            SecretDataSource.builder(manager).url(url).user("pooled").password(PASSWORD).build());
        config.setConnectionTimeout(120_000);
      }
      int newLogins = 0;
      try (HikariDataSource pool = new HikariDataSource(config)) {
        for (int i = 0; i < THREADS; i++) {
          threads.execute(() -> {
            while (!over.get()) {
              try (Connection connection = pool.getConnection()) {
                connection.isValid(10);
              } catch (SQLException e) {
                failed.incrementAndGet();
              }
              done.incrementAndGet();
            }
          });
        }
        await(done);
        for (int i = 1; i <= rotations; i++) {
          statement.execute("alter role pooled password 'canary-" + i + "'");
          String rotated = answer(statement, "select clock_timestamp()");
          store.put("orders", "db-password", "canary-" + i);
          pool.getHikariPoolMXBean().softEvictConnections();
          if (!once) {
            while (newLogins(statement, rotated) == 0) {
              Thread.sleep(5);
            }
          }
          await(done);
          newLogins += Math.min(1, newLogins(statement, rotated));
        }
        over.set(true);
        threads.shutdown();
        threads.awaitTermination(5, TimeUnit.MINUTES);
      }
      System.out.printf(
          "%d rotations, %d with new logins, %d threads, %d borrows, %d failed%n",
          rotations, newLogins, THREADS, done.get(), failed.get());
    } finally {
      over.set(true);
      threads.shutdown();
    }
  }

  private static void await(AtomicInteger done) throws InterruptedException {
    int enough = done.get() + BORROWS_BETWEEN;
    while (done.get() < enough) {
      Thread.sleep(5);
    }
  }

  private static int newLogins(Statement statement, String since) throws SQLException {
    return Integer.parseInt(answer(
        statement,
        "select count(*) from pg_stat_activity where usename = 'pooled' and backend_start > '"
            + since + "'"));
  }

  private static String answer(Statement statement, String query) throws SQLException {
    try (ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }
}
