package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretRef;

/**
 * Logs one warning when the first value of a vault is served stale, and one line when no stale one
 * is served any more. Thread-safe.
 */
final class StaleVaults {

  private static final System.Logger LOGGER = System.getLogger(StaleVaults.class.getName());

  private final Map<String, Set<SecretRef>> stale = new HashMap<>();

  /** The value of a secret is served stale, because of a failure. */
  void served(SecretRef ref, Throwable failure) {
    boolean first;
    synchronized (stale) {
      first = !stale.containsKey(ref.vault());
      stale.computeIfAbsent(ref.vault(), vault -> new HashSet<>()).add(ref);
    }
    if (first) {
      LOGGER.log(
          WARNING,
          () -> "Values of the vault " + ref.vault()
              + " are stale, since the backend can't be read: "
              + failure.getClass().getSimpleName() + "; they are served until maxStale is over");
    }
  }

  /** The value of a secret is no longer served: it was replaced or dropped. */
  void ended(SecretRef ref) {
    boolean last;
    synchronized (stale) {
      Set<SecretRef> refs = stale.get(ref.vault());
      last = refs != null && refs.remove(ref) && refs.isEmpty();
      if (last) {
        stale.remove(ref.vault());
      }
    }
    if (last) {
      LOGGER.log(INFO, () -> "Values of the vault " + ref.vault() + " are no longer served stale");
    }
  }
}
