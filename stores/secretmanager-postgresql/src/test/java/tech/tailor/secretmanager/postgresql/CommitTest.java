package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.postgresql.FaultyDataSource.Fault;

/** How commits end: in time, and with a known outcome. */
class CommitTest {

  @TempDir
  Path directory;

  private TestStore made;

  @BeforeEach
  void makeStore() throws Exception {
    made = TestStore.create(directory);
  }

  private PostgresSecretStore.Builder over(FaultyDataSource faulty) {
    return PostgresSecretStore.builder(faulty.dataSource(), TestStore.WORKSPACE, made.key());
  }

  /** The head is locked and the secret read, everything is written, and the commit. */
  @Test
  void changeOfOneSecret_takesThreeRequests() {
    AtomicInteger requests = new AtomicInteger();
    try (PostgresSecretStore store = PostgresSecretStore.builder(
            CountingDataSource.of(made.database().dataSource(), new AtomicInteger(), requests),
            TestStore.WORKSPACE,
            made.key())
        .open()) {
      TestStore.put(store, "one", "first");
      requests.set(0);
      TestStore.put(store, "one", "second");
      assertThat(requests).hasValue(3);
      store.deleteSecret(TestStore.VAULT, "one");
      assertThat(requests).hasValue(6);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"AFTER_COMMIT", "AFTER_COMMIT_WITH_ANOTHER_STATE", "AFTER_ANSWER"})
  void commitWhoseEndIsLost_isKnownToHaveTakenEffect(Fault fault) {
    FaultyDataSource faulty = new FaultyDataSource(made.database().dataSource());
    try (PostgresSecretStore store = over(faulty).open()) {
      TestStore.put(store, "one", "first");
      faulty.failNextCommit(fault);
      assertThat(TestStore.put(store, "one", "second").version()).isEqualTo(2);
      assertThat(TestStore.read(store, "one")).isEqualTo("second");
      assertThat(TestStore.put(store, "one", "third").version()).isEqualTo(3);
    }
  }

  @Test
  void commitThatTheServerNeverGot_isKnownToHaveChangedNothing() {
    FaultyDataSource faulty = new FaultyDataSource(made.database().dataSource());
    try (PostgresSecretStore store = over(faulty).open()) {
      TestStore.put(store, "one", "first");
      faulty.failNextCommit(Fault.BEFORE_COMMIT);
      assertThatThrownBy(() -> TestStore.put(store, "one", "second"))
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageContaining("nothing was changed")
          .hasMessageNotContaining("second");
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
      assertThat(TestStore.put(store, "one", "third").version()).isEqualTo(2);
    }
  }

  @Test
  void commitThatCanNotBeAskedFor_isUnknown() {
    FaultyDataSource faulty = new FaultyDataSource(made.database().dataSource());
    try (PostgresSecretStore store = over(faulty)
        .timeout(Duration.ofSeconds(2))
        .lockTimeout(Duration.ofMillis(100))
        .open()) {
      faulty.failNextCommit(Fault.AFTER_COMMIT_AND_GONE);
      assertThatThrownBy(() -> TestStore.put(store, "one", "second"))
          .isInstanceOf(SecretOutcomeUnknownException.class)
          .hasMessageContaining("Read the secret again")
          .hasMessageNotContaining("second");
    }
  }

  @Test
  void headThatIsHeld_endsChangesInTime_andLeavesReads() throws Exception {
    try (PostgresSecretStore store =
            made.builder().lockTimeout(Duration.ofMillis(100)).open();
        Connection holder = made.database().dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      TestStore.put(store, "one", "first");
      holder.setAutoCommit(false);
      statement.execute("SELECT * FROM secretmanager.store FOR UPDATE");
      assertThatThrownBy(() -> TestStore.put(store, "one", "second"))
          .isInstanceOf(SecretTimeoutException.class)
          .hasMessageContaining("another writer");
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
      holder.rollback();
      assertThat(TestStore.put(store, "one", "third").version()).isEqualTo(2);
    }
  }

