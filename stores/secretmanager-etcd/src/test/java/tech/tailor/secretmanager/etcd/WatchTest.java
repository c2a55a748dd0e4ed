package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.TcpProxy;

@ExtendWith(SharedEtcd.class)
class WatchTest {

  private static final Duration NEVER = Duration.ofHours(1);

  private final String prefix = SharedEtcd.newStore();
  private final BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();

  /** The names that were told, in order, until the given one; each of them once. */
  private List<String> toldUntil(String last) throws InterruptedException {
    List<String> names = new ArrayList<>();
    while (!names.contains(last)) {
      told.take().forEach(ref -> names.add(ref.name()));
    }
    return names;
  }

  @Test
  void etcdsWatch_tellsChangesOfOthers_once() throws Exception {
    try (EtcdSecretStore reader = SharedEtcd.builder(prefix).lookEvery(NEVER).open();
        EtcdSecretStore writer = SharedEtcd.builder(prefix).open()) {
      reader.watch(told::add);
      for (int i = 0; i < 20; i++) {
        SharedEtcd.put(writer, "name-" + i, "value");
      }
      writer.setDescription(SharedEtcd.VAULT, "name-0", "reads as before");
      writer.setLabels(SharedEtcd.VAULT, "name-1", Map.of("reads", "as-before"));
      writer.disableVersion(SharedEtcd.VAULT, "name-2", 1);
      writer.deleteSecret(SharedEtcd.VAULT, "name-3");
      writer.rotateDataKey();
      SharedEtcd.put(writer, "last", "value");
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        expected.add("name-" + i);
      }
      List<String> names = toldUntil("last");
      expected.addAll(List.of("last"));
      assertThat(names).contains(expected.toArray(new String[0]));
      assertThat(names)
          .filteredOn(name -> name.equals("name-0") || name.equals("name-1"))
          .as("labels, descriptions and keys are not read")
          .hasSize(2);
      assertThat(told).isEmpty();
    }
  }

  @Test
  void withoutEtcdsWatch_changesAreFoundByLooking() throws Exception {
    try (TcpProxy proxy = new TcpProxy(SharedEtcd.server().port());
        Client cut = Client.builder().endpoints(proxy.url()).build();
        EtcdSecretStore reader = EtcdSecretStore.builder(cut, prefix, SharedEtcd.key())
            .lookEvery(Duration.ofMillis(20))
            .open();
        EtcdSecretStore writer = SharedEtcd.builder(prefix).open()) {
      reader.watch(told::add);
      SharedEtcd.put(writer, "before", "value");
      toldUntil("before");
      proxy.cut();
      SharedEtcd.put(writer, "meanwhile", "value");
      proxy.cut();
      SharedEtcd.put(writer, "after", "value");
      assertThat(toldUntil("after")).containsOnlyOnce("meanwhile", "after");
    }
  }

  @Test
  void acceptedRewind_anythingMayHaveChanged() throws Exception {
    try (EtcdSecretStore reader = SharedEtcd.builder(prefix).lookEvery(NEVER).open();
        EtcdSecretStore writer = SharedEtcd.builder(prefix).open()) {
      reader.watch(told::add);
      var kept = SharedEtcd.dump(prefix);
      SharedEtcd.put(writer, "lost", "value");
      toldUntil("lost");
      SharedEtcd.putBack(prefix, kept);
      try (EtcdSecretStore fresh = SharedEtcd.builder(prefix).open()) {
        fresh.acceptRewind(fresh.verify().mark());
      }
      // The fresh process can't know the lost generation; the next one passes it.
      try (EtcdSecretStore fresh = SharedEtcd.builder(prefix).open()) {
        SharedEtcd.put(fresh, "new", "value");
      }
      assertThat(told.take()).as("anything").isEmpty();
    }
  }

  @Test
  void logNotKeptForSoLong_anythingMayHaveChanged() throws Exception {
    EtcdSettings.Control control = new EtcdSettings.Control(true, true, 5, () -> {});
    try (TcpProxy proxy = new TcpProxy(SharedEtcd.server().port());
        Client cut = Client.builder().endpoints(proxy.url()).build();
        EtcdSecretStore reader = EtcdSecretStore.builder(cut, prefix, SharedEtcd.key())
            .control(control)
            .open();
        EtcdSecretStore writer = SharedEtcd.builder(prefix).control(control).open()) {
      reader.watch(told::add);
      SharedEtcd.put(writer, "before", "value");
      toldUntil("before");
      proxy.holdRequests();
      proxy.holdAnswers();
      for (int i = 0; i < 6; i++) {
        SharedEtcd.put(writer, "name-" + i, "value");
      }
      assertThat(SharedEtcd.dump(prefix + "log/")).hasSize(5);
      assertThat(writer.verify().problems()).isEmpty();
      proxy.cut();
      proxy.pass();
      while (!told.take().isEmpty()) {
        // What was under way when the proxy held everything may have been told by name.
      }
    }
  }

  /** The server ends and starts again, and forgets the revisions that a watch would resume from. */
  @Test
  void restartAndCompaction_missNothing(@TempDir Path directory) throws Exception {
    try (EtcdServer server = EtcdServer.start(directory);
        Client client = SharedEtcd.client(server);
        EtcdSecretStore reader = EtcdSecretStore.builder(client, prefix, SharedEtcd.key())
            .createIfMissing()
            .lookEvery(Duration.ofMillis(100))
            .open();
        Client other = SharedEtcd.client(server);
        EtcdSecretStore writer =
            EtcdSecretStore.builder(other, prefix, SharedEtcd.key()).open()) {
      writer.createVault(SharedEtcd.VAULT);
      reader.watch(told::add);
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        SharedEtcd.put(writer, "name-" + i, "value");
        expected.add("name-" + i);
        if (i == 5) {
          server.kill();
          server.restart();
        }
        long revision = other
            .getKVClient()
            .get(SharedEtcd.bytes(prefix + "head"))
            .get()
            .getHeader()
            .getRevision();
        other.getKVClient().compact(revision).get();
      }
      assertThat(toldUntil("name-9")).containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
