package tech.tailor.secretmanager.client;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Refreshes that a caller asked for, and waits for. Thread-safe. */
final class Refreshes {

  private final CacheParts parts;
  private volatile boolean closed;

  Refreshes(CacheParts parts) {
    this.parts = parts;
  }

  /** Makes the refreshes that wait end. */
  void close() {
    closed = true;
  }

  /**
   * Asks the backend after this was called, whatever is cached, and keeps the answer. A failure
   * that doesn't drop the cached value leaves it there, to answer reads as before.
   *
   * @param nested whether this thread is inside a call to the backend
   * @param deadlineNanos until when it may take, by {@link System#nanoTime()}
   * @return the failure of the backend, or null if it answered
   */
  SecretOutcome.@Nullable Failed refresh(SecretRef ref, boolean nested, long deadlineNanos) {
    if (nested) {
      return ask(ref, parts.nestedCalls(), Map.of(), parts.recorder()::isOvertaken, deadlineNanos);
    }
    while (!closed) {
      Load load = new Load();
      Load other = parts.loads().enter(ref, load);
      if (other == null) {
        return ask(ref, load, deadlineNanos);
      }
      // A load that was under way when this was called may bring what was true before. All who are
      // in this position share the next one, which one of them runs.
      Load next = other.next();
      SecretOutcome.Failed waitOver = other.awaitEnd(ref, parts.fetchTimeout(), deadlineNanos);
      if (waitOver != null) {
        return waitOver;
      }
      if (!next.claim()) {
        waitOver = next.awaitEnd(ref, parts.fetchTimeout(), deadlineNanos);
        if (waitOver != null) {
          return waitOver;
        }
        if (next.isAnswered()) {
          return next.failure();
        }
      } else if (parts.loads().enter(ref, next) == null) {
        return ask(ref, next, deadlineNanos);
      } else {
        next.complete(Optional.empty()); // another load came between: all begin again
      }
      if (System.nanoTime() - deadlineNanos >= 0) {
        return new SecretOutcome.Failed(Failures.loadTimedOut(ref, parts.fetchTimeout()));
      }
    }
    return new SecretOutcome.Failed(Failures.closedMeanwhile());
  }

  private SecretOutcome.@Nullable Failed ask(SecretRef ref, Load load, long deadlineNanos) {
    return ask(
        ref, parts.calls(), Map.of(ref, load), (asked, order) -> load.isOutdated(), deadlineNanos);
  }

  /**
   * Asks the backend for one secret, cached or not, and waits.
   *
   * @param own the load of the secret, which has been entered, or none
   * @return the failure of the backend, or null if it answered
   */
  private SecretOutcome.@Nullable Failed ask(
      SecretRef ref,
      BackendCalls calls,
      Map<SecretRef, Load> own,
      AnswerRecorder.Outdated outdated,
      long deadlineNanos) {
    if (Thread.currentThread().isInterrupted() && !calls.holdUpCaller()) {
      parts.loads().abandon(own); // it would not wait for an answer
      return new SecretOutcome.Failed(Failures.interrupted(ref.vault(), Set.of(ref.name())));
    }
    Fetch fetch = Fetch.begin(parts, calls, ref.vault(), Set.of(ref.name()), own, outdated);
    try {
      Waits.until(
          fetch.call(),
          deadlineNanos,
          why -> fetch.giveUp(why.failure(ref.vault(), fetch.names(), parts.fetchTimeout())));
    } catch (Throwable e) {
      fetch.abandon();
      throw e;
    }
    Map<String, SecretOutcome> outcomes = fetch.end(received -> {
      if (!Thread.currentThread().isInterrupted()) { // else it tells nothing of the backend
        own.values().forEach(load -> load.answered(failure(received.get(ref.name()))));
      }
    });
    Outcomes.discardAll(outcomes); // they are in the cache
    return failure(outcomes.get(ref.name()));
  }

  private static SecretOutcome.@Nullable Failed failure(@Nullable SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Failed failed ? failed : null;
  }
}
