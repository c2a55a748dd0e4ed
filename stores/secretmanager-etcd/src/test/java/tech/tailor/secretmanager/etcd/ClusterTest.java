package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.cluster.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.JavaProcess;

/**
 * Three members under 4 processes that write and 4 that read: the leader is killed again and again,
 * then a member is wiped and joins again.
 */
@Tag("deep")
class ClusterTest {

  private static final int KILLS = 20;
  private static final int COMMITS = 1_000;
  private static final int PROCESSES = 4;
  private static final String PREFIX = "/cluster";

  @TempDir
  private Path directory;

  private final List<Process> writers = new ArrayList<>();
  private List<EtcdServer> members;
  private EtcdSecretStore store;

  @BeforeAll
  static void requireEtcd() {
    EtcdServer.require("a cluster of etcd");
  }

  @Test
  void killedLeadersAndAWipedMember_loseNothing() throws Exception {
    Path keyFile = directory.resolve("master.key");
    MasterKey key = MasterKey.createFile(keyFile);
    members = EtcdServer.startCluster(directory, 3);
    List<Process> readers = new ArrayList<>();
    String endpoints = members.stream().map(EtcdServer::url).collect(Collectors.joining(","));
    try (Client client = Client.builder().endpoints(endpoints.split(",", -1)).build();
        EtcdSecretStore opened = EtcdSecretStore.builder(client, PREFIX, key)
            .createIfMissing()
            .timeout(Duration.ofSeconds(30))
            .open()) {
      store = opened;
      store.createVault(SharedEtcd.VAULT);
      SharedEtcd.put(store, Counter.NAME, "0");
      for (int i = 0; i < PROCESSES; i++) {
        SharedEtcd.put(store, "writer-" + i, "0");
        writers.add(start(endpoints, keyFile, "writer-" + i));
        readers.add(start(endpoints, keyFile, "read"));
      }
      int changes = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        awaitCount(COMMITS * (kill + 1L) / (KILLS + 1));
        EtcdServer leader = EtcdServer.leader(members);
        leader.kill();
        EtcdServer next = EtcdServer.leader(members);
        changes += next == leader ? 0 : 1;
        awaitCount(count() + 1); // without the one that was killed
        leader.restart();
      }
      wipeAndRejoin(client);
      awaitCount(Math.max(COMMITS, count() + 20));
      report(changes, end(writers), end(readers));
    } finally {
      writers.forEach(Process::destroyForcibly);
      readers.forEach(Process::destroyForcibly);
      members.forEach(EtcdServer::close);
    }
  }

  private void report(int leaderChanges, List<long[]> writers, List<long[]> readers) {
    long commits = sum(writers, 0);
    long reads = sum(readers, 0);
    long longest = Math.max(longest(writers), longest(readers));
    System.out.println("etcd, three members: " + leaderChanges + " leader changes, 1 wiped; "
        + commits + " commits, " + sum(writers, 2) + " conflicts, " + sum(writers, 1)
        + " refused, " + sum(writers, 3) + " unknown and settled; " + reads + " reads, "
        + sum(readers, 1) + " failed; longest wait " + longest + " ms");
    assertThat(leaderChanges).isGreaterThanOrEqualTo(KILLS);
    assertThat(commits).isGreaterThanOrEqualTo(COMMITS);
    assertThat(SharedEtcd.read(store, Counter.NAME)).isEqualTo(String.valueOf(commits));
    assertThat(
            store.describeSecret(SharedEtcd.VAULT, Counter.NAME).orElseThrow().version())
        .as("versions are dense")
        .isEqualTo(1 + commits);
    for (int i = 0; i < PROCESSES; i++) {
      assertThat(SharedEtcd.read(store, "writer-" + i))
          .isEqualTo(String.valueOf(writers.get(i)[0]));
    }
    assertThat(store.verify().problems()).isEmpty();
    assertThat(commits).as("available").isGreaterThan(9 * sum(writers, 1));
    assertThat(reads).as("available").isGreaterThan(9 * sum(readers, 1));
  }

  private static Process start(String endpoints, Path keyFile, String what) {
    return JavaProcess.start(List.of(), ClusterProgram.class, endpoints, PREFIX, keyFile, what);
  }

  private long count() {
    while (true) {
      try (SecretValue value = store.readSecret(SharedEtcd.VAULT, Counter.NAME)) {
        return Long.parseLong(value.revealString());
      } catch (SecretManagerException e) {
        // A leader is being elected.
      }
    }
  }

  private void awaitCount(long wanted) throws InterruptedException {
    while (count() < wanted) {
      assertThat(writers).as("the writers go on").allMatch(Process::isAlive);
      Thread.sleep(20);
    }
  }

  private void wipeAndRejoin(Client client) throws Exception {
    EtcdServer wiped = members.get(0);
    wiped.kill();
    Cluster cluster = client.getClusterClient();
    long id = 0;
    for (Member member : cluster.listMember().get().getMembers()) {
      id = member.getName().equals(wiped.name()) ? member.getId() : id;
    }
    long removed = id;
    untilAccepted(() -> cluster.removeMember(removed));
    untilAccepted(() -> cluster.addMember(List.of(URI.create(wiped.peerUrl()))));
    wiped.wipe();
    wiped.restart();
  }

  /** etcd accepts such a change once its other members have been connected for a while. */
  private static void untilAccepted(Supplier<CompletableFuture<?>> change)
      throws InterruptedException {
    while (true) {
      try {
        change.get().get();
        return;
      } catch (ExecutionException e) {
        Thread.sleep(500);
      }
    }
  }

  /** Ends the programs, and returns what they counted. */
  private static List<long[]> end(List<Process> programs) throws IOException, InterruptedException {
    for (Process program : programs) {
      program.getOutputStream().write('\n');
      program.getOutputStream().flush();
    }
    List<long[]> counts = new ArrayList<>();
    for (Process program : programs) {
      BufferedReader output = new BufferedReader(
          new InputStreamReader(program.getInputStream(), StandardCharsets.US_ASCII));
      String line = output.readLine();
      assertThat(program.waitFor()).isZero();
      counts.add(Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray());
    }
    return counts;
  }

  private static long sum(List<long[]> counts, int at) {
    return counts.stream().mapToLong(count -> count[at]).sum();
  }

  private static long longest(List<long[]> counts) {
    return counts.stream().mapToLong(count -> count[4]).max().orElseThrow();
  }
}
