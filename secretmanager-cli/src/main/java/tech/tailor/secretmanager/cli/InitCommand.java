package tech.tailor.secretmanager.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/** Makes the store and its key. */
@Command(
    name = "init",
    description = "Makes the store, and its key, where they are missing.",
    footer = {
      "",
      "Example:",
      "  export TAILOR_SECRETMANAGER_URL=file:$HOME/secrets"
          + " TAILOR_SECRETMANAGER_KEY_FILE=$HOME/master.key",
      "  secretmanager init"
    })
final class InitCommand extends CliCommand {

  @Mixin
  ConnectionOptions connection = new ConnectionOptions();

  InitCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    Map<String, String> environment = connection.environment(io());
    if (environment.getOrDefault(ConnectionOptions.URL, "").isEmpty()) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "There is no store to make: Tailor Platform needs no init.",
          "Name one with --store file:DIRECTORY --key-file FILE, or TAILOR_SECRETMANAGER_URL.");
    }
    try (SecretStore store = SecretStores.create(environment)) {
      output().done("Store: " + store + " is ready", Json.object("ready", true));
      String keyFile = environment.getOrDefault(ConnectionOptions.KEY_FILE, "");
      if (!keyFile.isEmpty() && !json) {
        output()
            .info("Keep a copy of the key file " + SecretSupport.quote(keyFile)
                + " apart from the store: without it nobody can open the store."
                + (store instanceof FileSecretStore
                    ? " Or make a second key for that day: secretmanager key add-recovery"
                    : ""));
      }
    }
    return OK;
  }
}
