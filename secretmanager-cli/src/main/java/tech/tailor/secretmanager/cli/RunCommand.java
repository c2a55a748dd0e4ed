package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** Runs a program with secrets in its environment. */
@Command(
    name = "run",
    description = "Runs a program with secrets in its environment, and ends with its exit code.",
    footer = {
      "",
      "Where standard output or error is no terminal, secrets in it are masked. They are masked as",
      "they are, not in base64 or in other forms. Signals go to the program. Exit code 127: there",
      "is no such program; 126: it can't be run; 128+N: it was ended by signal N.",
      "",
      "--vault refuses names that change how programs are found or loaded, such as PATH or LD_PRELOAD.",
      "",
      "Examples:",
      "  secretmanager run --env API_KEY=default/api-key -- ./server --port 8080",
      "  secretmanager run --vault default -- sh -c 'echo \"$API_KEY\" | wc -c'"
    })
final class RunCommand extends CliCommand {

  /** When output is masked. */
  enum Mask {
    always,
    auto,
    never
  }

  @Mixin
  ConnectionOptions connection = new ConnectionOptions();

  @Option(
      names = "--env",
      paramLabel = "NAME=VAULT/SECRET",
      description = "A variable, and the secret that it holds. Repeatable.")
  List<String> variables = new ArrayList<>();

  @Option(
      names = {"-V", "--vault", "--vault-name"},
      paramLabel = "VAULT",
      description = "All secrets of a vault, as variables in upper case with _ for -. Repeatable.")
  List<String> vaults = new ArrayList<>();

  @Option(
      names = "--mask",
      paramLabel = "always|auto|never",
      description = "Mask secrets in the output. Default: auto, where it is no terminal.")
  Mask mask = Mask.auto;

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The program, and its arguments.")
  List<String> command = new ArrayList<>();

  RunCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    command.forEach(Arguments::requireExact);
    Map<String, SecretRef> wanted = explicit();
    List<SecretInEnvironment> secrets = new ArrayList<>();
    try {
      // The store is closed before the program begins: it must not inherit anything of it.
      try (SecretStore store = connection.open(io())) {
        addVaults(store, wanted);
        read(store, wanted, secrets);
      }
      return new ProgramRun(io(), command, secrets, mask).run();
    } finally {
      secrets.forEach(SecretInEnvironment::close);
    }
  }

  private Map<String, SecretRef> explicit() {
    if (variables.isEmpty() && vaults.isEmpty()) {
      throw CliException.usage(
          "Name the secrets to run with: --env NAME=VAULT/SECRET, or --vault VAULT.");
    }
    Map<String, SecretRef> wanted = new LinkedHashMap<>();
    for (String variable : variables) {
      int equals = variable.indexOf('=');
      String name = equals < 0 ? "" : variable.substring(0, equals);
      if (!DotEnv.NAME.matcher(name).matches()) {
        throw CliException.usage("--env must be NAME=VAULT/SECRET, with a name of letters, digits"
            + " and underscores.");
      }
      SecretRef ref = SecretAddress.parse("--env", variable.substring(equals + 1));
      if (wanted.put(name, ref) != null) {
        throw CliException.usage("The variable " + name + " is given twice (--env).");
      }
    }
    return wanted;
  }

  private void addVaults(SecretStore store, Map<String, SecretRef> wanted) {
    for (String vault : vaults) {
      SecretRef.requireVaultName(vault);
      List<String> names =
          store.listSecrets(vault).stream().map(SecretInfo::name).toList();
      EnvironmentNames.variables(names).forEach((variable, name) -> {
        SecretRef ref = SecretRef.of(vault, name);
        if (LoaderVariables.contain(variable) && !wanted.containsKey(variable)) {
          throw CliException.usage("The secret " + ref + " would be the variable " + variable
              + ", which changes how programs are found or loaded; if that is meant, add --env "
              + variable + "=" + ref + ", otherwise name each secret with --env.");
        }
        SecretRef other = wanted.putIfAbsent(variable, ref);
        if (other != null && !variables.contains(variable + "=" + other)) {
          throw CliException.usage("The secrets " + other + " and " + ref
              + " would both be the variable " + variable + "; name them yourself with --env.");
        }
      });
    }
  }

  /** Reads each vault by itself. */
  private static void read(
      SecretStore store, Map<String, SecretRef> wanted, List<SecretInEnvironment> secrets) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    wanted
        .values()
        .forEach(ref ->
            names.computeIfAbsent(ref.vault(), vault -> new ArrayList<>()).add(ref.name()));
    names.forEach((vault, ofVault) -> {
      try (SecretValues values = SecretValues.read(store, vault, ofVault)) {
        wanted.forEach((variable, ref) -> {
          SecretValue value = values.byName().get(ref.name());
          if (ref.vault().equals(vault) && value != null) {
            secrets.add(new SecretInEnvironment(variable, ref, value));
          }
        });
      }
    });
  }
}
