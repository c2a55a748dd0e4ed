package tech.tailor.secretmanager.testing.assertj;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretValue;

/** Assertions on a value, which no failure shows; see {@link SecretAssertions}. */
public final class SecretValueAssert extends WithoutEquality<SecretValueAssert, SecretValue> {

  SecretValueAssert(@Nullable SecretValue actual) {
    super(actual, SecretValueAssert.class);
  }

  /** The value is this text in UTF-8. */
  public SecretValueAssert hasValue(String expected) {
    requireNonNull(expected, "expected");
    requireToBeOpen();
    if (!actual.matches(expected)) {
      throw failure("Expected the secret to have the given value, but it has another one (neither"
          + " is shown)");
    }
    return this;
  }

  /** The value is these bytes. */
  public SecretValueAssert hasValue(byte[] expected) {
    requireNonNull(expected, "expected");
    requireToBeOpen();
    if (!actual.matches(expected)) {
      throw failure("Expected the secret to have the given value, but it has another one (neither"
          + " is shown)");
    }
    return this;
  }

  /** The value is not this text in UTF-8. */
  public SecretValueAssert doesNotHaveValue(String unexpected) {
    requireNonNull(unexpected, "unexpected");
    requireToBeOpen();
    if (actual.matches(unexpected)) {
      throw failure(
          "Expected the secret to have another value than the given one (which is not shown)");
    }
    return this;
  }

  /** The value belongs to this version; 0 where the backend numbers none. */
  public SecretValueAssert hasVersion(long expected) {
    isNotNull();
    if (actual.version() != expected) {
      throw failure("Expected version %s of the secret, but it is version %s"
          .formatted(expected, actual.version()));
    }
    return this;
  }

  /** The backend gave the value within its time to live. */
  public SecretValueAssert isFresh() {
    isNotNull();
    if (actual.freshness() instanceof Freshness.Stale stale) {
      throw failure("Expected a fresh secret, but it is stale: " + stale.age() + " old, since "
          + stale.cause().getClass().getName());
    }
    return this;
  }

  /** The value outlived its time to live, because the backend could not be asked. */
  public SecretValueAssert isStale() {
    isNotNull();
    if (!(actual.freshness() instanceof Freshness.Stale)) {
      throw failure("Expected a stale secret, but it is fresh");
    }
    return this;
  }

  /** The value is stale, and that old. */
  public SecretValueAssert isStaleFor(Duration expectedAge) {
    requireNonNull(expectedAge, "expectedAge");
    isStale();
    Duration age = ((Freshness.Stale) actual.freshness()).age();
    if (!age.equals(expectedAge)) {
      throw failure(
          "Expected a secret that is stale and " + expectedAge + " old, but it is " + age + " old");
    }
    return this;
  }

  /** The value can be read. */
  public SecretValueAssert isOpen() {
    requireToBeOpen();
    return this;
  }

  /** The value is wiped. */
  public SecretValueAssert isClosed() {
    isNotNull();
    if (!isWiped(actual)) {
      throw failure("Expected a closed secret, but it is open");
    }
    return this;
  }

  private void requireToBeOpen() {
    isNotNull();
    if (isWiped(actual)) {
      throw failure("Expected an open secret, but it is closed, and its value wiped");
    }
  }

  static boolean isWiped(SecretValue value) {
    try {
      return value.<Boolean, RuntimeException>withBytes(bytes -> false);
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
