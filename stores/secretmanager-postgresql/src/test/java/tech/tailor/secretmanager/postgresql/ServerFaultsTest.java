package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.TestServer;

/** A server that freezes, or is replaced by a standby. */
@Tag("suite")
@Timeout(900)
class ServerFaultsTest {

  @TempDir
  Path directory;

  private TestServer server;
  private MasterKey key;

  @BeforeEach
  void startServer() throws IOException {
    server = TestServer.start(Files.createDirectory(directory.resolve("server")));
    key = MasterKey.createFile(directory.resolve("master.key"));
    PostgresSchema.createOrUpgrade(server.dataSource());
    try (PostgresSecretStore store = builder(server).createIfMissing().open()) {
      store.createVault(TestStore.VAULT);
    }
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private PostgresSecretStore.Builder builder(TestServer at) {
    return PostgresSecretStore.builder(at.dataSource(), TestStore.WORKSPACE, key);
  }

  /** A change that is repeated until the server takes it. */
  private static void putAtLast(PostgresSecretStore store, String name) {
    boolean done = false;
    while (!done) {
      try {
        TestStore.put(store, name, "value");
        done = true;
      } catch (SecretUnavailableException e) {
        done = false; // the server is away
      }
    }
  }

  @Test
  void frozenServer_endsEachCallInTime() throws Exception {
    try (TwoConnections kept = new TwoConnections(server.dataSource(), Duration.ofMinutes(1));
        PostgresSecretStore store = PostgresSecretStore.builder(kept, TestStore.WORKSPACE, key)
            .timeout(Duration.ofSeconds(3))
            .open()) {
      TestStore.put(store, "one", "first");
      server.freeze();
      try {
        assertThatThrownBy(() -> TestStore.read(store, "one"))
            .isInstanceOf(SecretTimeoutException.class);
        assertThatThrownBy(() -> TestStore.put(store, "one", "second"))
            .isInstanceOf(SecretTimeoutException.class);
        assertThatThrownBy(store::verify).isInstanceOf(SecretTimeoutException.class);
      } finally {
        server.thaw();
      }
      putAtLast(store, "two");
    }
  }

  /** It freezes in the middle of a commit: what became of it is known when it answers again. */
  @Test
  void frozenServer_inTheMiddleOfACommit_endsItInTime() throws Exception {
    try (PostgresSecretStore store = builder(server)
        .timeout(Duration.ofSeconds(3))
        .lockTimeout(Duration.ofSeconds(1))
        .open()) {
      TestStore.put(store, "one", "first");
      try {
        assertThatThrownBy(() -> store.inOneCommit(changes -> {
              TestStore.put(changes, "one", "second");
              freeze();
            }))
            .isInstanceOf(SecretTimeoutException.class);
      } finally {
        server.thaw();
      }
      putAtLast(store, "two");
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
    }
  }

  /** More than the buffers between take: the time-out of a socket doesn't end what sends. */
  @Test
  void frozenServer_whileMuchIsSent_endsItInTime() throws Exception {
    Thread rescue = new Thread(this::thawLater); // or a mistake would hang
    rescue.setDaemon(true);
    try (PostgresSecretStore store = builder(server)
            .timeout(Duration.ofSeconds(3))
            .lockTimeout(Duration.ofSeconds(1))
            .open();
        SecretValue value = SecretValue.of("0123456789abcdef".repeat(4_000))) {
      try {
        assertThatThrownBy(() -> store.inOneCommit(changes -> {
              for (int i = 0; i < 400; i++) {
                changes.put(TestStore.VAULT, "much-" + i, value);
              }
              freeze();
              rescue.start();
            }))
            .isInstanceOfAny(SecretTimeoutException.class, SecretUnavailableException.class);
      } finally {
        rescue.interrupt();
        server.thaw();
      }
      putAtLast(store, "two");
      assertThat(store.describeSecret(TestStore.VAULT, "much-0")).isEmpty();
    }
  }

  private void thawLater() {
    try {
      Thread.sleep(60_000);
      server.thaw();
    } catch (IOException | InterruptedException e) {
      return; // the test has ended
    }
  }

  private void freeze() {
    try {
      server.freeze();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void standby_isReadAndNotWritten() throws Exception {
    try (TestServer standby = server.standby(Files.createDirectory(directory.resolve("standby")));
        PostgresSecretStore store = builder(standby).open()) {
      assertThat(standby.ask("SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThatThrownBy(() -> TestStore.put(store, "one", "on the standby"))
          .isInstanceOf(SecretManagerException.class)
          .hasMessageContaining("replica");
      assertThatThrownBy(() -> PostgresSchema.createOrUpgrade(standby.dataSource()))
          .hasMessageContaining("replica");
    }
  }

  /** The standby is promoted without the last ten commits. */
  @Test
  void failover_servesStaleValues_untilOneProcessAccepts() throws Exception {
    try (TestServer standby = server.standby(Files.createDirectory(directory.resolve("standby")))) {
      Router router = new Router(server);
      try (PostgresSecretStore writer = router.builder(key).open();
          PostgresSecretStore other = router.builder(key).open();
          SecretManager manager = SecretManagers.builder(
                  router.builder(key).pollEvery(Duration.ofHours(1)).open())
              .timeToLive(Duration.ofMillis(1))
              .build()) {
        TestStore.put(writer, "one", "replicated");
        String caughtUp = server.ask("SELECT pg_current_wal_lsn()");
        while (!standby
            .ask("SELECT pg_last_wal_replay_lsn() >= '" + caughtUp + "'")
            .equals("t")) {
          Thread.sleep(10);
        }
        standby.run("ALTER SYSTEM SET primary_conninfo = ''");
        standby.run("SELECT pg_reload_conf()");
        while (!standby.ask("SELECT count(*) FROM pg_stat_wal_receiver").equals("0")) {
          Thread.sleep(10);
        }
        for (int i = 0; i < 10; i++) {
          TestStore.put(writer, "one", "lost " + i);
        }
        assertThat(TestStore.read(other, "one")).isEqualTo("lost 9");
        assertThat(manager.withSecret(TestStore.VAULT, "one", SecretValue::revealString))
            .isEqualTo("lost 9");
        server.crash();
        standby.run("SELECT pg_promote(false)");
        while (standby.ask("SELECT pg_is_in_recovery()").equals("t")) {
          Thread.sleep(10);
        }
        router.to = standby;

        boolean isStale = false;
        while (!isStale) {
          try (SecretValue value = manager.requireSecret(TestStore.VAULT, "one")) {
            assertThat(value.revealString()).isEqualTo("lost 9");
            isStale = value.freshness() instanceof Freshness.Stale;
          }
        }
        SecretStoreRewoundException refused = refused(writer);
        assertThat(refused(other).mark()).isEqualTo(refused.mark());
        writer.acceptRewind(refused.mark());
        assertThat(TestStore.read(writer, "one")).isEqualTo("replicated");
        assertThat(TestStore.put(other, "one", "after the failover").version()).isEqualTo(2);
        assertThat(other.verify().problems()).isEmpty();
      }
      server.start(); // for the end of the test
    }
  }

  private static SecretStoreRewoundException refused(PostgresSecretStore store) {
    SecretStoreRewoundException refused = catchThrowableOfType(
        SecretStoreRewoundException.class, () -> TestStore.put(store, "one", "refused"));
    assertThat(refused).isNotNull();
    return refused;
  }

  /** With and without the floor, a replica that follows late. */
  @Test
  void replica_showsOwnWrites() throws Exception {
    int writes = Boolean.getBoolean("deep") ? 200 : 50;
    try (TestServer replica = server.standby(Files.createDirectory(directory.resolve("standby")));
        PostgresSecretStore store =
            builder(server).readFrom(replica.dataSource()).open();
        PostgresSecretStore fromReplicaAlone = builder(replica).open()) {
      replica.run("SELECT pg_wal_replay_pause()"); // or the replica might be in time by chance
      int stale = 0;
      for (int i = 0; i < writes; i++) {
        TestStore.put(store, "name-" + i, "value");
        assertThat(TestStore.read(store, "name-" + i)).isEqualTo("value");
        stale += fromReplicaAlone.exists(TestStore.VAULT, "name-" + i) ? 0 : 1;
      }
      assertThat(stale).as("the control").isEqualTo(writes);
      System.out.println("own writes read from a replica that is behind: " + writes + " of "
          + writes + "; control: " + stale + " stale");
      replica.run("SELECT pg_wal_replay_resume()");
    }
  }

  /** A data source whose address is changed from outside, as that of a service is. */
  private static final class Router {

    private volatile TestServer to;

    private Router(TestServer to) {
      this.to = to;
    }

    private PostgresSecretStore.Builder builder(MasterKey key) {
      return PostgresSecretStore.builder(
          new RoutedDataSource(() -> to.dataSource()), TestStore.WORKSPACE, key);
    }
  }
}
