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
final class AnswerRecorder {

  private final GuardedBackend backend;
  private final CachedSecrets cached;
  private final InFlightLoads loads;
  private final CacheCounters counters;
  private final Listeners listeners;
  private final LongSupplier ticker;
  private final DoubleSupplier jitter;

  /** The order in which the backend was asked, invalidations counted too. */
  private final AtomicLong asked = new AtomicLong();

  /** The latest in that order of which the answer is known. */
  private final AtomicLong learned = new AtomicLong();

  private volatile boolean closed;

  AnswerRecorder(
      GuardedBackend backend,
      CachedSecrets cached,
      InFlightLoads loads,
      CacheCounters counters,
      Listeners listeners,
      CacheSettings settings) {
    this.backend = backend;
    this.cached = cached;
    this.loads = loads;
    this.counters = counters;
    this.listeners = listeners;
    this.ticker = settings.ticker();
    this.jitter = settings.jitter();
  }

  /** Decides whether an answer must not be kept. */
  interface Outdated {
    boolean test(SecretRef ref, long order);
  }

  /**
   * A question that was put to the backend.
   *
   * @param answer its place in the order, and when it was asked
   * @param call completes with the outcomes
   * @param beganNanos when it was asked, by {@link System#nanoTime()}
   */
  record Question(
      String vault, Set<String> names, Answer answer, BackendCall call, long beganNanos) {}

  /** Asks the backend for secrets of a vault. */
  Question ask(BackendCalls calls, String vault, Set<String> names) {
    Answer answer = new Answer(asked.incrementAndGet(), ticker.getAsLong());
    long beganNanos = System.nanoTime();
    return new Question(vault, names, answer, calls.ask(vault, names), beganNanos);
  }

  /**
   * Keeps what the backend answered, and adds it to the outcomes. The values found are the
   * caller's.
   */
  void record(
      Question question,
      Map<String, SecretOutcome> fetched,
      Map<String, SecretOutcome> outcomes,
      Outdated outdated) {
    outcomes.putAll(fetched); // first of all, so that an error on the way leaves no value behind
    String vault = question.vault();
    learned(question.answer().order());
    listeners.loadCompleted(
        vault, Duration.ofNanos(System.nanoTime() - question.beganNanos()), fetched);
    FailedAt failedAt = new FailedAt(ticker.getAsLong(), jitter.getAsDouble()); // if it failed
    fetched.forEach((name, outcome) -> outcomes.put(
        name, learn(SecretRef.of(vault, name), outcome, question.answer(), failedAt, outdated)));
  }

  /** Has the listeners told of what was recorded; not while a read waits for this thread. */
  void tell() {
    listeners.deliver();
  }

  /**
   * Returns whether an answer that no load was entered for must not be kept: an answer to a later
   * question is known, or a load of the secret is under way. The later answer need not be of this
   * secret; such answers are rare, and too few are kept rather than an older value.
   */
  boolean isOvertaken(SecretRef ref, long order) {
    return learned.get() > order || loads.of(ref) != null;
  }

  /**
   * Makes loads of others bring nothing back that an answer beside them found denied or missing:
   * they may have asked before.
   */
  void outdateOthers(String vault, Map<String, SecretOutcome> outcomes) {
    outcomes.forEach((name, outcome) -> {
      if (outcome instanceof SecretOutcome.Missing
          || (outcome instanceof SecretOutcome.Failed failed && failed.failure().dropsCached())) {
        SecretRef ref = SecretRef.of(vault, name);
        loads.outdate(ref);
        cached.dropValue(ref);
      }
    });
  }

  /** Keeps nothing that was asked for before this, unless its load is under way. */
  void forget() {
    learned(asked.incrementAndGet());
  }

  boolean isClosed() {
    return closed;
  }

  /** Keeps nothing from now on. */
  void close() {
    closed = true;
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
      cached.servedStale(secret, failure);
      listeners.stale(
          ref, Freshness.Stale.of(Duration.ofNanos(secret.ageNanos(failedAt.nanos())), failure));
    } else if (!fresh) { // no value answers in its place
      cached.putFailure(ref, failure, failedAt, outdated);
    }
  }
}
