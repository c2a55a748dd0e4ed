package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.store.SecretStore;

/** Deletes an empty vault. */
@Command(
    name = "delete",
    description = "Deletes an empty vault.",
    footer = {"", "Example:", "  secretmanager vault delete default --yes"})
final class VaultDeleteCommand extends ChangeCommand {

  @Mixin
  VaultName vault = new VaultName();

  VaultDeleteCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    String name = vault.name();
    new ManagedVaults(store, List.of(name)).warn(output());
    confirmation.require(io(), "Deleting vault \"" + name + "\"", name);
    try {
      store.deleteVault(name);
    } catch (SecretPreconditionException e) {
      throw CliException.of(
          "RPC_FAILED_PRECONDITION",
          "Vault \"" + name + "\" still holds secrets.",
          "Delete them first: secretmanager list -V " + name);
    }
    output().done("Vault: " + name + " deleted", changed("name", name));
    return OK;
  }
}
