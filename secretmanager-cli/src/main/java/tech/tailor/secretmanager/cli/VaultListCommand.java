package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** Lists the vaults. */
@Command(
    name = "list",
    description = "Lists the vaults.",
    footer = {"", "Example:", "  secretmanager vault list --json"})
class VaultListCommand extends StoreCommand {

  @Mixin
  ListOptions options = new ListOptions();

  VaultListCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    options.check();
    output()
        .rows(options.apply(store.listVaults(), VaultInfo::createTime, VaultInfo::name).stream()
            .map(vault -> Json.object(
                "name",
                vault.name(),
                "createdAt",
                Json.time(vault.createTime()),
                "updatedAt",
                Json.time(vault.updateTime())))
            .toList());
    return OK;
  }
}
