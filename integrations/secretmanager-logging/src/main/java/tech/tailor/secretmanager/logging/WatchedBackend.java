package tech.tailor.secretmanager.logging;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** A backend whose values are masked from before anybody has them. */
final class WatchedBackend implements SecretBackend {

  private final SecretBackend backend;
  private final SecretMask mask;

  WatchedBackend(SecretBackend backend, SecretMask mask) {
    this.backend = backend;
    this.mask = mask;
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Map<String, SecretOutcome> outcomes = backend.fetch(vault, names);
    boolean known = false;
    try {
      outcomes.forEach((name, outcome) -> {
        if (outcome instanceof SecretOutcome.Found found) {
          mask.add(SecretRef.of(vault, name), found.value());
        }
      });
      known = true;
      return outcomes;
    } finally {
      if (!known) {
        outcomes.values().forEach(WatchedBackend::close);
      }
    }
  }

  private static void close(SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      found.value().close();
    }
  }

  @Override
  public Watch watch(Consumer<? super Set<SecretRef>> changed) {
    return backend.watch(changed);
  }

  @Override
  public void close() {
    backend.close();
  }

  @Override
  public String toString() {
    return backend.toString();
  }
}
