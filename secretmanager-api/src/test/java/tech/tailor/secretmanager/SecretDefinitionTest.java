package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import org.junit.jupiter.api.Test;

class SecretDefinitionTest {

  private final SecretDefinition definition = defineSecret("my-secrets")
      .secret("webhook-token", secret -> secret.description("Signs webhooks").optional())
      .secret("api-key", "External API key")
      .build();

  @Test
  void keepsWhatWasDeclared_inItsOrder() {
    assertThat(definition.vault()).isEqualTo("my-secrets");
    assertThat(definition.secrets())
        .extracting(DeclaredSecret::ref, DeclaredSecret::description, DeclaredSecret::isRequired)
        .containsExactly(
            tuple(SecretRef.of("my-secrets", "webhook-token"), "Signs webhooks", false),
            tuple(SecretRef.of("my-secrets", "api-key"), "External API key", true));
    assertThat(definition).hasToString("SecretDefinition[my-secrets, [webhook-token, api-key]]");
  }

  @Test
  void ref_isOfADeclaredSecret() {
    assertThat(definition.ref("api-key")).isEqualTo(SecretRef.of("my-secrets", "api-key"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> definition.ref("api-kee"))
        .withMessageContaining("api-kee")
        .withMessageContaining("api-key");
  }

  @Test
  void undeclaredName_canForgeNoLineOfALog() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> definition.ref("a\u001b[31m\nb"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "\u001b"));
  }

  @Test
  void declares_thatVaultAndThatNameOnly() {
    assertThat(definition.declares(SecretRef.of("my-secrets", "api-key"))).isTrue();
    assertThat(definition.declares(SecretRef.of("others", "api-key"))).isFalse();
    assertThat(definition.declares(SecretRef.of("my-secrets", "api-kee"))).isFalse();
  }

  @Test
  void badDeclarations_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> defineSecret("My Secrets"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defineSecret("my-secrets").secret("api-key", "a").secret("api-key", "b"))
        .withMessageContaining("twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defineSecret("my-secrets").secret("API", "a"));
    assertThatIllegalStateException()
        .isThrownBy(() -> defineSecret("my-secrets").build());
  }

  @Test
  void builderUsedFurther_doesNotChangeWhatWasBuilt() {
    SecretDefinition.Builder builder = defineSecret("my-secrets").secret("one", "1st");
    SecretDefinition built = builder.build();
    builder.secret("two", "2nd");

    assertThat(built.secrets()).hasSize(1);
  }
}
