package tech.tailor.secretmanager.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/** Unit tests of an application's class, as the README shows them. */
class GreetingTest {

  @Test
  @WithSecret(vault = "default", name = "greeting", value = "hello")
  void readsItsGreeting(SecretManager secretManager) {
    assertEquals("hello, world", greet(secretManager));
  }

  @Test
  void survivesAnOutage() {
    try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
      greet(secretManager);
      secretManager.backend().failWithUnavailable();
      secretManager.advance(Duration.ofMinutes(10)); // past the time to live
      assertEquals("hello, world", greet(secretManager));
    }
  }

  @Test
  void knowsThatItsGreetingIsStale() {
    try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
      greet(secretManager);
      secretManager.backend().failWithUnavailable();
      secretManager.advance(Duration.ofMinutes(10));
      Freshness freshness = secretManager.withSecret("default", "greeting", SecretValue::freshness);
      assertEquals(Duration.ofMinutes(10), ((Freshness.Stale) freshness).age());
      assertEquals(2, secretManager.backend().fetches().size());
    }
  }

  static String greet(SecretManager secretManager) {
    return secretManager.withSecret(
        "default", "greeting", value -> value.revealString() + ", world");
  }
}
