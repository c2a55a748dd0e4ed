package tech.tailor.secretmanager.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** The commands for the keys of an encrypted store; by itself it prints its help. */
@Command(
    name = "key",
    description = "Manages the keys of an encrypted store.",
    footer = {"", "Example:", "  secretmanager key rotate --new-key-file /keys/next.key"})
final class KeyGroup extends CliCommand {

  @Spec
  CommandSpec spec = CommandSpec.create();

  KeyGroup(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(io().out());
    return OK;
  }

  /** The store as one that can have a recovery key. */
  static FileSecretStore withRecoveryKey(SecretStore store) {
    if (store instanceof FileSecretStore file) {
      return file;
    }
    throw CliException.of(
        "UNSUPPORTED",
        "Not yet: only a store in a file can have a recovery key, not " + store + ".",
        "Keep copies of its key, if it has one, apart from it.");
  }
}
