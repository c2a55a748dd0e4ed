package tech.tailor.secretmanager.testing.assertj;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.testing.assertj.SecretAssertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/** What fails says so to the letter, and shows neither value. */
class SecretAssertionsTest {

  private static final String VALUE = "made-up-password";
  private static final String OTHER = "made-up-expectation";

  private final FakeSecretManager fake = FakeSecretManager.with("default", "db-password", VALUE);

  @AfterEach
  void close() {
    fake.close();
  }

  @Test
  void value_isAsSaid() {
    SecretValue value = fake.requireSecret("default", "db-password");
    assertThat(value)
        .as("the password")
        .isNotNull()
        .hasValue(VALUE)
        .hasValue(VALUE.getBytes(UTF_8))
        .doesNotHaveValue(OTHER)
        .hasVersion(1)
        .isFresh()
        .isOpen();
    value.close();
    assertThat(value).isClosed();
    fake.backend().failWithUnavailable();
    fake.advance(Duration.ofMinutes(6));
    try (SecretValue stale = fake.requireSecret("default", "db-password")) {
      assertThat(stale).isStale().isStaleFor(Duration.ofMinutes(6)).hasValue(VALUE);
    }
  }

  @Test
  void value_thatIsOtherwise_saysSo() {
    SecretValue fresh = fake.requireSecret("default", "db-password");
    fake.backend().failWithUnavailable();
    fake.advance(Duration.ofMinutes(6));
    SecretValue stale = fake.requireSecret("default", "db-password");
    SecretValue closed = fake.requireSecret("default", "db-password");
    closed.close();
    assertThat(messages(
            () -> assertThat(fresh).hasValue(OTHER),
            () -> assertThat(fresh).as("the %s", "password").hasValue(OTHER),
            () -> assertThat(fresh).hasValue(new byte[] {1, 2, 3}),
            () -> assertThat(fresh).doesNotHaveValue(VALUE),
            () -> assertThat(fresh).hasVersion(2),
            () -> assertThat(fresh).isStale(),
            () -> assertThat(fresh).isClosed(),
            () -> assertThat(stale).isFresh(),
            () -> assertThat(stale).isStaleFor(Duration.ofMinutes(5)),
            () -> assertThat(closed).hasValue(VALUE),
            () -> assertThat(closed).isOpen()))
        .containsExactly(
            "Expected the secret to have the given value, but it has another one (neither is shown)",
            "[the password] Expected the secret to have the given value, but it has another one"
                + " (neither is shown)",
            "Expected the secret to have the given value, but it has another one (neither is shown)",
            "Expected the secret to have another value than the given one (which is not shown)",
            "Expected version 2 of the secret, but it is version 1",
            "Expected a stale secret, but it is fresh",
            "Expected a closed secret, but it is open",
            "Expected a fresh secret, but it is stale: PT6M old, since "
                + SecretUnavailableException.class.getName(),
            "Expected a secret that is stale and PT5M old, but it is PT6M old",
            "Expected an open secret, but it is closed, and its value wiped",
            "Expected an open secret, but it is closed, and its value wiped");
    fresh.close();
    stale.close();
  }

  @Test
  void optional_isAsSaid_orSaysOtherwise() {
    Optional<SecretValue> found = fake.getSecret("default", "db-password");
    Optional<SecretValue> missing = fake.getSecret("default", "not-there");
    assertThat(found).isFound().hasValue(VALUE).found().hasVersion(1);
    assertThat(missing).isMissing();
    assertThat(messages(
            () -> assertThat(found).isMissing(),
            () -> assertThat(found).as("100%").hasValue(OTHER),
            () -> assertThat(missing).hasValue(VALUE),
            () -> assertThat(missing).isFound()))
        .containsExactly(
            "Expected no secret, but there is one (its value is not shown)",
            "[100%] Expected the secret to have the given value, but it has another one (neither is"
                + " shown)",
            "Expected a secret, but it is missing",
            "Expected a secret, but it is missing");
    found.orElseThrow().close();
  }

