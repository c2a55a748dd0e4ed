package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.TcpProxy;
import tech.tailor.secretmanager.fixtures.postgresql.TestServer;

/**
 * A watch while its listening session is terminated, the server is restarted and crashes, and while
 * its connection is half-open.
 */
@Tag("suite")
@Timeout(900)
class WatchFaultsTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final int COMMITS = DEEP ? 400 : 80;
  private static final int HALF_OPEN = DEEP ? 20 : 3;
  private static final String LISTENER = "listener";
  private static final String LAST = "the-last";

  @TempDir
  Path directory;

  private final BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
  private TestServer server;
  private MasterKey key;
  private int terminated;

  @BeforeEach
  void startServer() throws IOException {
    server = TestServer.start(Files.createDirectory(directory.resolve("server")));
    key = MasterKey.createFile(directory.resolve("master.key"));
    PostgresSchema.createOrUpgrade(server.dataSource());
    try (PostgresSecretStore store = builder().createIfMissing().open()) {
      store.createVault(TestStore.VAULT);
    }
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private PostgresSecretStore.Builder builder() {
    return PostgresSecretStore.builder(server.dataSource(), TestStore.WORKSPACE, key);
  }

  private PGSimpleDataSource listening() {
    PGSimpleDataSource dataSource = server.dataSource();
    dataSource.setApplicationName(LISTENER);
    return dataSource;
  }

  @Test
  void listeningWatch_missesNoChange() throws Exception {
    assertThat(missed("listening", builder().listenWith(listening()))).isZero();
  }

  @Test
  void pollingWatch_missesNoChange() throws Exception {
    assertThat(missed("polling alone", builder())).isZero();
  }

  @Test
  void control_withoutCatchingUp_changesAreMissed() throws Exception {
    assertThat(missed("without catching up", builder().listenWith(listening()).withoutCatchingUp()))
        .isPositive();
  }

  /** Makes the commits under faults, and returns how many were not told. */
  private int missed(String how, PostgresSecretStore.Builder watching) throws Exception {
    terminated = 0;
    try (PostgresSecretStore watched =
            watching.pollEvery(Duration.ofMillis(100)).open();
        PostgresSecretStore writer = builder().open()) {
      watched.watch(told::add);
      for (int i = 0; i < COMMITS; i++) {
        strike(i);
        putAtLast(writer, "name-" + i);
      }
      putAtLast(writer, LAST);
      Set<String> names = namesUntilTheLast();
      assertThat(watched.verify().problems()).isEmpty();
      int missed = COMMITS - names.size();
      System.out.println("PostgreSQL, watch " + how + ": the listener terminated " + terminated
          + " times, one restart, one crash: " + missed + " of " + COMMITS + " changes missed");
      return missed;
    }
  }

  private void strike(int i) throws IOException, InterruptedException, SQLException {
    if (i % 5 == 0) {
      server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          + " WHERE application_name = '" + LISTENER + "'");
      terminated++;
    }
    if (i == COMMITS / 3) {
      server.stop();
      server.start();
    }
    if (i == 2 * COMMITS / 3) {
      server.crash();
      server.start();
    }
  }

  /** A change that is repeated until the server takes it. */
  private static void putAtLast(PostgresSecretStore store, String name) {
    boolean isDone = false;
    while (!isDone) {
      try {
        TestStore.put(store, name, "value");
        isDone = true;
      } catch (SecretUnavailableException e) {
        isDone = false; // the server is away
      }
    }
  }

  private Set<String> namesUntilTheLast() throws InterruptedException {
    Set<String> names = new HashSet<>();
    while (!names.contains(LAST)) {
      told.take().forEach(ref -> names.add(ref.name()));
    }
    names.remove(LAST);
    return names;
  }

  /**
   * The connections that there are swallow everything and stay open. The store looks and heartbeats
   * as it does by default; how long it takes is printed.
   */
  @Test
  void halfOpenConnections_areNoticed() throws Exception {
    List<Long> millis = new ArrayList<>();
    try (TcpProxy proxy = new TcpProxy(server.port());
        PostgresSecretStore writer = builder().open()) {
      PGSimpleDataSource behind = new PGSimpleDataSource();
      behind.setUrl("jdbc:postgresql://localhost:" + proxy.port() + "/postgres?user=postgres");
      try (PostgresSecretStore watched = PostgresSecretStore.builder(
              behind, TestStore.WORKSPACE, key)
          .listenWith(behind)
          .open()) {
        watched.watch(told::add);
        for (int i = 0; i < HALF_OPEN; i++) {
          TestStore.put(writer, "before-" + i, "value");
          awaitTold("before-" + i); // it listens
          proxy.swallowOld();
          long start = System.nanoTime();
          TestStore.put(writer, "after-" + i, "value");
          awaitTold("after-" + i);
          millis.add((System.nanoTime() - start) / 1_000_000);
        }
      }
    }
    Collections.sort(millis);
    System.out.println("PostgreSQL, half-open connection: " + HALF_OPEN
        + " of " + HALF_OPEN + " changes told, after " + millis.get(millis.size() / 2)
        + " ms (median), " + millis.get(millis.size() - 1) + " ms (at the most)");
  }

  private void awaitTold(String name) throws InterruptedException {
    while (!told.take().contains(SecretRef.of(TestStore.VAULT, name))) {
      // Others were told before.
    }
  }
}
