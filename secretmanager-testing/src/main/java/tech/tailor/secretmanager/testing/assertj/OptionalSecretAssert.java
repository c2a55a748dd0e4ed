package tech.tailor.secretmanager.testing.assertj;

import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactory;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretValue;

/**
 * Assertions on a value that may be missing, which no failure shows; see {@link SecretAssertions}.
 */
public final class OptionalSecretAssert
    extends AbstractAssert<OptionalSecretAssert, Optional<SecretValue>> {

  OptionalSecretAssert(Optional<SecretValue> actual) {
    super(actual, OptionalSecretAssert.class);
  }

  /** There is no such secret. */
  public OptionalSecretAssert isMissing() {
    isNotNull();
    if (actual.isPresent()) {
      throw failure("Expected no secret, but there is one (its value is not shown)");
    }
    return this;
  }

  /** There is such a secret. */
  public OptionalSecretAssert isFound() {
    found();
    return this;
  }

  /** There is such a secret, and its value is this text in UTF-8. */
  public OptionalSecretAssert hasValue(String expected) {
    found().hasValue(expected);
    return this;
  }

  /** There is such a secret; goes on with its value. */
  public SecretValueAssert found() {
    isNotNull();
    if (actual.isEmpty()) {
      throw failure("Expected a secret, but it is missing");
    }
    return new SecretValueAssert(actual.get()).as(descriptionText());
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}; {@code isSameAs} stays. */
  @Override
  public OptionalSecretAssert isEqualTo(@Nullable Object expected) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert isNotEqualTo(@Nullable Object unexpected) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert isIn(Object... values) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert isIn(Iterable<?> values) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert isNotIn(Object... values) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert isNotIn(Iterable<?> values) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert hasToString(String expected) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert hasToString(String expected, Object... args) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert doesNotHaveToString(String unexpected) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails, whatever is given: it could show it. Use {@link #hasValue}. */
  @Override
  public OptionalSecretAssert doesNotHaveToString(String unexpected, Object... args) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /** Fails: the assertions that it would begin show what they are given. Use {@link #hasValue}. */
  @Override
  public AbstractStringAssert<?> asString() {
    throw failure(SecretAssertions.NO_EQUALITY);
  }

  /**
   * Fails: the assertions that it would begin show fields, and so the value. Use {@link #hasValue}.
   */
  @Override
  public <A extends AbstractAssert<?, ?>> A asInstanceOf(InstanceOfAssertFactory<?, A> factory) {
    throw failure(SecretAssertions.NO_EQUALITY);
  }
}
