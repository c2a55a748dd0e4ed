package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.store.SecretStore;

/** Puts a backup in the place of a file store's file. */
@Command(
    name = "restore",
    description = "Puts a backup in the place of a file store, after the key has opened it.",
    footer = {
      "",
      "Stop the processes that use the store first. What changed since the backup is lost.",
      "",
      "Example:",
      "  secretmanager restore /backup/secrets-2026-11-30.json"
    })
final class RestoreCommand extends CliCommand {

  @Mixin
  ConnectionOptions connection = new ConnectionOptions();

  @Mixin
  Confirmation confirmation = new Confirmation();

  @Parameters(index = "0", paramLabel = "FILE", description = "The backup.")
  Path backup = Path.of("");

  RestoreCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() throws IOException {
    Map<String, String> environment = connection.environment(io());
    Path file = StoreFile.at(environment.getOrDefault(ConnectionOptions.URL, ""));
    byte[] content = content();
    int vaults = requireOpens(content, environment);
    if (Files.exists(file)) {
      confirmation.require(io(), "Replacing the store " + SecretSupport.quote(file), "restore");
    }
    PrivateFile.writeForOwnerOfDirectory(file, content);
    output()
        .done(
            "Restored: " + Output.count(vaults, "vault") + " from " + SecretSupport.quote(backup),
            Json.object("changed", true, "vaults", vaults));
    return OK;
  }

  private byte[] content() {
    try {
      return Files.readAllBytes(backup);
    } catch (NoSuchFileException e) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "There is no backup " + SecretSupport.quote(backup) + ".",
          "Check the path.");
    } catch (IOException e) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "The backup " + SecretSupport.quote(backup) + " can't be read ("
              + e.getClass().getSimpleName() + ").",
          "Check that it is a file, its mode and its owner.");
    }
  }

  /** Opens the backup as a store of its own, with the key of the store that it is to become. */
  private int requireOpens(byte[] content, Map<String, String> environment) throws IOException {
    Path directory = Files.createTempDirectory("secretmanager", PrivateFile.ownerOnly("rwx------"));
    Path copy = StoreFile.at(StoreFile.SCHEME + directory);
    try {
      PrivateFile.write(copy, content);
      Map<String, String> ofCopy = new HashMap<>(environment);
      ofCopy.put(ConnectionOptions.URL, StoreFile.SCHEME + directory);
      try (SecretStore store = SecretStores.open(ofCopy)) {
        return store.listVaults().size();
      } catch (SecretIntegrityException | SecretStorageException e) { // which name the copy
        throw CliException.of(
            "RPC_DATA_LOSS",
            "The backup " + SecretSupport.quote(backup) + " is damaged, or another key's.",
            "Nothing was changed; find its key with: secretmanager key fingerprint");
      }
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(directory.resolve("lock"));
      Files.deleteIfExists(directory);
    }
  }
}
