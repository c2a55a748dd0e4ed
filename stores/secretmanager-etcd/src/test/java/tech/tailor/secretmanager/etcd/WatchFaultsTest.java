package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.TcpProxy;

/**
 * A watch over three members through whatever can come between it and the changes: the leader is
 * killed and started again, etcd is compacted after each commit, and proxies first hold what it is
 * told, then cut it off.
 */
@Tag("suite")
@Timeout(3_600)
class WatchFaultsTest {

  private static final int COMMITS = Boolean.getBoolean("deep") ? 1_000 : 60;
  private static final String PREFIX = "/watched";
  private static final String LAST = "the-last";

  @TempDir
  private Path directory;

  private final List<TcpProxy> proxies = new ArrayList<>();
  private List<EtcdServer> members = List.of();
  private int leadersKilled;
  private int compactions;
  private int isolations;

  @BeforeAll
  static void requireEtcd() {
    EtcdServer.require("a watch of etcd through faults");
  }

  @Test
  void nothingIsMissed_andNothingIsToldTwice() throws Exception {
    List<String> told = run(EtcdSettings.Control.NONE);
    Set<String> names = new HashSet<>(told);
    System.out.println("etcd, watch over three members: " + COMMITS + " commits, " + leadersKilled
        + " leaders killed, " + compactions + " compactions, the watcher isolated " + isolations
        + " times: " + (COMMITS - names.size()) + " missed, " + (told.size() - names.size())
        + " told twice");
    assertThat(names).hasSize(COMMITS);
    assertThat(told).hasSize(COMMITS);
  }

  @Test
  void control_withoutCatchingUp_changesAreMissed() throws Exception {
    List<String> told = run(new EtcdSettings.Control(true, false, 10_000, () -> {}));
    int missed = COMMITS - new HashSet<>(told).size();
    System.out.println(
        "etcd, the same watch without catching up: " + missed + " of " + COMMITS + " missed");
    assertThat(missed).isPositive();
  }

  /** Makes the commits under faults, and returns what was told of them. */
  private List<String> run(EtcdSettings.Control control) throws Exception {
    MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
    BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
    try {
      members = EtcdServer.startCluster(directory, 3);
      for (EtcdServer member : members) {
        proxies.add(new TcpProxy(member.port()));
      }
      try (Client behind = client(proxies.stream().map(TcpProxy::url).toList());
          Client direct = client(members.stream().map(EtcdServer::url).toList());
          EtcdSecretStore writer = EtcdSecretStore.builder(direct, PREFIX, key)
              .timeout(Duration.ofSeconds(30))
              .createIfMissing()
              .open();
          EtcdSecretStore reader = EtcdSecretStore.builder(behind, PREFIX, key)
              .lookEvery(Duration.ofMillis(200))
              .timeout(Duration.ofSeconds(2))
              .control(control)
              .open()) {
        writer.createVault(SharedEtcd.VAULT);
        reader.watch(told::add);
        for (int i = 0; i < COMMITS; i++) {
          strike(i);
          create(writer, "name-" + i);
          compact(direct);
        }
        proxies.forEach(TcpProxy::pass);
        create(writer, LAST);
        return namesUntilTheLast(told);
      }
    } finally {
      for (TcpProxy proxy : proxies) {
        proxy.close();
      }
      members.forEach(EtcdServer::close);
    }
  }

  /**
   * Of each twenty commits, nine are behind the watcher's back; of each thirty, one has no leader.
   */
  private void strike(int i) throws IOException, InterruptedException {
    if (i % 20 == 3) {
      proxies.forEach(TcpProxy::holdAnswers);
      isolations++;
    }
    if (i % 20 == 12) {
      proxies.forEach(TcpProxy::cut);
      proxies.forEach(TcpProxy::pass);
    }
    if (i % 30 == 20) {
      EtcdServer leader = EtcdServer.leader(members);
      leader.kill();
      EtcdServer.leader(members);
      leader.restart();
      leadersKilled++;
    }
  }

  /**
   * Makes the secret with one commit, whatever the election of a leader does to the first tries.
   */
  private static void create(EtcdSecretStore store, String name) {
    boolean isMade = false;
    while (!isMade) {
      try {
        isMade = store.exists(SharedEtcd.VAULT, name)
            || SharedEtcd.put(store, name, "value").version() == 1;
      } catch (SecretManagerException e) {
        isMade = false; // if its end is not known, the next try looks
      }
    }
  }

  private void compact(Client client) throws InterruptedException {
    try {
      long revision = client
          .getKVClient()
          .get(SharedEtcd.bytes(PREFIX + "/head"))
          .get()
          .getHeader()
          .getRevision();
      client.getKVClient().compact(revision).get();
      compactions++;
    } catch (ExecutionException e) {
      // A leader is being elected.
    }
  }

  private static List<String> namesUntilTheLast(BlockingQueue<Set<SecretRef>> told)
      throws InterruptedException {
    List<String> names = new ArrayList<>();
    while (!names.contains(LAST)) {
      Set<SecretRef> next = told.take();
      assertThat(next).as("the log is kept for so long").isNotEmpty();
      next.forEach(ref -> names.add(ref.name()));
    }
    names.removeAll(Collections.singleton(LAST));
    return names;
  }

  private static Client client(List<String> urls) {
    return Client.builder().endpoints(urls.toArray(new String[0])).build();
  }
}
