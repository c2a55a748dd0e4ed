package tech.tailor.secretmanager.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.SecretStore;

/** Names key files without showing them, and says which of them opens the store. */
@Command(
    name = "fingerprint",
    description = "Shows the fingerprint of key files, and which of them opens the store.",
    footer = {
      "",
      "A file store names its key in secrets.json, as \"masterKey\", by the same fingerprint; verify shows",
      "that of its recovery key.",
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
        ConnectionOptions.isOfAKey(environment.getOrDefault(ConnectionOptions.URL, ""));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    Map<String, CliException> problems = new LinkedHashMap<>(); // by message: a store's is the same
    for (Path file : asked) {
      String fingerprint = null;
      String kind = null;
      Boolean opens = null;
      try {
        MasterKey key = MasterKey.fromFile(file);
        fingerprint = key.fingerprint().orElse("");
        kind = key.isRecoveryKey() ? "recovery" : "master";
        opens = hasStore ? opens(environment, file) : null;
      } catch (SecretManagerException
          | IllegalArgumentException
          | IllegalStateException e) { // the others count
        CliException problem = Failures.translate(e);
        problems.put(problem.text(), problem);
      }
      rows.add(Json.object(
          "keyFile", file.toString(), "fingerprint", fingerprint, "kind", kind, "opens", opens));
    }
    if (json || rows.stream().anyMatch(row -> row.get("fingerprint") != null)) {
      output().rows(rows);
    }
    problems.values().forEach(output()::fail);
    return problems.isEmpty() ? OK : FAILED;
  }

  /** Whether the store is of that key; null if it is of none. */
  private static @Nullable Boolean opens(Map<String, String> environment, Path file) {
    Map<String, String> withKey = new HashMap<>(environment);
    withKey.put(ConnectionOptions.KEY_FILE, file.toString());
    withKey.remove(ConnectionOptions.KEY);
    withKey.keySet().removeAll(ConnectionOptions.PREVIOUS_KEY);
    try (SecretStore store = SecretStores.open(withKey)) {
      return store instanceof EncryptedSecretStore ? true : null;
    } catch (SecretIntegrityException e) { // made with another key
      return false;
    }
  }
}
