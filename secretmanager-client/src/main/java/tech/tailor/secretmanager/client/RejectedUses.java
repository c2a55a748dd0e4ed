package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * Repeats a use of a secret that was rejected, as soon as the secret has another value: after a
 * rotation the cache still holds the old one, or the backend does for a moment. A use is never
 * repeated with the value that was rejected. Thread-safe.
 */
final class RejectedUses {

  private static final long FIRST_PAUSE_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000L;

  private final SecretManager manager;
  private final long budgetNanos;
  private final LongSupplier clock;
  private final Sleeper sleeper;

  RejectedUses(SecretManager manager, Duration budget) {
    this(manager, budget, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  RejectedUses(SecretManager manager, Duration budget, LongSupplier clock, Sleeper sleeper) {
    this.manager = manager;
    this.budgetNanos = budget.toNanos();
    this.clock = clock;
    this.sleeper = sleeper;
  }

  /** Waits; for tests to do it in no time. */
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  <T extends @Nullable Object, X extends Exception> T use(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X {
    Budget budget = new Budget();
    List<SecretValue> tried = new ArrayList<>();
    SecretValue value = manager.requireSecret(ref);
    try {
      while (true) {
        tried.add(forComparison(value));
        try {
          return use.apply(value);
        } catch (Exception e) {
          value.close();
          SecretValue another =
              isRejected.test(e) && budget.begin() ? another(ref, tried, budget, e) : null;
          if (another == null) {
            throw e;
          }
          value = another;
        }
      }
    } finally {
      value.close();
      tried.forEach(SecretValue::close);
    }
  }

  /** Asks the backend until the secret has a value that was not tried. Null if it hasn't. */
  private @Nullable SecretValue another(
      SecretRef ref, List<SecretValue> tried, Budget budget, Exception rejection) {
    try {
      // Another thread may have been rejected before, and have refreshed it.
      SecretValue untried = untried(ref, tried);
      while (untried == null) {
        manager.refresh(ref);
        untried = untried(ref, tried);
        if (untried == null && !budget.pause()) {
          return null;
        }
      }
      return untried;
    } catch (SecretManagerException | IllegalStateException e) { // no answer, or closed meanwhile
      rejection.addSuppressed(e);
      return null;
    }
  }

  /** The secret's value, which is the caller's, or null if it was tried. */
  private @Nullable SecretValue untried(SecretRef ref, List<SecretValue> tried) {
    SecretValue current = manager.requireSecret(ref);
    boolean isNew = false;
    try {
      isNew = !current.<Boolean, RuntimeException>withBytes(
          bytes -> tried.stream().anyMatch(value -> value.matches(bytes)));
      return isNew ? current : null;
    } finally {
      if (!isNew) {
        current.close();
      }
    }
  }

  /** A copy of its own, for the use may close the one that it is lent. */
  private static SecretValue forComparison(SecretValue value) {
    return value.<SecretValue, RuntimeException>withBytes(
        bytes -> SecretValue.adopt(bytes.clone(), value.metadata()));
  }

  /** The time for one call, which begins with the first rejection. */
  private final class Budget {

    private boolean begun;
    private long endNanos;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    /**
     * False if it is over: a secret that changes all the time must not hold the caller for ever.
     */
    boolean begin() {
      if (!begun) {
        begun = true;
        endNanos = clock.getAsLong() + budgetNanos;
        return true;
      }
      return clock.getAsLong() - endNanos < 0;
    }

    /** False if there is no time for another attempt, or the thread was interrupted. */
    boolean pause() {
      if (clock.getAsLong() + pauseNanos - endNanos > 0) {
        return false;
      }
      try {
        sleeper.sleep(pauseNanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
      return true;
    }
  }
}
