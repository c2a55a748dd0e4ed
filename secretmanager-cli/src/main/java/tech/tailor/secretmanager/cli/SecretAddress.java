package tech.tailor.secretmanager.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretRef;

/** The secret that a command is about, as two options or as one argument. */
final class SecretAddress {

  @Option(
      names = {"-V", "--vault-name"},
      paramLabel = "VAULT",
      description = "The vault.")
  @Nullable
  String vault;

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "The secret's name in the vault.")
  @Nullable
  String name;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "VAULT/NAME",
      description = "The secret, in place of -V and -n.")
  @Nullable
  String address;

  SecretRef ref() {
    if (address != null) {
      if (vault != null || name != null) {
        throw CliException.usage("Name the secret once: with -V and -n, or as VAULT/NAME.");
      }
      return parse("VAULT/NAME", address);
    }
    if (vault == null || name == null) {
      throw CliException.usage("Name the secret: with --vault-name and --name, or as VAULT/NAME.");
    }
    SecretRef.requireVaultName(vault);
    if (!name.matches(SecretRef.NAME_GRAMMAR)) {
      throw withheld("--name");
    }
    return SecretRef.of(vault, name);
  }

  /** The secret that a word of the command line names. */
  static SecretRef parse(String where, String text) {
    try {
      return SecretRef.parse(text);
    } catch (IllegalArgumentException e) { // it quotes the text
      throw withheld(where);
    }
  }

  private static CliException withheld(String where) {
    return CliException.usage("What was given as " + where + " names no secret, and is not shown,"
        + " since it may be a value. A secret is VAULT/NAME; each has 3 to 63 lower-case letters,"
        + " digits and hyphens, with a letter or a digit at either end.");
  }
}
