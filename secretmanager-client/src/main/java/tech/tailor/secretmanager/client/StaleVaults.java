package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs once when answers from a vault begin to be stale, and once when they end to be. Thread-safe.
 */
final class StaleVaults {

  private static final System.Logger LOGGER = System.getLogger(StaleVaults.class.getName());

  private final Set<String> stale = ConcurrentHashMap.newKeySet();

  /** A stale value is served, because of a failure. */
  void served(String vault, Throwable failure) {
    if (stale.add(vault)) {
      LOGGER.log(
          WARNING,
          () -> "Values of the vault " + vault + " are stale, since the backend can't be read: "
              + failure.getClass().getSimpleName() + "; they are served until maxStale is over");
    }
  }

  /** The backend answered for the vault. */
  void answered(String vault) {
    if (!stale.isEmpty() && stale.remove(vault)) {
      LOGGER.log(INFO, () -> "Values of the vault " + vault + " are fresh again");
    }
  }
}
