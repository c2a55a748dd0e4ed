package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredSecretTest {

  @Test
  void everythingThatCanBeSaid_isKept() {
    tech.tailor.secretmanager.ValueSource source =
        tech.tailor.secretmanager.ValueSource.environment("ORDERS_DB_PASSWORD");
    ValueShape shape = ValueShape.length(20, 64);
    DeclaredSecret secret = declared(builder -> builder
        .description("Password of the orders database")
        .source(source)
        .valueVersion(2)
        .label("team", "orders")
        .label("env", "staging")
        .label("env", "production")
        .timeToLive(Duration.ofMinutes(1))
        .shape(shape)
        .shape(ValueShape.json()));

    assertThat(secret.source()).containsSame(source);
    assertThat(secret.valueVersion()).isEqualTo(2);
    assertThat(secret.labels()).isEqualTo(Map.of("env", "production", "team", "orders"));
    assertThat(secret.timeToLive()).contains(Duration.ofMinutes(1));
    assertThat(secret.shapes()).hasSize(2).first().isSameAs(shape);
    assertThat(secret).hasToString("DeclaredSecret[orders/db-password, required]");
  }

  @Test
  void nothingSaid_hasDefaults() {
    DeclaredSecret secret = declared(builder -> builder.optional());

    assertThat(secret.description()).isEmpty();
    assertThat(secret.required()).isFalse();
    assertThat(secret.source()).isEmpty();
    assertThat(secret.valueVersion()).isEqualTo(1);
    assertThat(secret.labels()).isEmpty();
    assertThat(secret.timeToLive()).isEmpty();
    assertThat(secret.shapes()).isEmpty();
    assertThat(secret).hasToString("DeclaredSecret[orders/db-password, optional]");
  }

  @Test
  void brokenRules_areNamed_andSayNothingOfTheValue() {
    DeclaredSecret secret = declared(builder ->
        builder.shape(ValueShape.length(1, 5)).shape(ValueShape.json()).shape(ValueShape.uri()));
    try (SecretValue value = SecretValue.of("\"twelve ch\"")) {
      assertThat(secret.brokenRules(value))
          .containsExactly("must have 1 to 5 bytes", "must be an absolute URI");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"two\nlines", "a bell\u0007", "unpaired \ud800", "a line\u2028separator"})
  void descriptionThatIsNotOneLine_isRefused(String description) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> declared(builder -> builder.description(description)))
        .withMessageContaining("orders/db-password")
        .withMessageContaining("one line");
  }

  @Test
  void settingsOutOfRange_areRefused() {
    assertRefused(builder -> builder.description("x".repeat(1_025)));
    assertRefused(builder -> builder.valueVersion(0));
    assertRefused(builder -> builder.timeToLive(Duration.ofNanos(-1)));
    assertRefused(builder -> builder.timeToLive(Duration.ofDays(31)));
    assertRefused(builder -> builder.label("Team", "orders"));
    assertRefused(builder -> builder.label("team", "2nd"));
    assertRefused(builder -> builder.label("value-version", "v2"));
    assertRefused(builder -> {
      for (int i = 0; i <= 60; i++) {
        builder.label("label-" + i, "x");
      }
    });
  }

  private static void assertRefused(Consumer<DeclaredSecret.Builder> declaration) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> declared(declaration))
        .withMessageContaining("orders/db-password");
  }

  private static DeclaredSecret declared(Consumer<DeclaredSecret.Builder> declaration) {
    return defineSecret("orders")
        .secret("db-password", declaration)
        .build()
        .secrets()
        .get(0);
  }
}
