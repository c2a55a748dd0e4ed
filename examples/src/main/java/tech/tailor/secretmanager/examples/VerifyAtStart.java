package tech.tailor.secretmanager.examples;

import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * How do I find out at start that a secret is missing, rather than at the first request? Declare
 * what is needed: everything that is wrong comes in one message, with what each secret is for.
 */
public final class VerifyAtStart {

  static final SecretDefinition SECRETS = defineSecret("my-secrets")
      .secret("api-key", "External API key")
      .secret("db-password", "Password of the orders database")
      .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
      .build();

  private VerifyAtStart() {}

  public static void main(String[] args) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("my-secrets");

    try (SecretManager secretManager =
        SecretManagers.builder(store).keepBackendOpen().declaredOnly(SECRETS).build()) {
      System.out.println("not reached: " + secretManager);
    } catch (SecretVerificationException e) {
      System.out.println(e.getMessage());
    }

    store.put("my-secrets", "api-key", "made-up-key");
    store.put("my-secrets", "db-password", "made-up-password");
    try (SecretManager secretManager =
        SecretManagers.builder(store).declaredOnly(SECRETS).build()) {
      System.out.println("verified; webhook-token present: "
          + secretManager.getSecret(SECRETS.ref("webhook-token")).isPresent());
    }
  }
}
