package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** Gives a file store a second key, for the day on which its master key is lost. */
@Command(
    name = "add-recovery",
    description = "Makes a recovery key: a second key that opens the store if its key is lost.",
    footer = {
      "",
      "Move the file away from the store and its machine. Rotations of the store's keys don't need",
      "it. To recover, give it as the store's key, and rotate to a new one. Make one for each store.",
      "",
      "Examples:",
      "  secretmanager key add-recovery /media/usb/recovery.key",
      "  secretmanager key rotate --key-file /media/usb/recovery.key --new-key-file /keys/next.key"
    })
final class KeyAddRecoveryCommand extends StoreCommand {

  @Parameters(index = "0", paramLabel = "FILE", description = "The key, which must not exist.")
  Path target = Path.of("");

  @Option(
      names = "--replace",
      description = "In place of the recovery key that the store has, which then opens it no more.")
  boolean replace;

  KeyAddRecoveryCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    FileSecretStore file = KeyGroup.withRecoveryKey(store);
    file.recoveryKeyFingerprint().filter(present -> !replace).ifPresent(present -> {
      throw CliException.usage("The store has a recovery key, with the fingerprint " + present
          + "; add --replace to have another in its place.");
    });
    MasterKey key = MasterKey.createRecoveryFile(target);
    try {
      file.addRecoveryKey(key);
    } catch (SecretOutcomeUnknownException e) { // the store may have it
      throw e;
    } catch (RuntimeException e) {
      Files.deleteIfExists(target);
      throw e;
    }
    output()
        .done(
            "Recovery key: " + SecretSupport.quote(target) + " opens the store too",
            Json.object(
                "changed",
                true,
                "keyFile",
                target.toString(),
                "fingerprint",
                key.fingerprint().orElse("")));
    if (!json) {
      output().info("Move it away from the store and its machine: it opens the store by itself.");
    }
    return OK;
  }
}
