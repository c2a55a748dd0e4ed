package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.CachedSecret.Answer;
import tech.tailor.secretmanager.client.CachedSecret.FailedAt;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Asks the backend, and keeps what it answers in the cache: values, absences and failures, each for
 * its time. It knows in which order the backend was asked, so that an older answer never takes the
 * place of a newer one. Thread-safe.
 */
final class Fetches {

  private final GuardedBackend backend;
  private final CachedSecrets cached;
  private final CacheCounters counters;
  private final Listeners listeners;
  private final LongSupplier ticker;
  private final DoubleSupplier jitter;

  /** The order in which the backend was asked, invalidations counted too. */
  private final AtomicLong asked = new AtomicLong();

  /** The latest in that order of which the answer is known. */
  private final AtomicLong learned = new AtomicLong();

  private volatile boolean closed;

  Fetches(
      GuardedBackend backend,
      CachedSecrets cached,
      CacheCounters counters,
      Listeners listeners,
      CacheSettings settings) {
    this.backend = backend;
    this.cached = cached;
    this.counters = counters;
    this.listeners = listeners;
    this.ticker = settings.ticker();
    this.jitter = settings.jitter();
  }

  /** Tells of what an answer brings whether it must not be kept. */
  interface Outdated {
    boolean test(SecretRef ref, long order);
  }

  /**
   * Asks the backend, keeps what it answers, and adds it to the outcomes. The values found are the
   * caller's.
   */
  void fetch(
      String vault, Set<String> names, Map<String, SecretOutcome> outcomes, Outdated outdated) {
    long order = asked.incrementAndGet();
    Answer answer = new Answer(order, ticker.getAsLong());
    Map<String, SecretOutcome> fetched = backend.fetch(vault, names);
    outcomes.putAll(fetched); // first of all, so that an error on the way leaves no value behind
    learned(order);
    FailedAt failedAt = new FailedAt(ticker.getAsLong(), jitter.getAsDouble()); // if it failed
    fetched.forEach((name, outcome) ->
        outcomes.put(name, learn(SecretRef.of(vault, name), outcome, answer, failedAt, outdated)));
  }

  /** How many calls were made to the backend. */
  long made() {
    return backend.made();
  }

  /** Whether something was learned that was asked later than the given place in the order. */
  boolean isOvertaken(long order) {
    return learned.get() > order;
  }

  /** What was asked before this is not to be kept, unless its load is under way. */
  void forget() {
    learned(asked.incrementAndGet());
  }

  /** Keeps nothing from now on, and begins no call that still waits. */
  void close() {
    closed = true;
    backend.endCalls();
  }

  private void learned(long order) {
    learned.accumulateAndGet(order, Math::max);
  }

  /** Keeps what the backend answered. Returns the same, or a failure if it can't be kept. */
  private SecretOutcome learn(
      SecretRef ref, SecretOutcome outcome, Answer answer, FailedAt failedAt, Outdated outdated) {
    if (outcome instanceof SecretOutcome.Found found) {
      return learnFound(ref, found, answer, failedAt, outdated);
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      return learnFailure(ref, failed, answer, failedAt, outdated);
    }
    cached.dropUpTo(ref, answer);
    if (!outdated.test(ref, answer.order())) {
      cached.putAbsence(
          ref,
          ((SecretOutcome.Missing) outcome).missing(),
          answer,
          () -> closed || outdated.test(ref, answer.order()));
      dropIfOutdated(ref, answer, outdated);
    }
    return outcome;
  }

  private SecretOutcome learnFound(
      SecretRef ref,
      SecretOutcome.Found found,
      Answer answer,
      FailedAt failedAt,
      Outdated outdated) {
    try {
      cached.putValue(
          ref, found.value(), answer, () -> closed || outdated.test(ref, answer.order()));
    } catch (IllegalStateException e) {
      return learnFailure(ref, backend.gaveClosedValue(ref), answer, failedAt, outdated);
    }
    dropIfOutdated(ref, answer, outdated);
    return found;
  }

  /** Takes back what was just stored, if everything was dropped meanwhile. */
  private void dropIfOutdated(SecretRef ref, Answer answer, Outdated outdated) {
    if (closed || outdated.test(ref, answer.order())) {
      cached.takeBack(ref, answer);
    }
  }

  private SecretOutcome learnFailure(
      SecretRef ref,
      SecretOutcome.Failed failed,
      Answer answer,
      FailedAt failedAt,
      Outdated outdated) {
    counters.failed();
    SecretManagerException failure = failed.failure();
    if (failure.dropsCached()) {
      cached.dropUpTo(ref, answer);
    }
    if (!Thread.currentThread().isInterrupted()) { // else it tells nothing of the backend
      remember(ref, failure, failedAt, () -> closed || outdated.test(ref, answer.order()));
    }
    // After it is remembered: a listener that reads the secret must not wait for this very load.
    if (failure instanceof SecretAccessDeniedException denied) {
      listeners.denied(ref, denied);
    }
    listeners.deliver();
    return failed;
  }

  private void remember(
      SecretRef ref, SecretManagerException failure, FailedAt failedAt, BooleanSupplier outdated) {
    if (outdated.getAsBoolean()) {
      return;
    }
    CachedSecret secret = cached.value(ref);
    boolean fresh = secret != null && secret.isFresh(failedAt.nanos());
    if (secret != null) {
      secret.failedRefresh(FailedRefresh.after(
          secret.failedRefresh(), failure, failedAt, FailedRefresh.LONGEST_PAUSE_NANOS));
    }
    if (secret != null && !fresh && failure.isStaleAllowed()) {
      listeners.stale(
          ref, Freshness.Stale.of(Duration.ofNanos(secret.ageNanos(failedAt.nanos())), failure));
    } else if (!fresh) { // no value answers in its place
      cached.putFailure(ref, failure, failedAt, outdated);
    }
  }
}
