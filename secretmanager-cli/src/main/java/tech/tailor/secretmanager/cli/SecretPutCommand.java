package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretStore;

/** Creates a secret, or gives it a new value. */
@Command(
    name = "put",
    description = "Creates a secret, or gives it a new value if it exists.",
    footer = {
      "",
      "Examples:",
      "  secretmanager put default/api-key               asks for the value, and doesn't show it",
      "  pass show api-key | secretmanager put default/api-key",
      "  secretmanager put default/tls-key --file tls.key"
    })
final class SecretPutCommand extends WriteCommand {

  SecretPutCommand(Io io) {
    super(io);
  }

  @Override
  String write(SecretStore store, SecretRef ref, SecretValue value) {
    store.put(ref.vault(), ref.name(), value);
    return "put into";
  }
}
