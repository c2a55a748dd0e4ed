package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** Takes the recovery key of a file store away. */
@Command(
    name = "remove-recovery",
    description = "Takes the store's recovery key away: the store's own key alone opens it then.",
    footer = {
      "",
      "Copies of the store that were made before, the recovery key still opens. If it leaked, rotate",
      "the data key after this, and give the secrets new values.",
      "",
      "Refused with the recovery key in the place of the store's own key: rotate that one first",
      "(key rotate), since it may be lost.",
      "",
      "Example:",
      "  secretmanager key remove-recovery"
    })
final class KeyRemoveRecoveryCommand extends StoreCommand {

  KeyRemoveRecoveryCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    FileSecretStore file = KeyGroup.withRecoveryKey(store);
    boolean has = file.recoveryKeyFingerprint().isPresent();
    file.removeRecoveryKey();
    output()
        .done(
            has ? "Recovery key: removed" : "Recovery key: there was none; nothing was changed",
            Json.object("changed", has));
    return OK;
  }
}
