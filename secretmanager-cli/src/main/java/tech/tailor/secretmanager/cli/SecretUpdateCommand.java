package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/** Gives a secret a new value. */
@Command(
    name = "update",
    description = "Gives a secret a new value.",
    footer = {"", "Example:", "  secretmanager update -V default -n api-key < api-key.txt"})
final class SecretUpdateCommand extends WriteCommand {

  SecretUpdateCommand(Io io) {
    super(io);
  }

  @Override
  String write(SecretStore store, SecretRef ref, SecretValue value) {
    store.updateSecret(ref.vault(), ref.name(), value);
    return "updated in";
  }
}
