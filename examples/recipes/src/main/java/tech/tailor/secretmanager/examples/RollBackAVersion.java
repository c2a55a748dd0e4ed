package tech.tailor.secretmanager.examples;

import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * How do I take a bad value back? Each update made a version: look at them, roll back to a good
 * one, and disable the bad one so that nobody takes it for good again.
 */
public final class RollBackAVersion {

  private RollBackAVersion() {}

  public static void main(String[] args) {
    try (VersionedSecretStore store =
        InMemorySecretStore.create()) { // a FileSecretStore does it, too
      fill(store);
      long bad = store.describeSecret("default", "db-password").orElseThrow().version();
      store.inOneCommit(changes -> {
        changes.rollBack("default", "db-password", bad - 1);
        changes.disableVersion("default", "db-password", bad);
        changes.setDescription("default", "db-password", "rolled back from version " + bad);
      });

      for (SecretVersionInfo version : store.listVersions("default", "db-password")) {
        System.out.println("version " + version.version() + " " + version.state());
      }
      System.out.println(store.description("default", "db-password"));
    }
  }

  private static void fill(VersionedSecretStore store) {
    store.createVault("default");
    try (SecretValue good = SecretValue.of("correct horse");
        SecretValue bad = SecretValue.of("corect horse")) {
      store.createSecret("default", "db-password", good);
      store.updateSecret("default", "db-password", bad, 1); // only if nobody was faster
    }
  }
}
