package tech.tailor.secretmanager.etcd;

import java.time.Duration;

/**
 * How long one call may wait, for all of its requests and pauses together. What code of the
 * caller's does between them, in {@code inOneCommit}, is not counted. For one thread.
 */
final class Budget {

  private long leftNanos;

  private Budget(long leftNanos) {
    this.leftNanos = leftNanos;
  }

  static Budget of(Duration time) {
    return new Budget(time.toNanos());
  }

  /** How much is left; not negative. */
  long leftNanos() {
    return leftNanos;
  }

  boolean isSpent() {
    return leftNanos == 0;
  }

  /** Takes a wait off that began at this {@link System#nanoTime} and ends now. */
  void spendSince(long startNanos) {
    leftNanos = Math.max(0, leftNanos - (System.nanoTime() - startNanos));
  }
}
