package tech.tailor.secretmanager.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static tech.tailor.secretmanager.testing.assertj.SecretAssertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;
import tech.tailor.secretmanager.testing.junit5.SecretManagerExtension;
import tech.tailor.secretmanager.testing.junit5.WithEmulator;
import tech.tailor.secretmanager.testing.junit5.WithSecret;
import tech.tailor.secretmanager.testing.junit5.WithSecrets;

/** The samples of the test kit; {@link SamplesTest} looks for them here. */
class TestKitSamples {

  @RegisterExtension
  static final SecretManagerExtension SECRETS = SecretManagerExtension.builder()
      .secret("default", "greeting", "hello")
      .failOnLeak()
      .build();

  @Test
  @WithSecrets("invoice-secrets.properties")
  void hasItsSecrets(SecretManager secretManager) {
    boolean known = secretManager.withSecret(
        "default", "smtp-password", password -> password.matches("correct horse"));
    assertTrue(known);
  }

  @Test
  @WithSecret(
      vault = "default",
      name = "signing-key",
      value = "AAECAwQFBgcICQoLDA0ODw==",
      base64 = true)
  void signsWithItsKey(SecretManager secretManager) {
    try (SecretValue key = secretManager.requireSecret("default", "signing-key")) {
      assertThat(key).hasValue(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
    }
  }

  @Test
  void readsFromAFakeOfItsOwn() {
    FakeSecretManager fake =
        SecretManagerExtension.register(FakeSecretManager.with("default", "greeting", "hello"));
    try (fake;
        SecretValue greeting = fake.requireSecret("default", "greeting")) {
      assertThat(greeting).hasValue("hello");
    }
  }

  static void settings() {
    FakeSecretManager fake = FakeSecretManager.builder()
        .settings(client -> client.timeToLive(Duration.ofMinutes(1)).maxStale(Duration.ZERO))
        .build();
    fake.close();
  }

  static void rotation(FakeSecretManager fake) {
    fake.backend().duringNext(() -> fake.put("default", "db-password", "rotated"));
  }

  static void assertions(SecretManager secretManager) {
    try (SecretValue password = secretManager.requireSecret("default", "db-password")) {
      assertThat(password).hasValue("made up").hasVersion(2).isFresh();
    }
  }
}

@WithEmulator
@WithSecret(vault = "default", name = "greeting", value = "hello")
class PlatformGreeterTest {
  @Test
  void survivesRateLimits(SecretManagerEmulator emulator) {
    emulator.faults().next("GetSecrets", 1, Fault.rateLimited(Duration.ofSeconds(1)));
    // a client of emulator.endpoint(), emulator.workspaceId(), emulator.adminToken()
    emulator.requests(); // what it asked for
  }
}
