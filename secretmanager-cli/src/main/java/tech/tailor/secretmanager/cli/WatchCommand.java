package tech.tailor.secretmanager.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** Prints changes as they happen. */
@Command(
    name = "watch",
    description = "Prints a line of JSON for each secret that is created, changed or deleted.",
    footer = {
      "",
      "At once where the store tells of changes, as a file store does; otherwise at each look.",
      "An outage of the store is said once, and then the store is asked until it answers.",
      "",
      "Example:",
      "  secretmanager watch -V default | while read -r line; do systemctl reload app; done"
    })
final class WatchCommand extends StoreCommand {

  @Option(
      names = {"-V", "--vault-name"},
      paramLabel = "VAULT",
      description = "A vault; by default all. Repeatable.")
  List<String> vaults = new ArrayList<>();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "How often to look. Default: 10.")
  int interval = 10;

  @Option(names = "--count", paramLabel = "N", description = "End after so many changes.")
  long count;

  private boolean outage;

  WatchCommand(Io io) {
    super(io);
  }

  @Override
  int run(SecretStore store) throws InterruptedException {
    if (interval < 1) {
      throw CliException.usage("--interval must be 1 second or more.");
    }
    Semaphore changed =
        new Semaphore(1); // look again at once, for what changed before the watch began
    Map<SecretRef, SecretInfo> before = look(store);
    long printed = 0;
    SecretBackend.Watch watch = store.watch(secrets -> changed.release());
    try {
      output().info("Watching " + Output.count(before.size(), "secret"));
      while (count == 0 || printed < count) {
        if (changed.tryAcquire(interval, TimeUnit.SECONDS)) {
          changed.drainPermits();
        }
        Map<SecretRef, SecretInfo> now = lookAgain(store, before);
        for (Map<String, @Nullable Object> change : changes(before, now)) {
          output().json(change);
          printed++;
        }
        if (io().out().checkError()) {
          return OK; // nobody reads any more
        }
        before = now;
      }
    } finally {
      watch.close();
    }
    return OK;
  }

  /** What there is now; what there was before while the store can't be reached. */
  private Map<SecretRef, SecretInfo> lookAgain(
      SecretStore store, Map<SecretRef, SecretInfo> before) {
    try {
      Map<SecretRef, SecretInfo> now = look(store);
      if (outage) {
        output().info("The store answers again");
      }
      outage = false;
      return now;
    } catch (SecretManagerException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      if (!outage) {
        output()
            .warn("The store doesn't answer, and is asked again every "
                + Output.count(interval, "second") + ": " + Failures.oneLine(e));
      }
      outage = true;
      return before;
    }
  }

  private Map<SecretRef, SecretInfo> look(SecretStore store) {
    List<String> looked =
        vaults.isEmpty() ? store.listVaults().stream().map(VaultInfo::name).toList() : vaults;
    Map<SecretRef, SecretInfo> found = new HashMap<>();
    for (String vault : looked) {
      try {
        store
            .listSecrets(vault)
            .forEach(secret -> found.put(SecretRef.of(vault, secret.name()), secret));
      } catch (SecretNotFoundException e) {
        if (!vaults.isEmpty()) {
          throw e;
        } // deleted between the two lists
      }
    }
    return found;
  }

  private List<Map<String, @Nullable Object>> changes(
      Map<SecretRef, SecretInfo> before, Map<SecretRef, SecretInfo> now) {
    Map<String, Map<String, @Nullable Object>> lines = new TreeMap<>();
    now.forEach((ref, info) -> {
      SecretInfo old = before.get(ref);
      if (old == null || !old.createTime().equals(info.createTime())) {
        lines.put(ref.toString(), line(ref, "created", info.version()));
      } else if (!old.equals(info)) {
        lines.put(ref.toString(), line(ref, "changed", info.version()));
      }
    });
    before.forEach((ref, info) -> {
      if (!now.containsKey(ref)) {
        lines.put(ref.toString(), line(ref, "deleted", info.version()));
      }
    });
    return List.copyOf(lines.values());
  }

  private Map<String, @Nullable Object> line(SecretRef ref, String change, long version) {
    return Json.object(
        "time",
        io().clock().instant(),
        "change",
        change,
        "vaultName",
        ref.vault(),
        "name",
        ref.name(),
        "version",
        version);
  }
}
