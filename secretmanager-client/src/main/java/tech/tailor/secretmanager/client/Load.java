package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** A load of one secret that is under way. Completes with what its waiters share. */
final class Load extends CompletableFuture<Optional<SecretOutcome>> {

  private volatile long begunNanos;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final AtomicReference<@Nullable Load> next = new AtomicReference<>();
  private volatile boolean outdated;
  private volatile boolean answered;
  private volatile SecretOutcome.@Nullable Failed failure;

  Load() {
    this(System.nanoTime());
  }

  /** One that has been under way since then, by {@link System#nanoTime()}. */
  Load(long begunNanos) {
    this.begunNanos = begunNanos;
  }

  /** The load after this one, for those to share who came too late for this one. */
  Load next() {
    Load successor = new Load();
    Load first = next.compareAndExchange(null, successor);
    return first == null ? successor : first;
  }

  /** Whether the caller is the one to run it: true for the first. */
  boolean claim() {
    boolean first = claimed.compareAndSet(false, true);
    if (first) {
      this.begunNanos = System.nanoTime();
    }
    return first;
  }

  /** Whether it has been under way for more than twice the time that a call may take. */
  boolean isOverdue(Duration fetchTimeout) {
    return (System.nanoTime() - begunNanos) / 2 > fetchTimeout.toNanos();
  }

  /** Whether the secret was invalidated since, so that what this load brings must not be kept. */
  boolean isOutdated() {
    return outdated;
  }

  /**
   * Waits for the outcome that the load shares. Empty if it leaves the caller to look for itself.
   *
   * @param fetchTimeout how long that is in all, for the message
   * @param deadlineNanos until when, by {@link System#nanoTime()}; a failure tells that it is over
   */
  Optional<SecretOutcome> await(SecretRef ref, Duration fetchTimeout, long deadlineNanos) {
    try {
      return get(deadlineNanos - System.nanoTime(), NANOSECONDS).map(Outcomes::forCaller);
    } catch (TimeoutException e) {
      return Optional.of(new SecretOutcome.Failed(Failures.loadTimedOut(ref, fetchTimeout)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new SecretOutcome.Failed(Failures.loadInterrupted(ref)));
    } catch (ExecutionException e) {
      throw new AssertionError("A load completes with an outcome, never with an exception", e);
    }
  }

  /** Waits for the end of the load. Null if it ended; otherwise why the wait is over. */
  SecretOutcome.@Nullable Failed awaitEnd(
      SecretRef ref, Duration fetchTimeout, long deadlineNanos) {
    Optional<SecretOutcome> outcome = await(ref, fetchTimeout, deadlineNanos);
    return !isDone() && outcome.orElse(null) instanceof SecretOutcome.Failed failed ? failed : null;
  }

  /** Remembers that the backend was asked, and whether it failed. */
  void answered(SecretOutcome.@Nullable Failed backendFailure) {
    this.failure = backendFailure;
    this.answered = true;
  }

  boolean isAnswered() {
    return answered;
  }

  /** The failure of the backend for one more caller, or null if it did not fail. */
  SecretOutcome.@Nullable Failed failure() {
    SecretOutcome.Failed failed = failure;
    return failed == null
        ? null
        : new SecretOutcome.Failed(SecretSupport.forCaller(failed.failure()));
  }

  void outdate() {
    this.outdated = true;
  }

  /**
   * What the waiters of a load share. Nothing, if it stored a value, which each copies for itself,
   * or failed because its own thread was interrupted. A load that ended with an error, and so
   * without an outcome, shares that.
   */
  static Optional<SecretOutcome> shared(SecretRef ref, @Nullable SecretOutcome outcome) {
    if (outcome == null) {
      return Optional.of(new SecretOutcome.Failed(new SecretUnavailableException(
          "The thread that was loading the secret " + ref + " ended with an error")));
    }
    boolean interrupted =
        outcome instanceof SecretOutcome.Failed && Thread.currentThread().isInterrupted();
    return outcome instanceof SecretOutcome.Found || interrupted
        ? Optional.empty()
        : Optional.of(outcome);
  }
}
