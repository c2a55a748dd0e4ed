package tech.tailor.secretmanager.examples;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * How do I know that a value is stale? When the backend is unavailable, a value past its time to
 * live still answers for {@code maxStale}, and says so. Also shows a backend of one's own: one
 * method to read, one to close.
 */
public final class SurviveAnOutage {

  private SurviveAnOutage() {}

  public static void main(String[] args) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "db-password", "correct horse");
    FlakyBackend backend = new FlakyBackend(store);

    try (SecretManager secretManager = SecretManagers.builder(backend)
        .timeToLive(Duration.ZERO)
        .maxStale(Duration.ofMinutes(30))
        .build()) {
      report(secretManager);
      backend.down = true;
      report(secretManager);
    }
  }

  private static void report(SecretManager secretManager) {
    try (SecretValue password = secretManager.requireSecret("default", "db-password")) {
      if (password.freshness() instanceof Freshness.Stale stale) {
        System.out.println("stale: " + stale.cause().getMessage());
      } else {
        System.out.println("fresh: version " + password.version());
      }
    }
  }

  private static final class FlakyBackend implements SecretBackend {

    private final SecretBackend backend;
    private volatile boolean down;

    private FlakyBackend(SecretBackend backend) {
      this.backend = backend;
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      if (down) {
        throw new SecretUnavailableException(
            "the vault " + vault + " can't be reached; try again later");
      }
      return backend.fetch(vault, names);
    }

    @Override
    public void close() {
      backend.close();
    }
  }
}
