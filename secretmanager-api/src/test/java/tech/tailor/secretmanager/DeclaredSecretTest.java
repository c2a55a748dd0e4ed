package tech.tailor.secretmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

class DeclaredSecretTest {

  /** Mostly such as a label may have. */
  private static final String CHARACTERS =
      "abcdefghijklmnopqrstuvwxyz".repeat(4) + "0123456789_-A ";

  @Test
  void everythingThatCanBeSaid_isKept() {
    tech.tailor.secretmanager.SecretSource source =
        tech.tailor.secretmanager.SecretSource.environment("ORDERS_DB_PASSWORD");
    SecretShape shape = SecretShape.length(20, 64);
    DeclaredSecret secret = declared(builder -> builder
        .description("Password of the orders database")
        .source(source)
        .valueVersion(2)
        .label("team", "orders")
        .label("env", "staging")
        .label("env", "production")
        .timeToLive(Duration.ofMinutes(1))
        .shape(shape)
        .shape(SecretShape.json()));

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
    assertThat(secret.isRequired()).isFalse();
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
        builder.shape(SecretShape.length(1, 5)).shape(SecretShape.json()).shape(SecretShape.uri()));
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

  @Test
  void settingsAtTheEndOfTheirRange_areTaken() {
    DeclaredSecret secret = declared(builder ->
        builder.description("x".repeat(1_024)).valueVersion(1).timeToLive(Duration.ofDays(30)));

    assertThat(secret.description()).hasSize(1_024);
    assertThat(secret.valueVersion()).isEqualTo(1);
    assertThat(secret.timeToLive()).contains(Duration.ofDays(30));
    assertThat(declared(builder -> builder.timeToLive(Duration.ZERO)).timeToLive())
        .contains(Duration.ZERO);
    assertRefused(builder -> builder.timeToLive(Duration.ofDays(30).plusNanos(1)));
  }

  /** The grammar stands here and in the stores, which the root must not know. */
  @Test
  void label_isTaken_ifAndOnlyIfAStoreTakesIt() {
    List<String> labels = new ArrayList<>(List.of(""));
    for (int c = 0; c < 0x250; c++) {
      String text = Character.toString(c);
      labels.addAll(List.of(text, "a" + text, text + "a"));
    }
    for (int length = 0; length <= 70; length++) {
      labels.add("a".repeat(length));
    }
    Random random = new Random(0x1abe1);
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder("a");
      random
          .ints(random.nextInt(66), 0, CHARACTERS.length())
          .forEach(index -> text.append(CHARACTERS.charAt(index)));
      labels.add(text.toString());
    }

    int taken = 0;
    for (String label : labels) {
      boolean asKey = isTaken(() -> SecretStore.requireLabels(Map.of(label, "x")));
      boolean asValue = isTaken(() -> SecretStore.requireLabels(Map.of("x", label)));
      assertThat(isTaken(() -> declared(builder -> builder.label(label, "x"))))
          .as("the key \"%s\"", label)
          .isEqualTo(asKey);
      assertThat(isTaken(() -> declared(builder -> builder.label("x", label))))
          .as("the value \"%s\"", label)
          .isEqualTo(asValue);
      taken += asKey ? 1 : 0;
    }
    assertThat(taken).isBetween(500, labels.size() - 500);
  }

  @Test
  void asManyLabelsAsAllowed_leaveAStoreRoomForTheValueVersion() {
    DeclaredSecret secret = declared(builder -> {
      for (int i = 0; i < 19; i++) {
        builder.label("label-" + i, "x");
      }
    });
    Map<String, String> applied = new HashMap<>(secret.labels());
    applied.put("value-version", "v1");

    assertThat(SecretStore.requireLabels(applied)).hasSize(20);
  }

  @Test
  void description_thatIsTaken_isTakenByAStore() {
    List<String> descriptions = new ArrayList<>(List.of("", "x".repeat(1_024), "x".repeat(1_025)));
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      descriptions.add("a" + (char) c);
    }
    descriptions.removeIf(text -> !isTaken(() -> declared(builder -> builder.description(text))));

    assertThat(descriptions)
        .hasSizeGreaterThan(50_000)
        .allSatisfy(
            text -> assertThat(VersionedSecretStore.requireDescription(text)).isEqualTo(text));
  }

  private static boolean isTaken(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
    }
    return thrown == null;
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
