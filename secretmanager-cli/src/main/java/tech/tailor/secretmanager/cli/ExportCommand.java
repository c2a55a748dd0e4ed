package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** Writes the secrets of a vault for another program. */
@Command(
    name = "export",
    description = "Writes the secrets of a vault as another program reads them.",
    footer = {
      "",
      "dotenv  NAME=\"value\", which a POSIX shell (set -a; . FILE) and import read exactly",
      "docker  NAME=value lines, for docker run --env-file; refuses line ends",
      "json    {\"name\": \"value\"}",
      "k8s     a Secret of Kubernetes, in base64",
      "systemd a file for each secret in a directory, for LoadCredential",
      "",
      "dotenv and docker refuse names that change how programs are found or loaded, such as PATH or",
      "LD_PRELOAD.",
      "",
      "Examples:",
      "  secretmanager export -V default --format docker --output app.env",
      "  secretmanager export -V default --format k8s | kubectl apply -f -"
    })
final class ExportCommand extends StoreCommand {

  @Option(
      names = {"-V", "--vault-name"},
      paramLabel = "VAULT",
      required = true,
      description = "The vault.")
  String vault = "";

  @Option(
      names = "--format",
      paramLabel = "dotenv|docker|json|k8s|systemd",
      required = true,
      description = "The format.")
  ExportFormat format = ExportFormat.dotenv;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "A file for its owner alone; for systemd a directory. Default: standard output.")
  @Nullable
  Path target;

  @Option(
      names = "--allow",
      paramLabel = "VARIABLE",
      description = "Write a variable that changes how programs are found or loaded. Repeatable.")
  List<String> allowed = new ArrayList<>();

  @Option(names = "--reveal", description = "Show values on a terminal.")
  boolean reveal;

  @Option(names = "--dry-run", description = "Show the names that would be written, and no value.")
  boolean dryRun;

  ExportCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    SecretRef.requireVaultName(vault);
    List<String> names = store.listSecrets(vault).stream().map(SecretInfo::name).toList();
    Map<String, String> labels = format.names(names);
    if (format.hasVariables()) {
      requireHarmless(labels);
    }
    if (dryRun) {
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      labels.forEach((label, name) -> rows.add(Json.object("name", name, "as", label)));
      output().rows(rows);
      return OK;
    }
    if (target == null && format == ExportFormat.systemd) {
      throw CliException.usage(
          "systemd's format is a file for each secret; name their directory" + " with --output.");
    }
    if (target == null && io().terminal().isOutput() && !reveal) {
      throw CliException.usage(
          "That would show values on the terminal. Add --reveal if it is meant,"
              + " or write them to a file with --output.");
    }
    try (SecretValues values = SecretValues.read(store, vault, names)) {
      write(labels, values.byName());
    }
    return OK;
  }

  /** As {@code run} does: a reader of the file starts programs with these variables. */
  private void requireHarmless(Map<String, String> labels) {
    labels.forEach((variable, name) -> {
      if (LoaderVariables.contain(variable) && !allowed.contains(variable)) {
        throw CliException.usage("The secret " + SecretRef.of(vault, name)
            + " would be the variable " + variable + ", which changes how programs are found or"
            + " loaded; if that is meant, add --allow " + variable
            + ", otherwise use --format json,"
            + " k8s or systemd.");
      }
    });
  }

  private void write(Map<String, String> labels, Map<String, SecretValue> values)
      throws IOException {
    if (target != null && format == ExportFormat.systemd) {
      for (Map.Entry<String, SecretValue> each : values.entrySet()) {
        byte[] bytes = each.getValue().<byte[], RuntimeException>withBytes(byte[]::clone);
        PrivateFile.write(target.resolve(each.getKey()), bytes);
      }
    } else {
      byte[] text = format.text(vault, labels, values).getBytes(StandardCharsets.UTF_8);
      if (target == null) {
        io().out().write(text, 0, text.length);
        return;
      }
      PrivateFile.write(target, text);
    }
    output()
        .done(
            "Exported: " + Output.count(values.size(), "secret") + " to "
                + SecretSupport.quote(target),
            Json.object("exported", values.size()));
  }
}
