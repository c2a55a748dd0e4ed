package tech.tailor.secretmanager.testing;

import java.time.Duration;
import java.util.List;
import tech.tailor.secretmanager.SecretManager;

/**
 * What a user tests without JUnit; run by {@link FakeSecretManagerTest} in a class path of its own.
 */
public final class WithoutTestFramework {

  private WithoutTestFramework() {}

  /** Greets before and during an outage. */
  public static List<String> greetings() {
    try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
      String before = greet(secretManager);
      secretManager.backend().failWithUnavailable();
      secretManager.advance(Duration.ofMinutes(10));
      return List.of(before, greet(secretManager));
    }
  }

  private static String greet(SecretManager secretManager) {
    return secretManager.withSecret(
        "default", "greeting", value -> value.revealString() + ", world");
  }
}
