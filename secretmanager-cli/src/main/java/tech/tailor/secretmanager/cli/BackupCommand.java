package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.store.SecretStore;

/** Copies a file store's file, which is whole at any time. */
@Command(
    name = "backup",
    description = "Backs a file store up into one file, encrypted as it is, with every version.",
    footer = {
      "",
      "Keep the key apart from the backup.",
      "",
      "Example:",
      "  secretmanager backup /backup/secrets-$(date +%%F).json"
    })
final class BackupCommand extends StoreCommand {

  @Parameters(index = "0", paramLabel = "FILE", description = "The backup, which must not exist.")
  Path target = Path.of("");

  BackupCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws IOException {
    StoreFile.require(store);
    if (Files.exists(target)) {
      throw CliException.usage("There is a file " + SecretSupport.quote(target)
          + " already; a backup takes the place of none. Choose another name.");
    }
    Path file = StoreFile.at(connection.environment(io()).getOrDefault(ConnectionOptions.URL, ""));
    PrivateFile.write(target, Files.readAllBytes(file));
    output()
        .done(
            "Backup: " + SecretSupport.quote(target) + " written",
            Json.object("file", target.toString()));
    return OK;
  }
}
