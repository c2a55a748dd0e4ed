package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;

/** Several writers of one secret, each with a store of its own, that count up its value. */
class WritersTest {

  private static final int WRITERS = 8;
  private static final int UPDATES = 20;

  @TempDir
  Path directory;

  @Test
  void compareAndSet_losesNothing() throws Exception {
    TestStore made = TestStore.create(directory);
    Count count = count(made);
    assertThat(count.failures).hasValue(0);
    try (PostgresSecretStore store = made.open()) {
      assertThat(TestStore.read(store, "counter")).isEqualTo(String.valueOf(WRITERS * UPDATES));
      assertThat(store.describeSecret(TestStore.VAULT, "counter").orElseThrow().version())
          .isEqualTo(1 + WRITERS * UPDATES);
    }
    System.out.println(WRITERS + " writers: " + WRITERS * UPDATES + " updates, 0 lost, "
        + count.conflicts + " conflicts retried");
  }

  /** The control: without the lock a commit that another one overtook fails. */
  @Test
  void commit_withoutTheLockOfTheHead_isOvertaken() throws Exception {
    TestStore made = TestStore.create(directory);
    try (PostgresSecretStore store = made.builder().withoutHeadLock().open();
        PostgresSecretStore other = made.open()) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            changes.createVault("one");
            other.createVault("two");
          }))
          .isInstanceOf(SecretManagerException.class)
          .hasMessageContaining("nothing was changed");
      assertThat(other.listVaults()).hasSize(2);
    }
  }

  private static final class Count {
    final AtomicInteger conflicts = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();
  }

  private static Count count(TestStore made) throws Exception {
    Count count = new Count();
    HikariConfig config = new HikariConfig();
    config.setDataSource(made.database().dataSource());
    config.setMaximumPoolSize(WRITERS);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      try (PostgresSecretStore store = made.open()) {
        TestStore.put(store, "counter", "0");
      }
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Thread thread = new Thread(() -> write(made, pool, count));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    return count;
  }

  private static void write(TestStore made, HikariDataSource pool, Count count) {
    try (PostgresSecretStore store = PostgresSecretStore.builder(
            pool, TestStore.WORKSPACE, made.key())
        .lockTimeout(Duration.ofMinutes(10))
        .timeout(Duration.ofMinutes(10))
        .open()) {
      for (int done = 0; done < UPDATES; ) {
        try {
          increment(store);
          done++;
        } catch (SecretConflictException e) {
          count.conflicts.incrementAndGet();
        } catch (SecretManagerException e) {
          count.failures.incrementAndGet();
          done++;
        }
      }
    }
  }

  private static void increment(PostgresSecretStore store) {
    long version =
        store.describeSecret(TestStore.VAULT, "counter").orElseThrow().version();
    long number;
    try (SecretValue value = store.readVersion(TestStore.VAULT, "counter", version)) {
      number = value.withBytes(bytes -> Long.parseLong(new String(bytes, US_ASCII)));
    } catch (SecretNotFoundException e) {
      throw new SecretConflictException("The version is not kept any more");
    }
    try (SecretValue next = SecretValue.of(String.valueOf(number + 1))) {
      store.updateSecret(TestStore.VAULT, "counter", next, version);
    }
  }
}
