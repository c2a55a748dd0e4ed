package tech.tailor.secretmanager.client;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * The manager's subscription to the changes that its backend reports: drops what changed from the
 * cache, and tells the listeners.
 */
final class BackendSubscription {

  private final GuardedBackend backend;
  private final boolean closesBackend;
  private SecretBackend.@Nullable Watch watch;

  /**
   * Makes a subscription that is not begun.
   *
   * @param closesBackend whether {@link #close} closes the backend, too
   */
  BackendSubscription(GuardedBackend backend, boolean closesBackend) {
    this.backend = backend;
    this.closesBackend = closesBackend;
  }

  /** Begins, before the manager is handed out. */
  void begin(SecretCache cache, Listeners listeners, WarmSecrets warm) {
    watch = backend.watch(refs -> changed(refs, cache, listeners, warm));
  }

  private static void changed(
      Set<SecretRef> refs, SecretCache cache, Listeners listeners, WarmSecrets warm) {
    if (refs.isEmpty()) { // any may have changed, so all that are known have to be looked at
      Set<SecretRef> known = new LinkedHashSet<>(warm.refs()); // first: they are waited for
      known.addAll(cache.refs());
      cache.invalidateAll();
      known.forEach(listeners::changed);
      listeners.deliver();
      warm.anyChanged();
      return;
    }
    refs.forEach(cache::invalidate);
    refs.forEach(listeners::changed);
    listeners.deliver();
    warm.changed(refs);
  }

  void close() {
    try {
      if (watch != null) {
        watch.close();
      }
    } finally {
      if (closesBackend) {
        backend.close();
      }
    }
  }
}
