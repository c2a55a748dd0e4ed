package tech.tailor.secretmanager.examples;

import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.util.Optional;
import tech.tailor.secretmanager.SecretApplyException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.declare.SecretPlan;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretStore;

/**
 * How do I bring what is declared into a store? Say where each value comes from, look at the plan,
 * and apply it. A value is sent once for each value version: raise that number to rotate it.
 */
public final class PlanAndApply {

  private PlanAndApply() {}

  /** A real one reads SecretSource.environment("WEBHOOK_TOKEN"), file, prompt, or another store. */
  private static SecretSource tokenOfTheShop(String text) {
    return ref -> Optional.of(SecretValue.of(text));
  }

  private static SecretDefinition secrets(int tokenVersion, String token) {
    return defineSecret("my-secrets")
        .secret(
            "signing-key",
            secret -> secret.description("Signs sessions").source(SecretSource.random(32)))
        .secret(
            "webhook-token",
            secret -> secret
                .description("Token of the shop")
                .source(tokenOfTheShop(token))
                .valueVersion(tokenVersion)
                .shape(SecretShape.pattern("shop_[a-z-]+")))
        .build();
  }

  private static void deploy(SecretStore store, SecretDefinition definition) {
    SecretPlan plan = SecretPlan.builder(store, "my-service")
        .declare(definition)
        .prune() // what this declaration applied once
        .prune(SecretRef.of("my-secrets", "left-over")) // and this, which somebody made by hand
        .plan();
    System.out.println(plan);
    if (!plan.isEmpty()) {
      plan.apply().requireComplete();
    }
  }

  public static void main(String[] args) {
    try (InMemorySecretStore store = InMemorySecretStore.create()) {
      deploy(store, secrets(1, "shop_made-up"));
      deploy(store, secrets(1, "shop_made-up"));

      store.put("my-secrets", "left-over", "made-up"); // by hand, and declared nowhere
      try {
        deploy(store, secrets(2, "made-up, and pasted without its prefix"));
      } catch (SecretApplyException e) {
        System.out.println(e.getMessage());
      }
      deploy(store, secrets(2, "shop_made-up-again"));
      deploy(store, secrets(2, "shop_made-up-again"));
    }
  }
}
