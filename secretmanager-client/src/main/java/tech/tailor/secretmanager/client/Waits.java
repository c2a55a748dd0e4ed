package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tech.tailor.secretmanager.client.PendingRead.Reason;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Waits on the thread of a reader. */
final class Waits {

  private Waits() {}

  /**
   * Takes a read to its end; this thread waits, until the deadline or until it is interrupted.
   *
   * @param holdsUpCaller whether this thread makes calls itself, which an interrupt doesn't prevent
   */
  static Map<String, SecretOutcome> complete(
      PendingRead read, boolean holdsUpCaller, long deadlineNanos) {
    boolean complete = false;
    try {
      if (!holdsUpCaller
          && Thread.currentThread().isInterrupted()) { // it would not wait for an answer
        read.giveUp(Reason.INTERRUPTED);
      }
      CompletableFuture<?> next = read.advance();
      while (next != null) {
        until(next, deadlineNanos, read::giveUp);
        next = read.advance();
      }
      complete = true;
      return read.outcomes();
    } finally {
      if (!complete) {
        read.abandon();
      }
    }
  }

  /**
   * Waits for a future to end, until the deadline or until this thread is interrupted. It stays
   * interrupted.
   *
   * @param deadlineNanos until when, by {@link System#nanoTime()}
   * @param giveUp is called if the wait ended first
   */
  static void until(CompletableFuture<?> future, long deadlineNanos, Consumer<Reason> giveUp) {
    try {
      future.get(deadlineNanos - System.nanoTime(), NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp.accept(Reason.TIMED_OUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp.accept(Reason.INTERRUPTED);
    } catch (ExecutionException e) {
      // The read looks at the outcome itself.
    }
  }
}
