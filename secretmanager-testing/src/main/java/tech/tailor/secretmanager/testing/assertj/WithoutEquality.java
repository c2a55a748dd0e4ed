package tech.tailor.secretmanager.testing.assertj;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.InstanceOfAssertFactory;
import org.jspecify.annotations.Nullable;

/** Assertions that refuse what would show, in a failure, a secret or what it is compared with. */
abstract class WithoutEquality<S extends WithoutEquality<S, A>, A> extends AbstractAssert<S, A> {

  private static final String REFUSED =
      "Secrets are compared by hasValue or doesNotHaveValue, which"
          + " show nothing; what was given here is not shown";

  WithoutEquality(@Nullable A actual, Class<S> type) {
    super(actual, type);
  }

  private AssertionError refused() {
    return failure(REFUSED);
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}; {@code isSameAs} stays. */
  @Override
  public S isEqualTo(@Nullable Object expected) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S isNotEqualTo(@Nullable Object unexpected) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S isIn(Object... values) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S isIn(Iterable<?> values) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S isNotIn(Object... values) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S isNotIn(Iterable<?> values) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S hasToString(String expected) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S hasToString(String expected, Object... args) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S doesNotHaveToString(String unexpected) {
    throw refused();
  }

  /** Fails, whatever is given: it could show it. Use {@code hasValue}. */
  @Override
  public S doesNotHaveToString(String unexpected, Object... args) {
    throw refused();
  }

  /** Fails: the assertions that it would begin show what they are given. Use {@code hasValue}. */
  @Override
  public AbstractStringAssert<?> asString() {
    throw refused();
  }

  /**
   * Fails: the assertions that it would begin show fields, and so the value. Use {@code hasValue}.
   */
  @Override
  public <T extends AbstractAssert<?, ?>> T asInstanceOf(InstanceOfAssertFactory<?, T> factory) {
    throw refused();
  }
}
