package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Makes a version unreadable until it is enabled. */
@Command(
    name = "disable",
    description = "Makes a version unreadable until it is enabled.",
    footer = {"", "Example:", "  secretmanager disable default/api-key --version 2"})
final class SecretDisableCommand extends VersionCommand {

  SecretDisableCommand(Io io) {
    super(io);
  }

  @Override
  String change(VersionedSecretStore store, SecretRef ref) {
    store.disableVersion(ref.vault(), ref.name(), version);
    return "disabled";
  }
}
