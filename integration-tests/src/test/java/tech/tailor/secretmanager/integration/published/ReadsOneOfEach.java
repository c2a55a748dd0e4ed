package tech.tailor.secretmanager.integration.published;

import java.nio.file.Path;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * An application: it reads one secret from memory, one from an encrypted file, and one over HTTP in
 * each of the two ways, and prints them. It runs on class paths that have nothing of the tests'.
 */
final class ReadsOneOfEach {

  static final String VAULT = "default";
  static final String NAME = "api-key";

  private ReadsOneOfEach() {}

  /**
   * Arguments: an empty directory, the server's endpoint, the workspace, the token. Secrets of a
   * test may be arguments and may be printed.
   */
  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    InMemorySecretStore memory = InMemorySecretStore.create();
    put(memory, "from memory");
    read(memory);
    Path key = directory.resolve("key");
    Path file = directory.resolve("store");
    try (FileSecretStore store = FileSecretStore.create(file, MasterKey.createFile(key))) {
      put(store, "from a file");
    }
    read(FileSecretStore.open(file, MasterKey.fromFile(key)));
    for (ReadMode readMode : ReadMode.values()) {
      read(HttpSecretStore.builder()
          .endpoint(args[1])
          .workspaceId(args[2])
          .accessToken(AccessTokenSource.of(args[3]))
          .readMode(readMode)
          .build());
    }
  }

  private static void put(SecretStore store, String text) {
    store.createVault(VAULT);
    try (SecretValue value = SecretValue.of(text)) {
      store.createSecret(VAULT, NAME, value);
    }
  }

  private static void read(SecretStore store) {
    try (SecretManager secrets = SecretManagers.open(store);
        SecretValue value = secrets.requireSecret(VAULT, NAME)) {
      System.out.println(value.revealString());
    }
  }
}
