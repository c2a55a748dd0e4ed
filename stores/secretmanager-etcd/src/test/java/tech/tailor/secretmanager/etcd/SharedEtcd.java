package tech.tailor.secretmanager.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * One etcd for the tests of a JVM, which ends with them; skips the tests where etcd is missing.
 * Each test takes a prefix of its own.
 */
final class SharedEtcd implements BeforeAllCallback {

  static final String VAULT = "default";

  /** Where a flush takes no time: etcd flushes each commit. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static volatile Running running;

  private record Running(Path directory, EtcdServer server, Client client, MasterKey key)
      implements AutoCloseable {

    static Running start() {
      try {
        Path directory = Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "secretmanager-etcd")
            : Files.createTempDirectory("secretmanager-etcd");
        EtcdServer server = EtcdServer.start(directory);
        return new Running(
            directory,
            server,
            SharedEtcd.client(server),
            MasterKey.createFile(directory.resolve("master.key")));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
      try (var files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    EtcdServer.require(context.getDisplayName());
    running = context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SharedEtcd.class))
        .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class);
  }

  static EtcdServer server() {
    return running.server;
  }

  /** A client of a server, which the caller closes. */
  static Client client(EtcdServer server) {
    return Client.builder().endpoints(server.url()).build();
  }

  static Client client() {
    return running.client;
  }

  static MasterKey key() {
    return running.key;
  }

  static Path directory() {
    return running.directory;
  }

  /** A prefix that no other test has. */
  static String newPrefix() {
    return "/test/" + UUID.randomUUID() + "/";
  }

  static EtcdSecretStore.Builder builder(String prefix) {
    return EtcdSecretStore.builder(client(), prefix, key());
  }

  /** A new store with one vault; returns its prefix. */
  static String newStore() {
    String prefix = newPrefix();
    try (EtcdSecretStore store = builder(prefix).createIfMissing().open()) {
      store.createVault(VAULT);
    }
    return prefix;
  }

  static SecretInfo put(SecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.put(VAULT, name, value);
    }
  }

  static String read(VersionedSecretStore store, String name) {
    try (SecretValue value = store.readVersion(
        VAULT, name, store.describeSecret(VAULT, name).orElseThrow().version())) {
      return value.revealString();
    }
  }

  /** What stands below a prefix, as an operator sees it. */
  static List<KeyValue> dump(String prefix) throws Exception {
    return kv().get(bytes(prefix), GetOption.builder().isPrefix(true).build())
        .get()
        .getKvs();
  }

  static byte[] get(String key) throws Exception {
    return kv().get(bytes(key)).get().getKvs().get(0).getValue().getBytes();
  }

  static void write(String key, byte[] value) throws Exception {
    kv().put(bytes(key), ByteSequence.from(value)).get();
  }

  static void delete(String key) throws Exception {
    kv().delete(bytes(key)).get();
  }

  /** Puts back what stood below a prefix once, and deletes what came since. */
  static void putBack(String prefix, List<KeyValue> dump) throws Exception {
    kv().delete(bytes(prefix), DeleteOption.builder().isPrefix(true).build()).get();
    for (KeyValue kept : dump) {
      kv().put(kept.getKey(), kept.getValue()).get();
    }
  }

  private static KV kv() {
    return client().getKVClient();
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
