package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * Refreshes secrets on schedule though nobody reads them, so that they are always cached and a
 * change is noticed. Secrets of one vault that are due are fetched in one call. Thread-safe.
 */
final class WarmSecrets {

  private static final System.Logger LOGGER = System.getLogger(WarmSecrets.class.getName());

  private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Bounds the calls where a refresh left nothing in the cache. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SecretCache cache;
  private final ManagerExecutors executors;
  private final Map<String, Vault> vaults = new LinkedHashMap<>();

  WarmSecrets(Collection<SecretRef> refs, SecretCache cache, ManagerExecutors executors) {
    this.cache = cache;
    this.executors = executors;
    refs.forEach(ref ->
        vaults.computeIfAbsent(ref.vault(), vault -> new Vault(vault)).refs.add(ref));
    cache.keptWarm(refs());
  }

  /** Loads all of them now, in the background, and again whenever they are due. */
  void begin() {
    vaults.values().forEach(vault -> vault.schedule(0));
  }

  /** Loads at once those that changed. */
  void changed(Set<SecretRef> refs) {
    Set<String> changed = refs.stream().map(SecretRef::vault).collect(Collectors.toSet());
    vaults.forEach((name, vault) -> {
      if (changed.contains(name)) {
        vault.schedule(0);
      }
    });
  }

  /** All of them. */
  Set<SecretRef> refs() {
    return vaults.values().stream()
        .flatMap(vault -> vault.refs.stream())
        .collect(Collectors.toSet());
  }

  /** Loads all of them at once. */
  void anyChanged() {
    begin();
  }

  /** The secrets of one vault. At most one timer waits for them. */
  private final class Vault {

    private final String name;
    private final Set<SecretRef> refs = new LinkedHashSet<>();
    private @Nullable Future<?> timer;

    Vault(String name) {
      this.name = name;
    }

    synchronized void schedule(long delayNanos) {
      if (timer != null) {
        timer.cancel(false);
      }
      timer = executors.schedule(this::refresh, delayNanos);
    }

    private void refresh() {
      try {
        refreshDue();
      } catch (RuntimeException | Error e) { // such as no memory
        LOGGER.log(
            WARNING,
            () -> "The secrets of the vault " + name + " could not be kept warm: "
                + e.getClass().getName());
        schedule(PAUSE_NANOS);
      }
    }

    private void refreshDue() {
      Set<SecretRef> due = refs.stream()
          .filter(ref -> cache.dueInNanos(ref) <= 0)
          .collect(Collectors.toCollection(LinkedHashSet::new));
      if (due.isEmpty()) {
        scheduleNext();
      } else {
        cache.refreshInBackground(name, due, this::scheduleNext);
      }
    }

    /** Looks and schedules in one step, so that it doesn't put off a change reported meanwhile. */
    private synchronized void scheduleNext() {
      long dueNanos = refs.stream().mapToLong(cache::dueInNanos).min().orElse(0);
      schedule(dueNanos <= 0 ? PAUSE_NANOS : Math.max(dueNanos, SHORTEST_PAUSE_NANOS));
    }
  }
}
