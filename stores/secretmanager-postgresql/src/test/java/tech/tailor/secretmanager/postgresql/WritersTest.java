package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.store.VaultInfo;

/** Several writers of one secret, each with a store of its own, that count up its value. */
class WritersTest {

  private static final int WRITERS = 8;
  private static final int UPDATES = 20;

  @TempDir
  Path directory;

  @Test
  void compareAndSet_losesNothing() throws Exception {
    TestStore made = TestStore.create(directory);
    AtomicInteger conflicts = new AtomicInteger();
    HikariConfig config = new HikariConfig();
    config.setDataSource(made.database().dataSource());
    config.setMaximumPoolSize(WRITERS);
    try (HikariDataSource pool = new HikariDataSource(config);
        PostgresSecretStore store = made.open()) {
      TestStore.put(store, CounterProgram.NAME, "0");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Thread thread =
            new Thread(() -> CounterProgram.count(pool, made.key(), UPDATES, conflicts));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      made.requireCount(WRITERS * UPDATES);
    }
    System.out.println(WRITERS + " writers: " + WRITERS * UPDATES + " updates, 0 lost, " + conflicts
        + " conflicts retried");
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
          .isInstanceOf(SecretManagerException.class);
      assertThat(other.listVaults())
          .as("what the other one made is there, and nothing of the one that was overtaken")
          .extracting(VaultInfo::name)
          .contains("two")
          .doesNotContain("one");
    }
  }
}
