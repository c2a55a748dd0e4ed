package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.EtcdServer;

/** The roles of {@code docs/etcd.md}. */
class RolesTest {

  private static final String PREFIX = "/secretmanager/orders/";

  @TempDir
  private Path directory;

  @BeforeAll
  static void requireEtcd() {
    EtcdServer.require("roles of etcd");
  }

  private static Client client(EtcdServer server, String user) {
    return Client.builder()
        .endpoints(server.url())
        .user(SharedEtcd.bytes(user))
        .password(SharedEtcd.bytes("s3cret-password"))
        .build();
  }

  private static void grant(Auth auth, String user, Permission.Type type) throws Exception {
    ByteSequence name = SharedEtcd.bytes(user);
    auth.userAdd(name, SharedEtcd.bytes("s3cret-password")).get();
    auth.roleAdd(name).get();
    auth.roleGrantPermission(name, SharedEtcd.bytes(PREFIX), Etcd.end(PREFIX), type)
        .get();
    auth.userGrantRole(name, name).get();
  }

  @Test
  void writerWrites_readerReadsAndWatches_othersDoNeither() throws Exception {
    MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
    try (EtcdServer server = EtcdServer.start(directory)) {
      try (Client root = SharedEtcd.client(server)) {
        Auth auth = root.getAuthClient();
        ByteSequence name = SharedEtcd.bytes("root");
        auth.userAdd(name, SharedEtcd.bytes("s3cret-password")).get();
        auth.roleAdd(name).get();
        auth.userGrantRole(name, name).get();
        grant(auth, "reader", Permission.Type.READ);
        grant(auth, "writer", Permission.Type.READWRITE);
        auth.userAdd(SharedEtcd.bytes("other"), SharedEtcd.bytes("s3cret-password"))
            .get();
        auth.authEnable().get();
      }
      try (Client writes = client(server, "writer");
          Client reads = client(server, "reader");
          Client other = client(server, "other");
          EtcdSecretStore writer =
              EtcdSecretStore.builder(writes, PREFIX, key).createIfMissing().open();
          EtcdSecretStore reader = EtcdSecretStore.builder(reads, PREFIX, key).open()) {
        writer.createVault(SharedEtcd.VAULT);
        BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
        reader.watch(told::add);
        SharedEtcd.put(writer, "name", "value");
        assertThat(told.take()).containsExactly(SecretRef.of(SharedEtcd.VAULT, "name"));
        assertThat(SharedEtcd.read(reader, "name")).isEqualTo("value");
        assertThatThrownBy(() -> SharedEtcd.put(reader, "name", "another"))
            .isInstanceOf(SecretAccessDeniedException.class)
            .hasMessageContaining("grant its role")
            .hasMessageNotContaining("s3cret");
        assertThatThrownBy(reader::rotateDataKey).isInstanceOf(SecretAccessDeniedException.class);
        assertThatThrownBy(() -> EtcdSecretStore.builder(other, PREFIX, key).open())
            .isInstanceOf(SecretAccessDeniedException.class);
        assertThat(SharedEtcd.read(writer, "name")).isEqualTo("value");
      }
    }
  }
}
