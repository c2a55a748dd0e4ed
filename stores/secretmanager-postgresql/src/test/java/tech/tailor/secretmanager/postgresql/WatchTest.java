package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;

/** Changes that are told; each test waits for what it is told, and hangs if it is not. */
@Timeout(300)
class WatchTest {

  private static final int COMMITS = 40;

  @TempDir
  Path directory;

  private final BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
  private TestStore made;

  @BeforeEach
  void makeStore() throws Exception {
    made = TestStore.create(directory);
  }

  /** A data source whose sessions can be told apart at the server. */
  private PGSimpleDataSource listening() {
    PGSimpleDataSource dataSource = made.database().dataSource();
    dataSource.setApplicationName("listener");
    return dataSource;
  }

  private void awaitAll(Set<SecretRef> expected) throws InterruptedException {
    Set<SecretRef> seen = new HashSet<>();
    while (!seen.containsAll(expected)) {
      seen.addAll(told.take());
    }
    assertThat(seen).isEqualTo(expected);
  }

  private static SecretRef ref(String name) {
    return SecretRef.of(TestStore.VAULT, name);
  }

  @Test
  void changes_areFoundByLooking_withoutNotifications() throws Exception {
    try (PostgresSecretStore watched =
            made.builder().pollEvery(Duration.ofMillis(10)).open();
        PostgresSecretStore writer = made.open()) {
      TestStore.put(writer, "before", "is not told");
      watched.watch(told::add);
      TestStore.put(writer, "labelled", "first");
      awaitAll(Set.of(ref("labelled")));
      writer.setLabels(TestStore.VAULT, "labelled", Map.of("team", "a"));
      writer.createVault("other");
      TestStore.put(writer, "one", "first");
      awaitAll(Set.of(ref("one")));
      writer.disableVersion(TestStore.VAULT, "one", 1);
      awaitAll(Set.of(ref("one")));
      writer.deleteSecret(TestStore.VAULT, "one");
      awaitAll(Set.of(ref("one")));
    }
  }

  /** A row that somebody else wrote says nothing about what changed, and stops nobody. */
  @Test
  void changeThatNamesNoSecret_mayBeAnyChange_andTheWatchGoesOn() throws Exception {
    try (PostgresSecretStore watched =
            made.builder().pollEvery(Duration.ofMillis(10)).open();
        PostgresSecretStore writer = made.open()) {
      watched.watch(told::add);
      TestStore.put(writer, "one", "first");
      awaitAll(Set.of(ref("one")));
      made.database()
          .run(
              "INSERT INTO secretmanager.change SELECT (jsonb_populate_record(c, jsonb_build_object("
                  + "'generation', c.generation + 1, 'seq', 99, 'name', 'no name', 'what', 'update'))).*"
                  + " FROM secretmanager.change c ORDER BY generation DESC LIMIT 1");
      TestStore.put(writer, "two", "first");
      assertThat(told.take()).isEmpty();
      TestStore.put(writer, "three", "first");
      awaitAll(Set.of(ref("three")));
    }
  }

  /** Which commit is missing says nothing about what it changed. */
  @Test
  void trailWithAGap_mayHideAnyChange() throws Exception {
    Semaphore looks = new Semaphore(0);
    try (PostgresSecretStore watched =
            made.builder().pollEvery(Duration.ofMillis(10)).open();
        PostgresSecretStore writer = made.open()) {
      watched.watch(changed -> {
        told.add(changed);
        looks.acquireUninterruptibly();
      });
      TestStore.put(writer, "one", "first");
      assertThat(told.take()).containsExactly(ref("one"));
      TestStore.put(writer, "hidden", "first");
      TestStore.put(writer, "two", "first");
      made.database().run("DELETE FROM secretmanager.change WHERE name = 'hidden'");
      looks.release();
      assertThat(told.take()).isEmpty();
      TestStore.put(writer, "three", "first");
      looks.release();
      assertThat(told.take()).containsExactly(ref("three"));
      looks.release();
    }
  }

