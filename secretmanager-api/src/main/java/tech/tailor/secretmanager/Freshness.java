package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a value can be trusted to be the current one: {@link Fresh}, or {@link Stale} with its
 * age and the reason. Immutable and thread-safe.
 *
 * <pre>{@code
 * if (value.freshness() instanceof Freshness.Stale stale) {
 *   logger.log(System.Logger.Level.WARNING, "database password is " + stale.age() + " old: " + stale.cause().getMessage());
 * }
 * }</pre>
 */
public sealed interface Freshness {

  /** The freshness of a value that the backend gave within its time to live. */
  static Freshness fresh() {
    return Fresh.FRESH;
  }

  /** The backend gave the value within its time to live. */
  enum Fresh implements Freshness {
    /** The only one of its kind. */
    FRESH
  }

  /** The value outlived its time to live, and the backend could not be asked for a newer one. */
  final class Stale implements Freshness {

    private final Duration age;
    private final SecretManagerException cause;

    private Stale(Duration age, SecretManagerException cause) {
      requireNonNull(age, "age");
      requireNonNull(cause, "cause");
      this.age = age;
      this.cause = cause;
    }

    /** The freshness of a stale value. */
    public static Stale of(Duration age, SecretManagerException cause) {
      return new Stale(age, cause);
    }

    /** The time since the backend last gave the value. */
    public Duration age() {
      return age;
    }

    /** Why there is no newer one; shared between readers, so inspect it rather than throw it. */
    public SecretManagerException cause() {
      return cause;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Stale that && age.equals(that.age) && cause.equals(that.cause);
    }

    @Override
    public int hashCode() {
      return Objects.hash(age, cause);
    }

    /** Returns all of it: nothing in here is secret. */
    @Override
    public String toString() {
      return "Stale[age=" + age + ", cause=" + cause + "]";
    }
  }
}
