package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.TcpProxy;

/** An etcd that was restored counts its revisions from the snapshot on, and gives some twice. */
@ExtendWith(SharedEtcd.class)
class RestoredEtcdTest {

  /** More than the keys of the store, so that there is room below the revision of its head. */
  private static final int OTHER_WRITES = 50;

  @TempDir
  Path directory;

  @Test
  void headOfTheSameRevisionAndOtherContent_isNotOverwritten() throws Exception {
    try (EtcdServer restored = EtcdServer.start(directory);
        Client direct = SharedEtcd.client(restored);
        TcpProxy proxy = new TcpProxy(SharedEtcd.server().port());
        Client client = Client.builder().endpoints(proxy.url()).build()) {
      String prefix = SharedEtcd.newStore();
      for (int i = 0; i < OTHER_WRITES; i++) {
        SharedEtcd.write("/other" + prefix, new byte[0]);
      }
      List<KeyValue> snapshot = SharedEtcd.dump(prefix);
      try (EtcdSecretStore store =
          EtcdSecretStore.builder(client, prefix, SharedEtcd.key()).open()) {
        SharedEtcd.put(store, "before", "is lost with the restore");
        long revision = headOf(SharedEtcd.dump(prefix)).getModRevision();
        restore(direct.getKVClient(), snapshot, revision);
        try (EtcdSecretStore other =
            EtcdSecretStore.builder(direct, prefix, SharedEtcd.key()).open()) {
          SharedEtcd.put(other, "theirs", "of another process");
        }
        KeyValue head = direct
            .getKVClient()
            .get(SharedEtcd.bytes(prefix + "head"))
            .get()
            .getKvs()
            .get(0);
        assertThat(head.getModRevision())
            .as("the same, and not of the same write")
            .isEqualTo(revision);

        proxyTo(proxy, restored, store);
        try (EtcdSecretStore other =
            EtcdSecretStore.builder(direct, prefix, SharedEtcd.key()).open()) {
          assertThat(SharedEtcd.read(other, "theirs")).isEqualTo("of another process");
          assertThat(other.verify().problems()).isEmpty();
        }
      }
    }
  }

  private static void proxyTo(TcpProxy proxy, EtcdServer restored, EtcdSecretStore store) {
    try {
      store.inOneCommit(changes -> {
        SharedEtcd.put(changes, "mine", "prepared before the restore");
        proxy.leadTo(restored.port());
        proxy.cut();
      });
    } catch (tech.tailor.secretmanager.SecretManagerException e) {
      System.out.println(
          "the commit that met a restore was refused: " + e.getClass().getName());
    }
  }

  private static KeyValue headOf(List<KeyValue> dump) {
    return dump.stream()
        .filter(found -> found.getKey().toString().endsWith("/head"))
        .findFirst()
        .orElseThrow();
  }

  /** Puts back what there was, so that the next write but a read is of this revision. */
  private static void restore(KV kv, List<KeyValue> snapshot, long revision) throws Exception {
    ByteSequence other = SharedEtcd.bytes("/other");
    for (KeyValue kept : snapshot) {
      kv.put(kept.getKey(), kept.getValue()).get();
    }
    long now = kv.put(other, other).get().getHeader().getRevision();
    while (now < revision - 1) {
      now = kv.put(other, other).get().getHeader().getRevision();
    }
    assertThat(now).isEqualTo(revision - 1);
  }
}
