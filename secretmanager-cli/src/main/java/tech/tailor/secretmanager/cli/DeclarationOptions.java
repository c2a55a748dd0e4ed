package tech.tailor.secretmanager.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.store.SecretStore;

/** A declaration file, and how it is applied: what {@code plan} and {@code apply} share. */
final class DeclarationOptions {

  /** Owns what is applied where nobody else is named. */
  private static final String DEFAULT_OWNER = "declaration";

  @Parameters(index = "0", paramLabel = "FILE", description = "The declaration, JSON or YAML.")
  Path file = Path.of("");

  @Option(
      names = "--owner",
      paramLabel = "NAME",
      description =
          "Who owns the declared vaults; by default what the file says, or \"declaration\".")
  @Nullable
  String owner;

  @Option(
      names = "--prune",
      description = "Delete what this owner applied once and no longer declares.")
  boolean prune;

  @Option(
      names = "--take-over",
      paramLabel = "VAULT",
      description = "Own a vault that somebody else owns. Repeatable.")
  List<String> takeOver = new ArrayList<>();

  @Option(names = "--skip-empty", description = "Leave secrets whose source yields nothing.")
  boolean skipEmpty;

  /** What would be done with the store. */
  SecretPlan plan(SecretStore store, ConnectionOptions connection, Io io) {
    DeclarationFile declaration = DeclarationFile.read(file, connection.variables(io));
    String named = owner == null ? declaration.owner().orElse(null) : owner;
    if (prune && named == null) {
      throw CliException.usage("--prune deletes what one owner no longer declares: name the owner,"
          + " with --owner or in the file.");
    }
    SecretPlan.Builder builder = SecretPlan.builder(store, named == null ? DEFAULT_OWNER : named)
        .declare(declaration.definitions())
        .takeOver(takeOver.toArray(String[]::new));
    if (prune) {
      builder.prune();
    }
    if (skipEmpty) {
      builder.skipEmptyValues();
    }
    return builder.plan();
  }
}
