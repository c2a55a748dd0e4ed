package tech.tailor.secretmanager.examples;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.micrometer.SecretManagerMetrics;

/** How well does the cache do, and how long do calls to the store take? Meters of Micrometer. */
public final class WatchTheCache {

  private WatchTheCache() {}

  public static void main(String[] args) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("orders");
    store.put("orders", "api-key", "made-up");
    MeterRegistry registry =
        new SimpleMeterRegistry(); // an application has one, such as Prometheus's

    SecretManager secretManager = SecretManagers.builder(store)
        .listener(SecretManagerMetrics.loadTimer(registry, "orders"))
        .build();
    SecretManagerMetrics.of(secretManager, "orders").bindTo(registry);
    try (secretManager) {
      for (int i = 0; i < 10; i++) {
        secretManager.requireSecret("orders", "api-key").close();
      }
      System.out.println("hits: " + gets(registry, "hit") + ", misses: " + gets(registry, "miss"));
    }
  }

  private static long gets(MeterRegistry registry, String result) {
    return (long)
        registry.get("cache.gets").tag("result", result).functionCounter().count();
  }
}
