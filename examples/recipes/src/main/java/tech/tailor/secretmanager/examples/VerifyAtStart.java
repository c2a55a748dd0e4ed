package tech.tailor.secretmanager.examples;

import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretShape;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.declare.VerificationReport;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * How do I find out at start that a secret is missing or wrong, rather than at the first request?
 * Declare what is needed: everything that is wrong comes in one message, with what each secret is
 * for.
 */
public final class VerifyAtStart {

  static final SecretDefinition SECRETS = defineSecret("my-secrets")
      .secret("api-key", "External API key")
      .secret(
          "db-password",
          secret -> secret
              .description("Password of the orders database")
              .shape(SecretShape.length(12, 64))
              .timeToLive(Duration.ofMinutes(1)))
      .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
      .build();

  private VerifyAtStart() {}

  public static void main(String[] args) {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("my-secrets");
    store.put("my-secrets", "db-password", "too short");

    try (SecretManager secretManager =
        SecretManagers.builder(store).keepBackendOpen().declaredOnly(SECRETS).build()) {
      System.out.println("not reached: " + secretManager);
    } catch (SecretVerificationException e) {
      System.out.println(e.getMessage());
    }

    // To look without an exception, as a step of a deployment does; toJson() is for machines.
    try (SecretManager secretManager =
        SecretManagers.builder(store).keepBackendOpen().build()) {
      System.out.println(VerificationReport.of(secretManager, SECRETS));
    }

    store.put("my-secrets", "api-key", "made-up-key");
    store.put("my-secrets", "db-password", "made-up-password");
    try (SecretManager secretManager =
        SecretManagers.builder(store).declaredOnly(SECRETS).build()) {
      System.out.println(
          "verified; webhook-token present: " + secretManager.exists(SECRETS.ref("webhook-token")));
    }
  }
}
