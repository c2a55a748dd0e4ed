package tech.tailor.secretmanager.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretStore;

/** Deletes a secret with all its versions. */
@Command(
    name = "delete",
    description = "Deletes a secret with all its versions.",
    footer = {"", "Example:", "  secretmanager delete -V default -n api-key --yes"})
final class SecretDeleteCommand extends ChangeCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  SecretDeleteCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    SecretRef ref = secret.ref();
    ManagedVaults managed = confirmed(store, ref.vault());
    confirmation.require(io(), "Deleting secret " + ref, ref.name());
    store.deleteSecret(ref.vault(), ref.name());
    managed.release();
    output()
        .done(
            "Secret: " + ref.name() + " deleted from vault: " + ref.vault(),
            changed("vaultName", ref.vault(), "name", ref.name()));
    return OK;
  }
}
