package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/** Creates a secret. */
@Command(
    name = "create",
    description = "Creates a secret.",
    footer = {"", "Example:", "  secretmanager create -V default -n api-key < api-key.txt"})
final class SecretCreateCommand extends WriteCommand {

  SecretCreateCommand(Io io) {
    super(io);
  }

  @Override
  String write(SecretStore store, SecretRef ref, SecretValue value) {
    try {
      store.createSecret(ref.vault(), ref.name(), value);
      return "created in";
    } catch (SecretAlreadyExistsException e) {
      throw CliException.of(
          "RPC_ALREADY_EXISTS",
          "Secret \"" + ref.name() + "\" already exists in vault \"" + ref.vault() + "\".",
          "Change it with: secretmanager update " + ref);
    }
  }
}
