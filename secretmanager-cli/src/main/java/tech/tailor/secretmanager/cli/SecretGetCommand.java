package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/** Prints a value, if that is asked for explicitly. */
@Command(
    name = "get",
    description = "Prints the value of a secret, with --reveal alone.",
    footer = {
      "",
      "A program gets a secret without a terminal or a file in between by: secretmanager run",
      "",
      "Example:",
      "  secretmanager get default/tls-key --reveal > tls.key"
    })
final class SecretGetCommand extends StoreCommand {

  @Mixin
  SecretAddress secret = new SecretAddress();

  @Option(names = "--reveal", description = "Print the value: as it is, byte for byte.")
  boolean reveal;

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "An earlier version; by default the current one.")
  long version;

  SecretGetCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) {
    SecretRef ref = secret.ref();
    if (!reveal) {
      throw CliException.usage("A value is shown with --reveal alone. Add it if that is meant, or"
          + " hand the value to a program: secretmanager run --env NAME=" + ref + " -- COMMAND");
    }
    try (SecretValue value = version == 0
        ? store.readSecret(ref.vault(), ref.name())
        : versioned(store).readVersion(ref.vault(), ref.name(), version)) {
      if (json) {
        String text = value.<String, RuntimeException>withChars(String::new);
        output().json(Json.object("name", ref.name(), "version", value.version(), "value", text));
      } else {
        value.<Boolean, RuntimeException>withBytes(bytes -> {
          io().out().write(bytes, 0, bytes.length);
          return true;
        });
        if (io().terminal().isOutput()) {
          io().out().println();
        }
      }
    }
    return OK;
  }
}
