package tech.tailor.secretmanager.testing.assertj;

import java.util.Optional;
import tech.tailor.secretmanager.SecretValue;

/**
 * Assertions on a value that may be missing, which no failure shows; see {@link SecretAssertions}.
 */
public final class OptionalSecretAssert
    extends WithoutEquality<OptionalSecretAssert, Optional<SecretValue>> {

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
}
