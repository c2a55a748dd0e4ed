package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
      "Nothing is deleted. A target with versions gets everything in one commit, or nothing;",
      "etcd, whose commits are small, gets one secret after the other.",
      "",
      "Examples:",
      "  secretmanager copy --to file:/backup/store --to-key-file /keys/backup.key",
      "  secretmanager copy --to tailor:"
    })
final class CopyCommand extends ChangeCommand {

  @Option(
      names = "--to",
      paramLabel = "URL",
      required = true,
      description = "The other store; tailor: is Tailor Platform.")
  String to = "";

  @Option(
      names = "--to-key-file",
      paramLabel = "FILE",
      description = "The key file of the other store, if that is encrypted here.")
  @Nullable
  String toKeyFile;

  @Option(names = "--dry-run", description = "Show what would be copied.")
  boolean dryRun;

  CopyCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore source) throws IOException {
    int total = 0;
    Set<String> vaults = new TreeSet<>();
    for (VaultInfo vault : source.listVaults()) {
      vaults.add(vault.name());
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
    try (SecretStore target = SecretStores.open(targetEnvironment())) {
      vaults.retainAll(target.listVaults().stream().map(VaultInfo::name).toList());
      ManagedVaults managed = confirmed(target, vaults);
      written = copy(source, target, total);
      managed.release();
    }
    output()
        .done(
            "Copied: " + Output.count(total, "secret") + ", " + written
                + " of them with a new value",
            Json.object("changed", written > 0, "secrets", total, "written", written));
    return OK;
  }

  /** Through memory where the target is changed in one commit, which must not wait for a source. */
  private int copy(SecretStore source, SecretStore target, int total) {
    if (!(target instanceof VersionedSecretStore versioned)
        || !ConnectionOptions.takesLargeCommits(to)) {
      return copy("copy", source, target, total);
    }
    int[] written = new int[1];
    try (InMemorySecretStore memory = InMemorySecretStore.create()) {
      copy("read", source, memory, total);
      versioned.inOneCommit(commit -> written[0] = copy("write", memory, commit, total));
    }
    return written[0];
  }

  private int copy(String task, SecretStore source, SecretStore target, int total) {
    try (Progress progress = new Progress(io(), task, total)) {
      return source.copyTo(receiving(target, progress));
    }
  }

  /**
   * The store, which says each put to the progress, and gets no label that would claim that a
   * deployment manages the copy.
   */
  private static SecretStore receiving(SecretStore store, Progress progress) {
    Class<?> type =
        store instanceof VersionedSecretStore ? VersionedSecretStore.class : SecretStore.class;
    return (SecretStore) Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          try {
            if (method.getName().equals("put")) {
              progress.step(1);
            } else if (method.getName().equals("setVaultLabels")) {
              store.setVaultLabels((String) arguments[0], withoutDeployment(arguments[1]));
              return null;
            }
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
          }
        });
  }

  private static Map<String, String> withoutDeployment(Object labels) {
    Map<String, String> copied = new TreeMap<>();
    ((Map<?, ?>) labels).forEach((key, value) -> copied.put(key.toString(), value.toString()));
    return ManagedVaults.withoutDeployment(copied);
  }

  private Map<String, String> targetEnvironment() {
    Map<String, String> environment = new HashMap<>(connection.environment(io()));
    environment.put(ConnectionOptions.URL, to);
    if (toKeyFile != null) {
      environment.put(ConnectionOptions.KEY_FILE, toKeyFile);
      environment.remove(ConnectionOptions.KEY);
      environment.keySet().removeAll(ConnectionOptions.PREVIOUS_KEY);
    }
    return environment;
  }
}
