package tech.tailor.secretmanager.examples;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/** Hears of a new password though nobody reads it, and has a connection pool replace its logins. */
public final class HearOfAChange {

  private HearOfAChange() {}

  /** Takes no arguments. */
  public static void main(String[] args) throws InterruptedException {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "db-password", "made-up-password");
    Pool pool = new Pool();
    SecretManager secrets = SecretManagers.builder(store)
        .timeToLive(Duration.ofSeconds(1)) // by default 5 minutes
        .keepWarm(SecretRef.parse("default/db-password"))
        .listener(new SecretListener() {
          @Override
          public void onChanged(SecretRef ref) {
            pool.softEvictConnections();
          }
        })
        .build();
    try (secrets) {
      secrets.useSecret(
          SecretRef.parse("default/db-password"), password -> System.out.println("logged in"));
      store.put("default", "db-password", "another-made-up-password");
      System.out.println("replaced: " + pool.evicted.await(30, TimeUnit.SECONDS));
    }
  }

  /** Stands for a pool of connections. */
  private static final class Pool {
    private final CountDownLatch evicted = new CountDownLatch(1);

    void softEvictConnections() {
      evicted.countDown();
    }
  }
}
