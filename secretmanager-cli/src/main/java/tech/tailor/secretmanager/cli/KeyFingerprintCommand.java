package tech.tailor.secretmanager.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Names key files without showing them, and says which of them opens the store. */
@Command(
    name = "fingerprint",
    description = "Shows the fingerprint of key files, and which of them opens the store.",
    footer = {
      "",
      "A store names its key in secrets.json, as \"masterKey\", by the same fingerprint.",
      "",
      "Example:",
      "  secretmanager key fingerprint --store file:/var/lib/app/secrets /keys/*"
    })
final class KeyFingerprintCommand extends CliCommand {

  @Mixin
  ConnectionOptions connection = new ConnectionOptions();

  @Parameters(
      arity = "0..*",
      paramLabel = "KEYFILE",
      description = "Key files; by default that of TAILOR_SECRETMANAGER_KEY_FILE.")
  List<Path> files = new ArrayList<>();

  KeyFingerprintCommand(Io io) {
    super(io);
  }

  @Override
  public Integer call() {
    Map<String, String> environment = connection.environment(io());
    String configured = environment.getOrDefault(ConnectionOptions.KEY_FILE, "");
    List<Path> asked =
        files.isEmpty() && !configured.isEmpty() ? List.of(Path.of(configured)) : files;
    if (asked.isEmpty()) {
      throw CliException.usage("Name a key file, or set TAILOR_SECRETMANAGER_KEY_FILE.");
    }
    boolean hasStore =
        environment.getOrDefault(ConnectionOptions.URL, "").startsWith(StoreFile.SCHEME);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Path file : asked) {
      String fingerprint = MasterKey.fromFile(file).fingerprint().orElse("");
      Boolean opens = hasStore ? opens(environment, file) : null;
      rows.add(Json.object("keyFile", file.toString(), "fingerprint", fingerprint, "opens", opens));
    }
    output().rows(rows);
    return OK;
  }

  private static boolean opens(Map<String, String> environment, Path file) {
    Map<String, String> withKey = new HashMap<>(environment);
    withKey.put(ConnectionOptions.KEY_FILE, file.toString());
    withKey.remove(ConnectionOptions.KEY);
    try {
      SecretStores.open(withKey).close();
      return true;
    } catch (SecretIntegrityException e) { // made with another key
      return false;
    }
  }
}
