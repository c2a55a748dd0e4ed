package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.store.SecretStore;

/** A command that changes what is in vaults: the one place that asks for those of a deployment. */
abstract class ChangeCommand extends StoreCommand {

  @Mixin
  Confirmation confirmation = new Confirmation();

  ChangeCommand(Io io) {
    super(io);
  }

  /**
   * Asks, if a deployment manages the vault. To be called before anything is written; after the
   * change, {@link ManagedVaults#release}.
   *
   * @throws CliException if nobody can answer, or the answer is another one
   */
  final ManagedVaults confirmed(SecretStore store, String vault) throws IOException {
    return confirmed(store, List.of(vault));
  }

  /** The same for several vaults, which must exist. */
  final ManagedVaults confirmed(SecretStore store, Collection<String> vaults) throws IOException {
    ManagedVaults managed = new ManagedVaults(store, vaults);
    managed.warn(output());
    managed.confirm(confirmation, io());
    return managed;
  }
}