  @Test
  void bundle_isAsSaid_orSaysOtherwise() {
    fake.backend().fail("default", "denied-name", new SecretAccessDeniedException("scripted"));
    SecretBundle bundle =
        fake.getSecrets("default", List.of("db-password", "not-there", "denied-name"));
    assertThat(bundle)
        .hasOnlyFound("db-password")
        .hasValue("db-password", VALUE)
        .isMissing("not-there")
        .hasFailure("denied-name", SecretAccessDeniedException.class);
    List<String> said = messages(
        () -> assertThat(bundle).hasOnlyFound("not-there", "db-password"),
        () -> assertThat(bundle).hasValue("db-password", OTHER),
        () -> assertThat(bundle).hasValue("not-there", VALUE),
        () -> assertThat(bundle).hasValue("denied-name", VALUE),
        () -> assertThat(bundle).isMissing("db-password"),
        () -> assertThat(bundle).isMissing("denied-name"),
        () -> assertThat(bundle).hasFailure("db-password", SecretAccessDeniedException.class),
        () -> assertThat(bundle).hasFailure("not-there", SecretAccessDeniedException.class),
        () -> assertThat(bundle).hasFailure("denied-name", SecretUnavailableException.class));
    bundle.close();
    said.addAll(messages(() -> assertThat(bundle).hasValue("db-password", VALUE)));
    String denied = SecretAccessDeniedException.class.getName();
    assertThat(said)
        .containsExactly(
            "Expected the names found to be [db-password, not-there], but they are [db-password]",
            "Expected the secret db-password to have the given value, but it has another one"
                + " (neither is shown)",
            "Expected a secret not-there, but it is missing",
            "Expected a secret denied-name, but it failed with a " + denied,
            "Expected no secret db-password, but there is one (its value is not shown)",
            "Expected no secret denied-name, but it failed with a " + denied,
            "Expected the secret db-password to fail with a " + denied
                + ", but it was found (its value is not shown)",
            "Expected the secret not-there to fail with a " + denied + ", but it is missing",
            "Expected the secret denied-name to fail with a "
                + SecretUnavailableException.class.getName() + ", but it failed with a " + denied,
            "Expected an open secret db-password, but it is closed, and its value wiped");
  }

  @Test
  void whatWouldShowWhatItIsGiven_saysWhatToUse() {
    SecretBundle bundle = fake.getSecrets("default", List.of("db-password"));
    SecretValue value = bundle.get("db-password").orElseThrow();
    Optional<SecretValue> found = Optional.of(value);
    assertThat(value).isSameAs(value);
    assertThat(messages(
            () -> assertThat(value).isEqualTo(OTHER),
            () -> assertThat(value).isNotEqualTo(OTHER),
            () -> assertThat(value).isIn(OTHER, VALUE),
            () -> assertThat(value).isIn(List.of(OTHER)),
            () -> assertThat(value).isNotIn(OTHER, VALUE),
            () -> assertThat(value).isNotIn(List.of(OTHER)),
            () -> assertThat(value).hasToString(OTHER),
            () -> assertThat(value).hasToString("%s", OTHER),
            () -> assertThat(value).doesNotHaveToString(VALUE),
            () -> assertThat(value).doesNotHaveToString("%s", VALUE),
            () -> assertThat(value).asString(),
            () -> assertThat(value).asInstanceOf(InstanceOfAssertFactories.type(Object.class)),
            () -> assertThat(found).isEqualTo(OTHER),
            () -> assertThat(found).isNotEqualTo(OTHER),
            () -> assertThat(found).isIn(OTHER, VALUE),
            () -> assertThat(found).isIn(List.of(OTHER)),
            () -> assertThat(found).isNotIn(OTHER, VALUE),
            () -> assertThat(found).isNotIn(List.of(OTHER)),
            () -> assertThat(found).hasToString(OTHER),
            () -> assertThat(found).hasToString("%s", OTHER),
            () -> assertThat(found).doesNotHaveToString(VALUE),
            () -> assertThat(found).doesNotHaveToString("%s", VALUE),
            () -> assertThat(found).asString(),
            () -> assertThat(found).asInstanceOf(InstanceOfAssertFactories.type(Object.class)),
            () -> assertThat(bundle).isEqualTo(OTHER),
            () -> assertThat(bundle).isNotEqualTo(OTHER),
            () -> assertThat(bundle).isIn(OTHER, VALUE),
            () -> assertThat(bundle).isIn(List.of(OTHER)),
            () -> assertThat(bundle).isNotIn(OTHER, VALUE),
            () -> assertThat(bundle).isNotIn(List.of(OTHER)),
            () -> assertThat(bundle).hasToString(OTHER),
            () -> assertThat(bundle).hasToString("%s", OTHER),
            () -> assertThat(bundle).doesNotHaveToString(VALUE),
            () -> assertThat(bundle).doesNotHaveToString("%s", VALUE),
            () -> assertThat(bundle).asString(),
            () -> assertThat(bundle).asInstanceOf(InstanceOfAssertFactories.type(Object.class))))
        .hasSize(36)
        .containsOnly("Secrets are compared by hasValue or doesNotHaveValue, which show nothing;"
            + " what was given here is not shown");
    bundle.close();
  }

  @Test
  void null_isAFailure_andABadArgumentAnError() {
    SecretValue none = null;
    assertThatThrownBy(() -> assertThat(none).hasValue(VALUE)).isInstanceOf(AssertionError.class);
    try (SecretValue value = SecretValue.of(VALUE)) {
      assertThatThrownBy(() -> assertThat(value).hasValue((String) null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("expected");
    }
  }

  /** Neither value is in any of them. */
  private static List<String> messages(ThrowingCallable... failing) {
    List<String> messages = new ArrayList<>();
    for (ThrowingCallable assertion : failing) {
      assertThatThrownBy(assertion)
          .isExactlyInstanceOf(AssertionError.class)
          .satisfies(thrown -> messages.add(thrown.getMessage()));
    }
    assertThat(messages).noneMatch(message -> message.contains(VALUE) || message.contains(OTHER));
    return messages;
  }
}
