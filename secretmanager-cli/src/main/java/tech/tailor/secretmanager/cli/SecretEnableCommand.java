package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Makes a disabled version readable again. */
@Command(
    name = "enable",
    description = "Makes a disabled version readable again.",
    footer = {"", "Example:", "  secretmanager enable default/api-key --version 2"})
final class SecretEnableCommand extends VersionCommand {

  SecretEnableCommand(Io io) {
    super(io);
  }

  @Override
  String change(VersionedSecretStore store, SecretRef ref) {
    store.enableVersion(ref.vault(), ref.name(), version);
    return "enabled";
  }
}
