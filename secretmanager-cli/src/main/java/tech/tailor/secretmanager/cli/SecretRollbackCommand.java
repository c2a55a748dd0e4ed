package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Makes an earlier version the current one: its value is written as the next version. */
@Command(
    name = "rollback",
    description =
        "Makes an earlier version the current one: its value is written as the next version.",
    footer = {"", "Example:", "  secretmanager rollback default/api-key --version 2"})
final class SecretRollbackCommand extends VersionCommand {

  SecretRollbackCommand(Io io) {
    super(io);
  }

  @Override
  String change(VersionedSecretStore store, SecretRef ref) {
    store.rollBack(ref.vault(), ref.name(), version);
    return "is the current value again";
  }
}
