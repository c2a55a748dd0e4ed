package tech.tailor.secretmanager.testing.assertj;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretValue;

/**
 * Assertions on what a {@link tech.tailor.secretmanager.SecretManager} gives. A failure says what
 * was expected and what is otherwise, and never a value: neither the actual nor the expected one.
 * Nothing is closed. What AssertJ offers for any object and would show a value says to use
 * {@code hasValue} instead: {@code isEqualTo}, {@code isIn}, {@code hasToString} and their
 * opposites, {@code asString} and {@code asInstanceOf}. {@code isSameAs} stays, for objects.
 *
 * <p><b>AssertJ's own {@code assertThat}</b> reads private fields by reflection: a failure of
 * {@code usingRecursiveComparison()} or {@code extracting("bytes")} on a value, or on an object
 * that holds one, shows the bytes of it. Compare with {@code hasValue}; leave fields of type
 * {@code SecretValue} out with {@code ignoringFieldsOfTypes(SecretValue.class)}. With
 * {@code @FailOnLeak}, such a failure is withheld.
 *
 * <pre>{@code
 * try (SecretValue password = secretManager.requireSecret("default", "db-password")) {
 *   assertThat(password).hasValue("made up").hasVersion(2).isFresh();
 * }
 * }</pre>
 *
 * <p>May be imported beside AssertJ's own {@code assertThat}.
 */
public final class SecretAssertions {

  private SecretAssertions() {}

  /** Begins an assertion on a value. */
  public static SecretValueAssert assertThat(@Nullable SecretValue actual) {
    return new SecretValueAssert(actual);
  }

  /** Begins an assertion on a value that may be missing. */
  public static OptionalSecretAssert assertThat(Optional<SecretValue> actual) {
    return new OptionalSecretAssert(actual);
  }

  /** Begins an assertion on the outcomes of several names. */
  public static SecretBundleAssert assertThat(@Nullable SecretBundle actual) {
    return new SecretBundleAssert(actual);
  }
}
