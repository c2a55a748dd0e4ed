package tech.tailor.secretmanager.envelope.shared;

import java.time.Duration;

/**
 * How long one call may wait, for all of its requests and pauses together. What code of the
 * caller's does between them, in {@code inOneCommit}, is not counted. For one thread.
 */
public final class Budget {

  private final long wholeNanos;
  private long leftNanos;

  private Budget(long wholeNanos) {
    this.wholeNanos = wholeNanos;
    this.leftNanos = wholeNanos;
  }

  /** For a call that may wait so long. */
  public static Budget of(Duration time) {
    return new Budget(time.toNanos());
  }

  /** How much is left; not negative. */
  public long leftNanos() {
    return leftNanos;
  }

  /** For an attempt that must leave time for another; this budget is not spent by it. */
  public Budget half() {
    return new Budget(leftNanos / 2);
  }

  public boolean isSpent() {
    return leftNanos == 0;
  }

  /** For a call that can stop halfway: it has more to do than it may have time for. */
  public boolean isHalfSpent() {
    return leftNanos <= wholeNanos / 2;
  }

  /** Takes a wait off that began at this {@link System#nanoTime} and ends now. */
  public void spendSince(long startNanos) {
    leftNanos = Math.max(0, leftNanos - (System.nanoTime() - startNanos));
  }
}
