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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
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
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

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

  /**
   * The store answers with the old password ten times more, and each login waits for the new one.
   */
  @Test
  void revokedPassword_isRefusedOnceToEachLogin() throws Exception {
    assertThat(refusals((manager, database) -> SecretDataSource.builder(manager)
            .connector(database)
            .user("app")
            .password(PASSWORD)
            .build()::getConnection))
        .isEqualTo(THREADS);
  }

  /** Asks the store after each refusal, and logs in with its answer. */
  @Test
  void control_loggingInUntilItWorks_isRefusedMoreOften() throws Exception {
    assertThat(refusals((manager, database) -> () -> {
          while (true) {
            try {
              return manager.withSecret(
                  PASSWORD, (SecretValue value) -> database.connect("app", value.revealString()));
            } catch (SQLException e) {
              manager.refresh(PASSWORD);
            }
          }
        }))
        .isGreaterThan(THREADS);
  }

  private interface Login {
    Connection open() throws SQLException;
  }

  private interface StormLogins {
    Login of(SecretManager manager, Connector database);
  }

  /** Returns how often the database refuses, where each thread logs in once and all succeed. */
  private static int refusals(StormLogins logins) throws Exception {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "db-password", "old-canary");
    LateStore late = new LateStore(store);
    CountDownLatch allHaveThePassword = new CountDownLatch(THREADS);
    AtomicInteger refused = new AtomicInteger();
    Connector counting = (user, password) -> {
      allHaveThePassword.countDown();
      awaitAll(allHaveThePassword);
      try {
        return DriverManager.getConnection(URL, user, password);
      } catch (SQLException e) {
        refused.incrementAndGet();
        throw e;
      }
    };
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Connection admin = DriverManager.getConnection(URL, "sa", "");
        Statement statement = admin.createStatement();
        SecretManager manager =
            SecretManagers.builder(late).rejectionTimeout(Duration.ofMinutes(1)).build()) {
      statement.execute("create user app password 'new-canary'");
      manager.requireSecret(PASSWORD).close(); // caches the old one
      late.learn("new-canary");
      Login login = logins.of(manager, counting);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        running.add(threads.submit(() -> {
          login.open().close();
          return true;
        }));
      }
      for (Future<?> each : running) {
        each.get(60, SECONDS);
      }
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(60, SECONDS)).isTrue();
    }
    System.out.printf(
        "%d threads log in with a revoked password: %d refusals, %d questions to the store%n",
        THREADS, refused.get(), late.questions.get());
    return refused.get();
  }

  private static void awaitAll(CountDownLatch latch) throws SQLException {
    try {
      if (!latch.await(60, SECONDS)) {
        throw new SQLException("Not all threads log in");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", e);
    }
  }

  /** A store that learns of a new password, and answers with the old one some times more. */
  private static final class LateStore implements SecretBackend {

    private static final int OLD_ANSWERS = 10;

    private final InMemorySecretStore store;
    private final AtomicInteger questions = new AtomicInteger();
    private volatile String coming = "";

    LateStore(InMemorySecretStore store) {
      this.store = store;
    }

    void learn(String password) {
      questions.set(0);
      coming = password;
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      if (questions.incrementAndGet() > OLD_ANSWERS && !coming.isEmpty()) {
        store.put("orders", "db-password", coming);
      }
      return store.fetch(vault, names);
    }

    @Override
    public void close() {
      store.close();
    }
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
