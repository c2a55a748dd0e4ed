package tech.tailor.secretmanager.examples.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.testing.assertj.SecretAssertions.assertThat;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeBackend;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.SecretManagerExtension;

/**
 * How do I test what happens when the backend fails? By telling the fake's backend what to do
 * wrong, and turning its clock. The extension is registered in code here, which needs no
 * annotation.
 */
class WebhooksInAnOutageTest {

  @RegisterExtension
  static final SecretManagerExtension SECRETS = SecretManagerExtension.builder()
      .secretsFrom("webhook-secrets.properties")
      .settings(client -> client.maxStale(Duration.ofMinutes(30)))
      .failOnLeak()
      .build();

  @Test
  void outage_isSurvivedForHalfAnHour(FakeSecretManager secretManager)
      throws GeneralSecurityException {
    String before = sign(secretManager);
    secretManager.backend().failWithUnavailable();
    secretManager.advance(Duration.ofMinutes(20)); // past the time to live
    assertThat(sign(secretManager)).isEqualTo(before);
    try (SecretValue key = secretManager.requireSecret("webhooks", "signing-key")) {
      assertThat(key).isStaleFor(Duration.ofMinutes(20));
    }
    secretManager.advance(Duration.ofMinutes(20));
    assertThatThrownBy(() -> sign(secretManager)).isInstanceOf(SecretUnavailableException.class);
  }

  @Test
  void denial_endsItAtOnce(FakeSecretManager secretManager) throws GeneralSecurityException {
    sign(secretManager);
    secretManager.backend().failWithAccessDenied();
    secretManager.advance(Duration.ofMinutes(5));
    assertThatThrownBy(() -> sign(secretManager)).isInstanceOf(SecretAccessDeniedException.class);
  }

  @Test
  void slowness_isATimeout_andNobodyWaits(FakeSecretManager secretManager)
      throws GeneralSecurityException {
    secretManager.backend().slow(Duration.ofSeconds(11));
    assertThatThrownBy(() -> sign(secretManager)).isInstanceOf(SecretTimeoutException.class);
    secretManager.backend().recover();
    secretManager.advance(Duration.ofSeconds(5)); // a failure is shared for a moment
    assertThat(sign(secretManager)).isNotEmpty();
  }

  @Test
  void oneNameThatFails_leavesTheOther(FakeSecretManager secretManager) {
    secretManager
        .backend()
        .fail("webhooks", "delivery-token", new SecretUnavailableException("scripted"));
    try (SecretBundle both =
        secretManager.getSecrets("webhooks", java.util.List.of("signing-key", "delivery-token"))) {
      assertThat(both)
          .hasValue("signing-key", "made-up-signing-key")
          .hasFailure("delivery-token", SecretUnavailableException.class);
    }
  }

  @Test
  void rotationInTheMiddleOfARead_isSeenByTheNext(FakeSecretManager secretManager)
      throws GeneralSecurityException {
    secretManager
        .backend()
        .duringNext(() -> secretManager.put("webhooks", "signing-key", "rotated-signing-key"));
    String before = sign(secretManager);
    secretManager.advance(Duration.ofMinutes(5));
    assertThat(sign(secretManager)).isNotEqualTo(before);
  }

  @Test
  void threadsThatReadAtTheSameTime_askOnce(FakeSecretManager secretManager) throws Exception {
    CompletableFuture<String> first;
    CompletableFuture<String> second;
    try (FakeBackend.Gate gate = secretManager.backend().hold()) {
      first = CompletableFuture.supplyAsync(() -> signUnchecked(secretManager));
      gate.awaitFetches(1);
      second = CompletableFuture.supplyAsync(() -> signUnchecked(secretManager));
    }
    assertThat(first.get()).isEqualTo(second.get());
    assertThat(secretManager.backend().fetches()).hasSize(1);
  }

  /** Without any extension, and so in whatever test framework. */
  @Test
  void fakeByHand() throws GeneralSecurityException {
    try (FakeSecretManager secretManager =
        FakeSecretManager.with("webhooks", "signing-key", "made-up-signing-key")) {
      assertThat(sign(secretManager)).hasSize(64);
      assertThat(secretManager.exposedIn("signed with made-up-signing-key")).isNotEmpty();
      assertThat(secretManager.openValues()).isEmpty();
    }
  }

  private static String sign(SecretManager secretManager) throws GeneralSecurityException {
    return new Webhooks(secretManager, (body, signature, token) -> {}).sign("{}");
  }

  private static String signUnchecked(SecretManager secretManager) {
    try {
      return sign(secretManager);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
