package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** Lists the secrets of a vault, without values. */
@Command(
    name = "list",
    description = "Lists the secrets of a vault, without their values.",
    footer = {"", "Example:", "  secretmanager list -V default --json"})
final class SecretListCommand extends StoreCommand {

  @Option(
      names = {"-V", "--vault-name"},
      paramLabel = "VAULT",
      required = true,
      description = "The vault.")
  String vault = "";

  @Mixin
  ListOptions options = new ListOptions();

  SecretListCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    SecretRef.requireVaultName(vault);
    options.check();
    output()
        .rows(
            options
                .apply(store.listSecrets(vault), SecretInfo::createTime, SecretInfo::name)
                .stream()
                .map(secret -> Json.object(
                    "name",
                    secret.name(),
                    "createdAt",
                    Json.time(secret.createTime()),
                    "updatedAt",
                    Json.time(secret.updateTime())))
                .toList());
    return OK;
  }
}
