package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

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

  /**
   * The value outlived its time to live, and the backend could not be asked for a newer one.
   *
   * @param age the time since the backend last gave the value
   * @param cause why there is no newer one; shared between readers, so inspect it rather than throw
   *     it
   */
  record Stale(Duration age, SecretManagerException cause) implements Freshness {
    /** Checks that nothing is null. */
    public Stale {
      requireNonNull(age, "age");
      requireNonNull(cause, "cause");
    }
  }
}
