package tech.tailor.secretmanager.examples;

import java.util.Map;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.http.HttpSecretStore;

/**
 * How do I read the secrets of my workspace at Tailor Platform? With the variables that Tailor's
 * CLI has: {@code TAILOR_PLATFORM_TOKEN} and {@code TAILOR_PLATFORM_WORKSPACE_ID}. Against the
 * emulator, {@code TAILOR_PLATFORM_URL} beside them is all that differs.
 */
public final class ReadFromThePlatform {

  private ReadFromThePlatform() {}

  /** Reads the secret {@code test-secret-1} of the vault {@code default}. */
  public static void main(String[] args) {
    read(System.getenv());
  }

  static void read(Map<String, String> variables) {
    HttpSecretStore store = HttpSecretStore.builder().environment(variables).build();
    try (SecretManager secretManager = SecretManagers.open(store);
        SecretValue secret = secretManager.requireSecret("default", "test-secret-1")) {
      System.out.println("getSecret with test-secret-1: " + secret.revealString());
    }
  }
}