  /** Looks once an hour: what arrives was told by the server. */
  @Test
  void changes_areToldByNotifications() throws Exception {
    try (PostgresSecretStore watched = made.builder()
            .pollEvery(Duration.ofHours(1))
            .listenWith(listening())
            .open();
        PostgresSecretStore writer = made.open()) {
      watched.watch(told::add);
      TestStore.put(writer, "one", "first");
      awaitAll(Set.of(ref("one")));
      TestStore.put(writer, "two", "first");
      awaitAll(Set.of(ref("two")));
    }
  }

  @Test
  void listenerThatIsTerminated_missesNothing() throws Exception {
    try (PostgresSecretStore watched = made.builder()
            .pollEvery(Duration.ofMillis(100))
            .listenWith(listening())
            .open();
        PostgresSecretStore writer = made.open()) {
      watched.watch(told::add);
      Set<SecretRef> expected = new HashSet<>();
      for (int i = 0; i < COMMITS; i++) {
        if (i % 5 == 0) {
          made.database()
              .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                  + " WHERE application_name = 'listener'");
        }
        TestStore.put(writer, "name-" + i, "value");
        expected.add(ref("name-" + i));
      }
      awaitAll(expected);
      System.out.println(
          "listener terminated " + COMMITS / 5 + " times: 0 of " + COMMITS + " changes missed");
    }
  }

  /** As through a pooler: it is listened to, and nothing arrives. */
  @Test
  void listenerThatHearsNothing_isFoundOut_andMissesNothing() throws Exception {
    try (PostgresSecretStore watched = made.builder()
            .pollEvery(Duration.ofMillis(20))
            .listenWith(TestDatabase.empty().dataSource())
            .open();
        PostgresSecretStore writer = made.open()) {
      watched.watch(told::add);
      TestStore.put(writer, "one", "first");
      awaitAll(Set.of(ref("one")));
    }
  }

  @Test
  void acceptedRewind_tellsThatAnythingMayHaveChanged() throws Exception {
    try (PostgresSecretStore watched =
            made.builder().pollEvery(Duration.ofMillis(10)).open();
        PostgresSecretStore operator = made.open()) {
      TestStore.put(operator, "one", "first");
      watched.watch(told::add);
      operator.acceptRewind(operator.verify().mark());
      assertThat(told.take()).isEmpty();
    }
  }

  @Test
  void endedWatch_isToldNothing() throws Exception {
    try (PostgresSecretStore watched =
            made.builder().pollEvery(Duration.ofMillis(10)).open();
        PostgresSecretStore writer = made.open()) {
      BlockingQueue<Set<SecretRef>> ended = new LinkedBlockingQueue<>();
      watched.watch(ended::add).close();
      watched.watch(told::add);
      TestStore.put(writer, "one", "first");
      awaitAll(Set.of(ref("one")));
      assertThat(ended).isEmpty();
    }
  }

  @Test
  void notificationsOfOtherWorkspaces_wakeNobody() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (PostgresSecretStore watched = PostgresSecretStore.builder(
                CountingDataSource.of(made.database().dataSource(), connections),
                TestStore.WORKSPACE,
                made.key())
            .pollEvery(Duration.ofHours(1))
            .listenWith(listening())
            .open();
        PostgresSecretStore writer = made.open();
        PostgresSecretStore other = PostgresSecretStore.builder(
                made.database().dataSource(), "another-workspace", made.key())
            .createIfMissing()
            .open()) {
      other.createVault(TestStore.VAULT);
      watched.watch(told::add);
      TestStore.put(writer, "first", "made up");
      awaitAll(Set.of(ref("first"))); // it listens by now, or told it by its first look
      TestStore.put(writer, "second", "made up");
      awaitAll(Set.of(ref("second")));
      connections.set(0);
      for (int i = 0; i < COMMITS; i++) {
        TestStore.put(other, "theirs", "made up");
      }
      TestStore.put(writer, "third", "made up");
      awaitAll(Set.of(ref("third")));
      assertThat(connections)
          .as("one look, which reads the head and then the trail")
          .hasValue(2);
    }
  }
}
