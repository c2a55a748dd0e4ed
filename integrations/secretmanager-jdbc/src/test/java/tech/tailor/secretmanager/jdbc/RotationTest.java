package tech.tailor.secretmanager.jdbc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * Many threads log in while the password is rotated: first in the database, then in the store, so
 * that for a moment the store has nothing but the old one.
 */
class RotationTest {

  private static final int THREADS = 50;
  private static final int ROTATIONS = 20;
  private static final int LOGINS_BETWEEN = 100;
  private static final String URL = "jdbc:h2:mem:rotation";
  private static final SecretRef PASSWORD = SecretRef.of("orders", "db-password");

  @Test
  void noLoginFails_whileThePasswordIsRotated() throws Exception {
    assertThat(failures(manager -> SecretDataSource.builder(manager)
            .url(URL)
            .user("app")
            .password(PASSWORD)
            .build()::getConnection))
        .isZero();
  }

  /** What reads the secret, and doesn't hear of a rejection, fails until the cache expires. */
  @Test
  void control_readingTheSecretAloneFails() throws Exception {
    assertThat(failures(manager -> () -> manager.withSecret(
            PASSWORD,
            (SecretValue value) -> DriverManager.getConnection(URL, "app", value.revealString()))))
        .isPositive();
  }

  private interface Login {
    Connection open() throws SQLException;
  }

  private interface Logins {
    Login of(SecretManager manager);
  }

  private static int failures(Logins logins) throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-password", "canary-0");
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager manager = SecretManagers.builder(store)
            .rejectionTimeout(Duration.ofMinutes(1))
            .build()) {
      statement.execute("create user app password 'canary-0'");
      Login login = logins.of(manager);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        running.add(threads.submit(() -> {
          while (!over.get()) {
            try {
              login.open().close();
            } catch (SQLException e) {
              failed.incrementAndGet();
            }
            done.incrementAndGet();
          }
        }));
      }
      for (int rotation = 1; rotation <= ROTATIONS; rotation++) {
        awaitLogins(done, running);
        statement.execute("alter user app set password 'canary-" + rotation + "'");
        store.put("orders", "db-password", "canary-" + rotation);
      }
      awaitLogins(done, running);
      over.set(true);
      for (Future<?> each : running) {
        each.get(60, SECONDS);
      }
    } finally {
      over.set(true);
      threads.shutdown();
      assertThat(threads.awaitTermination(60, SECONDS)).isTrue();
    }
    System.out.printf(
        "%d threads, %d rotations: %,d logins, %,d failed%n",
        THREADS, ROTATIONS, done.get(), failed.get());
    return failed.get();
  }

  private static void awaitLogins(AtomicInteger done, List<Future<?>> running)
      throws InterruptedException {
    int enough = done.get() + LOGINS_BETWEEN;
    while (done.get() < enough && running.stream().noneMatch(Future::isDone)) {
      Thread.sleep(1);
    }
  }
}
