package tech.tailor.secretmanager.examples.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.testing.assertj.SecretAssertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.examples.webhooks.Webhooks.TokenRejectedException;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.WithSecret;
import tech.tailor.secretmanager.testing.junit5.WithSecrets;

/**
 * How do I test what reads secrets? With annotations: the secrets of a file for all tests, of which
 * one may be another for a single test, and a check that none of them gets out.
 */
@FailOnLeak
@WithSecrets("webhook-secrets.properties")
class WebhooksTest {

  private final List<String> delivered = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"paid\":true}"})
  void signature_dependsOnTheBody_andIsTheSameEachTime(String body, SecretManager secretManager)
      throws GeneralSecurityException {
    Webhooks webhooks = webhooks(secretManager);
    assertThat(webhooks.sign(body))
        .isEqualTo(webhooks.sign(body))
        .isNotEqualTo(webhooks.sign(body + " "));
  }

  @Test
  @WithSecret(vault = "webhooks", name = "signing-key", value = "another-made-up-key")
  void signature_dependsOnTheKey(FakeSecretManager secretManager) throws GeneralSecurityException {
    String before = webhooks(secretManager).sign("{}");
    secretManager.put("webhooks", "signing-key", "the-next-made-up-key");
    secretManager.backend().tellChanged("webhooks", "signing-key");
    assertThat(webhooks(secretManager).sign("{}")).isNotEqualTo(before);
  }

  @Test
  void rotatedToken_isReadAgain_andUsed(FakeSecretManager secretManager) throws Exception {
    webhooks(secretManager).send("{}");
    secretManager.put("webhooks", "delivery-token", "the-rotated-made-up-token");
    Webhooks webhooks = new Webhooks(secretManager, (body, signature, token) -> {
      if (!token.equals("the-rotated-made-up-token")) {
        throw new TokenRejectedException();
      }
      delivered.add(body);
    });
    webhooks.send("{\"paid\":true}");
    assertThat(delivered).containsExactly("{}", "{\"paid\":true}");
    try (SecretValue token = secretManager.requireSecret("webhooks", "delivery-token")) {
      assertThat(token).hasValue("the-rotated-made-up-token").hasVersion(2).isFresh();
    }
  }

  @Test
  void onlyTheKeyIsRead_whereNothingIsDelivered(FakeSecretManager secretManager)
      throws GeneralSecurityException {
    webhooks(secretManager).sign("{}");
    assertThat(secretManager.reads()).containsExactly(SecretRef.of("webhooks", "signing-key"));
  }

  @Test
  void missingKey_isSaid(FakeSecretManager secretManager) {
    secretManager.remove("webhooks", "signing-key");
    assertThatThrownBy(() -> webhooks(secretManager).sign("{}"))
        .isInstanceOf(SecretNotFoundException.class);
  }

  private Webhooks webhooks(SecretManager secretManager) {
    return new Webhooks(secretManager, (body, signature, token) -> delivered.add(body));
  }
}
