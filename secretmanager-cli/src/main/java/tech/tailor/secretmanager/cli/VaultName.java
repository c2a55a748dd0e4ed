package tech.tailor.secretmanager.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretRef;

/** The vault that a command is about. */
final class VaultName {

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The vault.")
  @Nullable
  String argument;

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "The same as an option.")
  @Nullable
  String option;

  String name() {
    if ((argument == null) == (option == null)) {
      throw CliException.usage("Name the vault, once.");
    }
    return SecretRef.requireVaultName(argument == null ? String.valueOf(option) : argument);
  }
}
