package tech.tailor.secretmanager.cli;

import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretStore;

/** Lists the versions of a secret. */
@Command(
    name = "versions",
    description = "Lists the versions of a secret that are kept, without their values.",
    footer = {"", "Example:", "  secretmanager versions default/api-key"})
final class SecretVersionsCommand extends StoreCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  SecretVersionsCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    SecretRef ref = secret.ref();
    output()
        .rows(versioned(store).listVersions(ref.vault(), ref.name()).stream()
            .map(version -> Json.object(
                "version",
                version.version(),
                "state",
                version.state().name().toLowerCase(Locale.ROOT),
                "createdAt",
                Json.time(version.createTime())))
            .toList());
    return OK;
  }
}
