package tech.tailor.secretmanager.testing.assertj;

import static java.util.Objects.requireNonNull;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;

/**
 * Assertions on the outcomes of several names, of which no failure shows a value; see
 * {@link SecretAssertions}.
 */
public final class SecretBundleAssert extends WithoutEquality<SecretBundleAssert, SecretBundle> {

  SecretBundleAssert(@Nullable SecretBundle actual) {
    super(actual, SecretBundleAssert.class);
  }

  /** Just these names were found, in whatever order. */
  public SecretBundleAssert hasOnlyFound(String... names) {
    Set<String> expected = Set.of(requireNonNull(names, "names"));
    isNotNull();
    if (!actual.names().equals(expected)) {
      throw failure("Expected the names found to be " + inOrder(expected) + ", but they are "
          + inOrder(actual.names()));
    }
    return this;
  }

  /** The name was found, and its value is this text in UTF-8. */
  public SecretBundleAssert hasValue(String name, String expected) {
    requireNonNull(expected, "expected");
    SecretValue value = found(name);
    if (SecretValueAssert.isWiped(value)) {
      throw failure("Expected an open secret " + name + ", but it is closed, and its value wiped");
    }
    if (!value.matches(expected)) {
      throw failure("Expected the secret " + name + " to have the given value, but it has another"
          + " one (neither is shown)");
    }
    return this;
  }

  /** The name was asked for, and there is no such secret. */
  public SecretBundleAssert isMissing(String name) {
    SecretManagerException failed = failureOf(name);
    if (failed != null) {
      throw failure("Expected no secret " + name + ", but it failed with a "
          + failed.getClass().getName());
    }
    if (actual.get(name).isPresent()) {
      throw failure("Expected no secret " + name + ", but there is one (its value is not shown)");
    }
    return this;
  }

  /** The name failed with an exception of this type. */
  public SecretBundleAssert hasFailure(String name, Class<? extends SecretManagerException> type) {
    requireNonNull(type, "type");
    SecretManagerException failed = failureOf(name);
    if (!type.isInstance(failed)) {
      throw failure(
          "Expected the secret " + name + " to fail with a " + type.getName() + ", but it "
              + (failed != null
                  ? "failed with a " + failed.getClass().getName()
                  : actual.get(name).isPresent()
                      ? "was found (its value is not shown)"
                      : "is missing"));
    }
    return this;
  }

  private SecretValue found(String name) {
    SecretManagerException failed = failureOf(name);
    if (failed != null) {
      throw failure("Expected a secret " + name + ", but it failed with a "
          + failed.getClass().getName());
    }
    return actual
        .get(name)
        .orElseThrow(() -> failure("Expected a secret " + name + ", but it is missing"));
  }

  private @Nullable SecretManagerException failureOf(String name) {
    requireNonNull(name, "name");
    isNotNull();
    return actual.failures().get(name);
  }

  private static String inOrder(Set<String> names) {
    return names.stream().sorted().toList().toString();
  }
}
