package tech.tailor.secretmanager.client;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.SecretBackend;

/** The manager's end of its backend: has the cache told of changes, and lets go of both. */
final class Watching {

  private final GuardedBackend backend;
  private final boolean closesBackend;
  private SecretBackend.@Nullable Watch watch;

  Watching(GuardedBackend backend, boolean closesBackend) {
    this.backend = backend;
    this.closesBackend = closesBackend;
  }

  /** Before the manager is handed out. */
  void begin(SecretCache cache) {
    watch = backend.watch(refs -> refs.forEach(cache::invalidate));
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
