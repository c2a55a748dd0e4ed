package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SharedSecretStore;

/** Gives an encrypted store new keys. */
@Command(
    name = "rotate",
    description = "Gives an encrypted store another master key, another data key, or both.",
    footer = {
      "",
      "The new key file is made if it is missing. After the rotation it alone opens the store:",
      "point TAILOR_SECRETMANAGER_KEY_FILE to it, in every process that shares the store. Those",
      "that have it open go on, but for a new data key they need the new master key first. One",
      "that starts with the old key in TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE opens the store",
      "before and after.",
      "",
      "Examples:",
      "  secretmanager key rotate --new-key-file /keys/next.key",
      "  secretmanager key rotate --data-key"
    })
final class KeyRotateCommand extends StoreCommand {

  @Option(
      names = "--new-key-file",
      paramLabel = "FILE",
      description = "The file of the next master key.")
  @Nullable
  Path next;

  @Option(names = "--data-key", description = "Encrypt every value again, with another data key.")
  boolean dataKey;

  KeyRotateCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (next == null && !dataKey) {
      throw CliException.usage("Say what to rotate: --new-key-file FILE, --data-key, or both.");
    }
    return super.call();
  }

  @Override
  int run(SecretStore store) {
    if (!(store instanceof EncryptedSecretStore encrypted)) {
      throw CliException.of(
          "UNSUPPORTED",
          "That is for a store that is encrypted here, in a file or a shared database.",
          "Name one with --store and --key-file.");
    }
    if (next != null && dataKey && store instanceof SharedSecretStore) {
      throw CliException.usage("Rotate the two keys of a shared store one after the other: first"
          + " --new-key-file, then start every process with that file, then --data-key. A process"
          + " that has the old master key alone can't open the new data key.");
    }
    if (next != null) {
      MasterKey key = MasterKey.createFile(next);
      rotate("master key", () -> encrypted.rotateMasterKey(key));
      // Also where the rest fails, and before it.
      done("Key: the store is now opened by " + SecretSupport.quote(next));
    }
    if (dataKey) {
      rotate("data key", encrypted::rotateDataKey);
      done("Key: every value has a new data key");
    }
    if (json) {
      output()
          .json(Json.object(
              "changed",
              true,
              "keyFile",
              next == null ? null : next.toString(),
              "dataKey",
              dataKey));
    }
    return OK;
  }

  private void rotate(String key, Runnable rotation) {
    Waiting.during(io(), "rotate the " + key, () -> {
      rotation.run();
      return true;
    });
  }

  /** On standard error: with JSON, standard output gets one document for all. */
  private void done(String message) {
    new Output(io(), false).done(message, Map.of());
  }
}
