package tech.tailor.secretmanager.testing.emulator;

import java.util.function.LongSupplier;

/** How many calls a token has left: a bucket that holds the calls of one second and refills. */
final class CallRate {

  private static final double NANOS_PER_SECOND = 1e9;

  private final int callsPerSecond;
  private final LongSupplier ticker;
  private double left;
  private long filledNanos;

  CallRate(int callsPerSecond, LongSupplier ticker) {
    this.callsPerSecond = callsPerSecond;
    this.ticker = ticker;
    this.left = callsPerSecond;
    this.filledNanos = ticker.getAsLong();
  }

  /** Takes one call; false if no call is left. */
  synchronized boolean tryTake() {
    long now = ticker.getAsLong();
    left = Math.min(callsPerSecond, left + (now - filledNanos) / NANOS_PER_SECOND * callsPerSecond);
    filledNanos = now;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
