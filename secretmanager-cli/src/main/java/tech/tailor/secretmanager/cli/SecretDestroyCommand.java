package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Destroys the value of a version for ever. */
@Command(
    name = "destroy",
    description = "Destroys the value of a version for ever.",
    footer = {"", "Example:", "  secretmanager destroy default/api-key --version 2"})
final class SecretDestroyCommand extends VersionCommand {

  SecretDestroyCommand(Io io) {
    super(io);
  }

  @Override
  String change(VersionedSecretStore store, SecretRef ref) throws IOException {
    confirmation.require(io(), "Destroying version " + version + " of secret " + ref, ref.name());
    store.destroyVersion(ref.vault(), ref.name(), version);
    return "destroyed";
  }
}
