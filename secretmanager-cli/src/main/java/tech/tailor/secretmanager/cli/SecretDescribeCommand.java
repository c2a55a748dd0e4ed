package tech.tailor.secretmanager.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.store.SecretDetails;
import tech.tailor.secretmanager.store.SecretStore;

/** Shows what is known of a secret but its value. */
@Command(
    name = "describe",
    description = "Shows everything of a secret but its value.",
    footer = {"", "Example:", "  secretmanager describe default/api-key"})
final class SecretDescribeCommand extends StoreCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  SecretDescribeCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    SecretRef ref = secret.ref();
    SecretDetails details =
        store.describeSecrets(ref.vault(), List.of(ref.name())).get(ref.name());
    if (details == null) {
      throw SecretNotFoundException.of(ref, SecretNotFoundException.Missing.SECRET);
    }
    Map<String, @Nullable Object> row = Json.object(
        "name",
        ref.name(),
        "createdAt",
        Json.time(details.info().createTime()),
        "updatedAt",
        Json.time(details.info().updateTime()),
        "version",
        details.info().version(),
        "description",
        details.description(),
        "labels",
        details.labels());
    if (json) {
      output().json(row);
    } else {
      row.put("labels", LabelsText.of(details.labels()));
      output().rows(List.of(row));
    }
    return OK;
  }
}
