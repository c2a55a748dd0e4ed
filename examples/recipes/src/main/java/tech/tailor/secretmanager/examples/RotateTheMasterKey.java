package tech.tailor.secretmanager.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;

/**
 * How do I give a store another key? Rotate it while the store is in use: every process that may
 * open the store meanwhile knows both keys. Then rotate the data key, since a holder of the old
 * master key may have read it. Also shows an anchor, which notices a store that is put back from an
 * old copy.
 */
public final class RotateTheMasterKey {

  private RotateTheMasterKey() {}

  public static void main(String[] args) throws IOException {
    Path directory = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("rotate-key");
    Path store = directory.resolve("store");
    MasterKey old = MasterKey.createFile(directory.resolve("old.key"));
    MasterKey next = MasterKey.createFile(directory.resolve("next.key"));
    FileAnchor anchor = FileAnchor.create(directory.resolve("elsewhere").resolve("anchor"));

    try (FileSecretStore opened =
            FileSecretStore.builder(store, old).anchor(anchor).create();
        SecretValue value = SecretValue.of("correct horse")) {
      opened.createVault("default");
      opened.createSecret("default", "db-password", value);
      opened.rotateMasterKey(next);
      opened.rotateDataKey();
    }

    try (FileSecretStore opened =
            FileSecretStore.builder(store, next).previousKey(old).anchor(anchor).open();
        SecretValue password = opened.readVersion("default", "db-password", 1)) {
      System.out.println("db-password: " + password.revealString());
    }
    anchor.read().ifPresent(mark -> System.out.println("generation " + mark.generation()));
  }
}
