package tech.tailor.secretmanager.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * How do I read secrets from an encrypted store on disk? The example of Tailor's documentation. On
 * its first start it makes the key and the store where they are missing and registers two secrets;
 * then it reads them as a function on the platform does.
 *
 * <p>Arguments: the store's directory and the key file; by default both lie under
 * {@code target/first-read}.
 */
public final class FirstRead {

  private static final String VAULT = "default";
  private static final Map<String, String> EXAMPLE_SECRETS =
      Map.of("test-secret-1", "secret-value-1", "test-secret-2", "secret-value-2");

  private FirstRead() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args.length > 0 ? args[0] : "target/first-read/store");
    Path keyFile = Path.of(args.length > 1 ? args[1] : "target/first-read/master.key");
    MasterKey key = MasterKey.createFile(keyFile);

    try (SecretStore store = FileSecretStore.create(directory, key)) {
      register(store);
    }

    try (SecretManager secretManager = SecretManagers.open(FileSecretStore.open(directory, key))) {
      System.out.println("start");

      try (SecretBundle secrets =
          secretManager.getSecrets(VAULT, List.of("test-secret-1", "test-secret-2"))) {
        System.out.println(
            "getSecrets: " + new ObjectMapper().writeValueAsString(secrets.revealAll()));
      }

      try (SecretValue secret = secretManager.requireSecret(VAULT, "test-secret-1")) {
        System.out.println("getSecret with test-secret-1: " + secret.revealString());
      }
    }
  }

  /** What an operator does once, with values that come from somewhere safer than the source. */
  private static void register(SecretStore store) {
    if (store.describeVault(VAULT).isEmpty()) {
      store.createVault(VAULT);
    }
    EXAMPLE_SECRETS.forEach((name, text) -> {
      if (store.describeSecret(VAULT, name).isEmpty()) {
        try (SecretValue value = SecretValue.of(text)) {
          store.createSecret(VAULT, name, value);
        }
      }
    });
  }
}