  @Test
  void commitThatStandsStill_losesTheLock() {
    try (PostgresSecretStore store =
            made.builder().lockTimeout(Duration.ofMillis(100)).open();
        PostgresSecretStore other = made.builder()
            .lockTimeout(Duration.ofMinutes(5))
            .timeout(Duration.ofMinutes(5))
            .open()) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            changes.createVault("other");
            TestStore.put(
                other, "one", "waits until the server ended the commit that stands still");
            changes.createVault("third");
          }))
          .isInstanceOfAny(SecretTimeoutException.class, SecretUnavailableException.class);
      assertThat(store.describeVault("other")).isEmpty();
      assertThat(TestStore.read(other, "one")).startsWith("waits");
    }
  }

  @Test
  void poolThatIsExhausted_endsEachCallInTime() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setDataSource(made.database().dataSource());
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(600_000);
    try (HikariDataSource pool = new HikariDataSource(config);
        PostgresSecretStore store = PostgresSecretStore.builder(
                pool, TestStore.WORKSPACE, made.key())
            .timeout(Duration.ofSeconds(2))
            .open()) {
      try (Connection taken = pool.getConnection()) {
        assertThat(taken.isValid(0)).isTrue();
        assertThatThrownBy(store::listVaults)
            .isInstanceOf(SecretTimeoutException.class)
            .hasMessageContaining("pool");
        assertThatThrownBy(() -> TestStore.put(store, "one", "first"))
            .isInstanceOf(SecretTimeoutException.class);
      }
    }
    try (PostgresSecretStore store = made.open()) {
      assertThat(store.listVaults()).as("nothing is left locked").hasSize(1);
    }
  }

  /** Another writer holds the head for longer than a read may take. */
  @Tag("suite")
  @Test
  void commitInDoubt_waitsForTheLock_asAChangeDoes() throws Exception {
    FaultyDataSource faulty = new FaultyDataSource(made.database().dataSource());
    CountDownLatch held = new CountDownLatch(1);
    try (PostgresSecretStore store = over(faulty)
            .timeout(Duration.ofSeconds(2))
            .lockTimeout(Duration.ofMinutes(2))
            .open();
        Connection holder = made.database().dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      faulty.failNextCommit(Fault.AFTER_COMMIT);
      faulty.beforeTheCommitFails(() -> {
        statement.execute("SELECT * FROM secretmanager.store FOR UPDATE");
        held.countDown();
      });
      FutureTask<Long> put =
          new FutureTask<>(() -> TestStore.put(store, "one", "second").version());
      new Thread(put).start();
      held.await();
      String waiting = "0";
      while (waiting.equals("0")) { // for longer than a read may take
        waiting = made.database()
            .ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                + " AND clock_timestamp() - query_start > interval '3 s'"
                + " AND datname = current_database()");
      }
      holder.rollback();
      assertThat(put.get()).isEqualTo(1);
    }
  }

  /** Or a pool would lose a connection that is well to each call whose time ran out. */
  @Test
  void rollback_hasTimeOfItsOwn() throws Exception {
    try (Connection connection = made.database().dataSource().getConnection();
        Watchdog watchdog = new Watchdog()) {
      connection.setAutoCommit(false);
      Session session = new Session(connection, Budget.of(Duration.ZERO), watchdog);
      assertThatThrownBy(() -> session.execute("SELECT 1"))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(SqlTrouble.CLIENT_TIMEOUT));
      session.rollback();
      assertThat(connection.isValid(0)).isTrue();
    }
  }

  /** There is one time for both. */
  @Test
  void callThatWaitedForItsConnection_hasTheRestForTheDatabase() {
    FaultyDataSource slow = new FaultyDataSource(made.database().dataSource());
    try (PostgresSecretStore store = over(slow).timeout(Duration.ofMinutes(2)).open()) {
      slow.delayConnections(Duration.ofMillis(200));
      assertThat(store.listVaults()).hasSize(1);
      assertThat(slow.longestNetworkTimeout()).isBetween(1, 119_900);
    }
  }

  @Tag("suite")
  @Test
  void replicaThatGivesNoConnection_leavesTimeForThePrimary() {
    FaultyDataSource replica = new FaultyDataSource(made.database().dataSource());
    CountDownLatch release = new CountDownLatch(1);
    try (PostgresSecretStore store = made.builder()
        .readFrom(replica.dataSource())
        .timeout(Duration.ofSeconds(20))
        .open()) {
      TestStore.put(store, "one", "first");
      replica.holdConnections(release);
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
      assertThat(TestStore.read(store, "one")).as("the replica is skipped").isEqualTo("first");
      assertThat(replica.held()).isEqualTo(1);
    } finally {
      release.countDown();
    }
  }

  @Test
  void callersThatWaitForAConnection_holdFewThreads() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    FaultyDataSource slow = new FaultyDataSource(made.database().dataSource());
    try (PostgresSecretStore store = over(slow).timeout(Duration.ofMinutes(2)).open()) {
      slow.holdConnections(release);
      List<FutureTask<?>> reads = Stream.generate(() -> new FutureTask<>(store::listVaults))
          .limit(60)
          .collect(Collectors.toList());
      reads.forEach(read -> new Thread(read).start());
      while (slow.held() < 16) {
        Thread.sleep(5);
      }
      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> thread.getName().startsWith("secretmanager-postgresql-connect"))
          .hasSizeLessThanOrEqualTo(16);
      release.countDown();
      for (FutureTask<?> read : reads) {
        assertThat(read.get()).isNotNull();
      }
    }
  }

  @Test
  void replicaThatIsDown_isPassedOver() {
    PGSimpleDataSource down = new PGSimpleDataSource();
    down.setUrl("jdbc:postgresql://localhost:1/none"); // a port where nothing listens
    try (PostgresSecretStore store = made.builder().readFrom(down).open()) {
      TestStore.put(store, "one", "first");
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
      assertThat(store.exists(TestStore.VAULT, "one")).isTrue();
    }
  }

  @Test
  void changeOnTheSameThreadInACommit_isRefused() {
    try (PostgresSecretStore store = made.open()) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> store.createVault("other")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("passed to those changes");
    }
  }

  @Test
  void open_saysWhatIsMissing() throws Exception {
    assertThatThrownBy(
            () -> PostgresSecretStore.builder(made.database().dataSource(), "nothing", made.key())
                .open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("\"nothing\"")
        .hasMessageContaining("createIfMissing");
    made.database().run("INSERT INTO secretmanager.schema_version (version) VALUES (99)");
    assertThatThrownBy(made::open)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("version 99")
        .hasMessageContaining("newer library");
    assertThatThrownBy(() -> PostgresSchema.createOrUpgrade(made.database().dataSource()))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("version 99");
    made.database().run("DROP SCHEMA secretmanager CASCADE");
    assertThatThrownBy(made::open)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("PostgresSchema.createOrUpgrade");
  }

  @Test
  void schema_isMadeOnce_byManyAtOnce() throws Exception {
    TestDatabase database = TestDatabase.empty();
    Throwable[] failures = new Throwable[8];
    Thread[] threads = new Thread[failures.length];
    for (int i = 0; i < threads.length; i++) {
      int each = i;
      threads[i] = new Thread(() -> failures[each] =
          catchThrowable(() -> PostgresSchema.createOrUpgrade(database.dataSource())));
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).containsOnlyNulls();
    assertThat(database.ask("SELECT count(*) FROM secretmanager.schema_version"))
        .isEqualTo("1");
  }

  @Test
  void connections_areReturnedAsTheyWere() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setDataSource(made.database().dataSource());
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      try (PostgresSecretStore store =
          PostgresSecretStore.builder(pool, TestStore.WORKSPACE, made.key()).open()) {
        TestStore.put(store, "one", "first");
        assertThat(TestStore.read(store, "one")).isEqualTo("first");
      }
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement();
          var rows = statement.executeQuery(
              "SELECT current_setting('lock_timeout'),"
                  + " current_setting('idle_in_transaction_session_timeout'),"
                  + " current_setting('statement_timeout'), current_setting('transaction_isolation')")) {
        assertThat(rows.next()).isTrue();
        for (int column = 1; column <= 3; column++) {
          assertThat(rows.getString(column)).isEqualTo("0");
        }
        assertThat(rows.getString(4)).isEqualTo("read committed");
        assertThat(connection.getNetworkTimeout()).isZero();
        assertThat(connection.getAutoCommit()).isTrue();
      }
    }
  }
}
