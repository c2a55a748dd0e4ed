package tech.tailor.secretmanager.testing.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HexFormat;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.file.FileSecretStore;
import tech.tailor.secretmanager.client.file.MasterKey;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * The program whose heap is looked at: reads a secret, dumps its heap while the secret is cached
 * and again after all is closed. It gets the secret so that the arguments don't hold it: by
 * decrypting a file, or in two halves that give it when combined.
 */
final class HeapSubject {

  static final SecretRef REF = SecretRef.of("default", "subject");
  private static Object reachable = "nothing";

  private HeapSubject() {}

  public static void main(String[] args) throws Exception {
    String kind = args[0];
    Path directory = Path.of(args[1]);
    int reads = Integer.parseInt(args[2]);

    SecretManager manager = SecretManagers.open(backend(kind, directory, args));
    for (int i = 0; i < reads; i++) {
      try (SecretValue value = manager.requireSecret(REF)) {
        reachable = kind.equals("naive") ? value.revealString() : use(value);
      }
      reachable = kind.equals("naive") ? reachable : manager.withSecret(REF, HeapSubject::use);
    }
    dump(directory.resolve("held.hprof"));
    manager.close();
    dump(directory.resolve("closed.hprof"));
    System.out.println("done " + reachable.hashCode());
  }

  private static SecretBackend backend(String kind, Path directory, String[] args) {
    if (kind.equals("file")) {
      return FileSecretStore.open(
          directory.resolve("store"), MasterKey.fromFile(directory.resolve("key")));
    }
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault(REF.vault());
    byte[] secret = HexFormat.of().parseHex(args[3]);
    byte[] half = HexFormat.of().parseHex(args[4]);
    for (int i = 0; i < secret.length; i++) {
      secret[i] ^= half[i];
    }
    try (SecretValue value = SecretValue.adopt(secret, SecretMetadata.unversioned())) {
      store.createSecret(REF.vault(), REF.name(), value);
    }
    return store;
  }

  /** What an application does: something with all of the bytes. */
  private static Integer use(SecretValue value) {
    return value.<Integer, RuntimeException>withBytes(bytes -> {
      int sum = 0;
      for (byte b : bytes) {
        sum += b;
      }
      return sum;
    });
  }

  /** All of the heap, what is no longer reachable included. */
  private static void dump(Path file) throws IOException {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(file.toString(), false);
  }
}
