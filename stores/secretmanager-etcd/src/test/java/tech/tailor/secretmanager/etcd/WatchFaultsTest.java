package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.EtcdServer;

/**
 * A watch through whatever can come between it and the changes: etcd is killed and started again,
 * compacted after each commit, and the client is cut off for a while.
 */
@Tag("suite")
class WatchFaultsTest {

  private static final int COMMITS = Boolean.getBoolean("deep") ? 1_000 : 60;

  @TempDir
  private Path directory;

  @BeforeAll
  static void requireEtcd() {
    EtcdServer.require("a watch of etcd through faults");
  }

  @Test
  void nothingIsMissed_andNothingIsToldTwice() throws Exception {
    List<String> told = run(EtcdSettings.Control.NONE);
    Set<String> names = new HashSet<>(told);
    System.out.println("etcd, watch through faults: " + COMMITS + " commits, "
        + (COMMITS - names.size()) + " missed, " + (told.size() - names.size()) + " told twice");
    assertThat(names).hasSize(COMMITS);
    assertThat(told).hasSize(COMMITS);
  }

  @Test
  void control_withoutCatchingUp_changesAreMissed() throws Exception {
    List<String> told = run(new EtcdSettings.Control(true, false, 10_000, () -> {}));
    int missed = COMMITS - new HashSet<>(told).size();
    System.out.println("etcd, watch without catching up: " + missed + " missed");
    assertThat(missed).isPositive();
  }

  /** Makes the commits, each with a fault of its own, and returns what was told of them. */
  private List<String> run(EtcdSettings.Control control) throws Exception {
    MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
    BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
    try (EtcdServer server = EtcdServer.start(directory);
        Proxy proxy = new Proxy(server.port());
        Client behind = Client.builder().endpoints(proxy.url()).build();
        Client direct = SharedEtcd.client(server);
        EtcdSecretStore writer =
            EtcdSecretStore.builder(direct, "/watched", key).createIfMissing().open();
        EtcdSecretStore reader = EtcdSecretStore.builder(behind, "/watched", key)
            .lookEvery(Duration.ofMillis(200))
            .timeout(Duration.ofSeconds(2))
            .control(control)
            .open()) {
      writer.createVault(SharedEtcd.VAULT);
      reader.watch(told::add);
      for (int i = 0; i < COMMITS; i++) {
        if (i % 20 == 3) {
          proxy.holdAnswers();
        }
        SharedEtcd.put(writer, "name-" + i, "value");
        compact(direct);
        if (i % 20 == 12) {
          proxy.cut();
          proxy.pass();
        }
        if (i % 30 == 20) {
          server.kill();
          server.restart();
        }
      }
      proxy.pass();
      SharedEtcd.put(writer, "the-last", "value");
      List<String> names = new ArrayList<>();
      while (!names.contains("the-last")) {
        Set<SecretRef> next = told.take();
        assertThat(next).as("the log is kept for so long").isNotEmpty();
        next.forEach(ref -> names.add(ref.name()));
      }
      names.removeAll(Collections.singleton("the-last"));
      return names;
    }
  }

  private static void compact(Client client) throws Exception {
    long revision = client
        .getKVClient()
        .get(SharedEtcd.bytes("/watched/head"))
        .get()
        .getHeader()
        .getRevision();
    client.getKVClient().compact(revision).get();
  }
}
