package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
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

  /**
   * What is lent to a use: one secret, or several that belong together.
   *
   * @param <V> the form in which it is lent
   */
  private interface Lent<V extends AutoCloseable> {

    /** Reads it; the caller closes it. */
    V read();

    /** Asks the backend, whatever is cached. */
    void refresh();

    /** The values of it, in a fixed order, which stay its own. */
    List<SecretValue> values(V lent);
  }

  <T extends @Nullable Object, X extends Exception> T use(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X {
    return use(
        new Lent<SecretValue>() {
          @Override
          public SecretValue read() {
            return manager.requireSecret(ref);
          }

          @Override
          public void refresh() {
            manager.refresh(ref);
          }

          @Override
          public List<SecretValue> values(SecretValue lent) {
            return List.of(lent);
          }
        },
        SecretValue::close,
        use,
        isRejected);
  }

  /** Several secrets of one vault, which are read together. */
  <T extends @Nullable Object, X extends Exception> T use(
      String vault,
      List<String> names,
      SecretFunction<SecretBundle, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    return use(
        new Lent<SecretBundle>() {
          @Override
          public SecretBundle read() {
            SecretBundle bundle = manager.getSecretsTogether(vault, names);
            boolean complete = false;
            try {
              names.forEach(bundle::require);
              complete = true;
              return bundle;
            } finally {
              if (!complete) {
                bundle.close();
              }
            }
          }

          @Override
          public void refresh() {
            // The others are then of another answer, and so all are asked for together.
            manager.refresh(vault, names.get(0));
          }

          @Override
          public List<SecretValue> values(SecretBundle lent) {
            return names.stream().map(lent::require).toList();
          }
        },
        SecretBundle::close,
        use,
        isRejected);
  }

  private <V extends AutoCloseable, T extends @Nullable Object, X extends Exception> T use(
      Lent<V> secret,
      Consumer<V> close,
      SecretFunction<V, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    Budget budget = new Budget();
    List<List<SecretValue>> tried = new ArrayList<>();
    V lent = secret.read();
    try {
      while (true) {
        tried.add(forComparison(secret.values(lent)));
        try {
          return use.apply(lent);
        } catch (Exception e) {
          close.accept(lent);
          V another = isRejected.test(e) && budget.begin()
              ? another(secret, close, tried, budget, e)
              : null;
          if (another == null) {
            throw e;
          }
          lent = another;
        }
      }
    } finally {
      close.accept(lent);
      tried.forEach(values -> values.forEach(SecretValue::close));
    }
  }

  /** Asks the backend until it answers a value that was not tried; null if time runs out. */
  private <V extends AutoCloseable> @Nullable V another(
      Lent<V> secret,
      Consumer<V> close,
      List<List<SecretValue>> tried,
      Budget budget,
      Exception rejection) {
    try {
      // Another thread may have been rejected before, and have refreshed it.
      V untried = untried(secret, close, tried);
      while (untried == null) {
        secret.refresh();
        untried = untried(secret, close, tried);
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

  /** What there is now, which is the caller's, or null if it was tried. */
  private <V extends AutoCloseable> @Nullable V untried(
      Lent<V> secret, Consumer<V> close, List<List<SecretValue>> tried) {
    V current = secret.read();
    boolean isNew = false;
    try {
      List<SecretValue> values = secret.values(current);
      isNew = tried.stream().noneMatch(before -> same(before, values));
      return isNew ? current : null;
    } finally {
      if (!isNew) {
        close.accept(current);
      }
    }
  }

  private static boolean same(List<SecretValue> before, List<SecretValue> now) {
    for (int i = 0; i < before.size(); i++) {
      SecretValue each = before.get(i);
      if (!now.get(i).<Boolean, RuntimeException>withBytes(each::matches)) {
        return false;
      }
    }
    return true;
  }

  /** Copies of their own, for the use may close those that it is lent. */
  private static List<SecretValue> forComparison(List<SecretValue> values) {
    return values.stream()
        .map(value -> value.<SecretValue, RuntimeException>withBytes(
            bytes -> SecretSupport.adopt(bytes.clone(), value.metadata())))
        .toList();
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
