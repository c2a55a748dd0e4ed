package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.store.SecretStore;

/** Creates a vault. */
@Command(
    name = "create",
    description = "Creates a vault.",
    footer = {"", "Example:", "  secretmanager vault create default"})
final class VaultCreateCommand extends StoreCommand {

  @Mixin
  VaultName vault = new VaultName();

  VaultCreateCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    String name = vault.name();
    try {
      store.createVault(name);
    } catch (SecretAlreadyExistsException e) {
      throw CliException.of(
          "RPC_ALREADY_EXISTS",
          "Vault \"" + name + "\" already exists.",
          "Use it, or choose another name.");
    }
    output().done("Vault: " + name + " created", changed("name", name));
    return OK;
  }
}
