package tech.tailor.secretmanager.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/** Copies one store to another. */
@Command(
    name = "copy",
    description = "Copies every vault and secret to another store: current values, labels and"
        + " descriptions.",
    footer = {
      "",
      "A secret that has its value already is left, so a copy that was interrupted is repeated.",
      "Nothing is deleted. A target with versions gets everything in one commit, or nothing.",
      "",
      "Examples:",
      "  secretmanager copy --to file:/backup/store --to-key-file /keys/backup.key",
      "  secretmanager copy --to tailor:"
    })
final class CopyCommand extends StoreCommand {

  @Option(
      names = "--to",
      paramLabel = "URL",
      required = true,
      description = "The other store; tailor: is Tailor Platform.")
  String to = "";

  @Option(
      names = "--to-key-file",
      paramLabel = "FILE",
      description = "The key file of the other store, if that is a file store.")
  @Nullable
  String toKeyFile;

  @Option(names = "--dry-run", description = "Show what would be copied.")
  boolean dryRun;

  CopyCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore source) {
    int total = 0;
    for (VaultInfo vault : source.listVaults()) {
      total += source.listSecrets(vault.name()).size();
    }
    if (dryRun) {
      output().info("Would copy " + Output.count(total, "secret") + "; nothing was changed");
      if (json) {
        output().json(Json.object("changed", false, "secrets", total));
      }
      return OK;
    }
    int written;
    try (SecretStore target = SecretStores.open(targetEnvironment());
        Progress progress = new Progress(io(), "copy", total)) {
      written = copy(source, target, progress);
    }
    output()
        .done(
            "Copied: " + Output.count(total, "secret") + ", " + written
                + " of them with a new value",
            Json.object("changed", written > 0, "secrets", total, "written", written));
    return OK;
  }

  /** Through memory: a commit must not wait for a slow source. */
  private static int copy(SecretStore source, SecretStore target, Progress progress) {
    if (!(target instanceof VersionedSecretStore versioned)) {
      return source.copyTo(counting(target, progress));
    }
    int[] written = new int[1];
    try (InMemorySecretStore memory = InMemorySecretStore.create()) {
      source.copyTo(counting(memory, progress));
      versioned.inOneCommit(commit -> written[0] = memory.copyTo(commit));
    }
    return written[0];
  }

  /** The store, which says each put to the progress. */
  private static SecretStore counting(SecretStore store, Progress progress) {
    Class<?> type =
        store instanceof VersionedSecretStore ? VersionedSecretStore.class : SecretStore.class;
    return (SecretStore) Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          try {
            if (method.getName().equals("put")) {
              progress.step(1);
            }
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
          }
        });
  }

  private Map<String, String> targetEnvironment() {
    Map<String, String> environment = new HashMap<>(connection.environment(io()));
    environment.put(ConnectionOptions.URL, to);
    if (toKeyFile != null) {
      environment.put(ConnectionOptions.KEY_FILE, toKeyFile);
      environment.remove(ConnectionOptions.KEY);
    }
    return environment;
  }
}
