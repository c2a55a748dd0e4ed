package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.store.AuditedSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** Lists the changes of a store, from its trail. */
@Command(
    name = "history",
    description = "Lists the changes of a shared store: who changed what, and when.",
    footer = {
      "",
      "The newest change comes first. An actor is what the changing process called itself.",
      "",
      "Examples:",
      "  secretmanager history --limit 20",
      "  secretmanager history --before 1200 --json"
    })
final class HistoryCommand extends StoreCommand {

  @Option(
      names = {"-l", "--limit"},
      paramLabel = "N",
      description =
          "How many changes at most, up to " + AuditedSecretStore.MAX_HISTORY + ". Default: 50.")
  int limit = 50;

  @Option(
      names = "--before",
      paramLabel = "COMMIT",
      description = "Only changes of commits before this one.")
  long before = Long.MAX_VALUE;

  HistoryCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    if (limit < 1 || limit > AuditedSecretStore.MAX_HISTORY) {
      throw CliException.usage(
          "The limit (--limit) must be from 1 to " + AuditedSecretStore.MAX_HISTORY + ".");
    }
    output()
        .rows(audited(store).history(before, limit).stream()
            .map(change -> Json.object(
                "commit",
                change.generation(),
                "time",
                change.time(),
                "actor",
                change.actor().isEmpty() ? null : change.actor(),
                "what",
                change.what(),
                "vault",
                change.vault().orElse(null),
                "name",
                change.name().orElse(null),
                "version",
                change.version().isPresent() ? change.version().getAsLong() : null))
            .toList());
    return OK;
  }
}
