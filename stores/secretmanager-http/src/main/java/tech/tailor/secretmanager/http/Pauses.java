package tech.tailor.secretmanager.http;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Time, pauses and chance, which tests turn by hand.
 *
 * @param ticker the time, in nanoseconds from any origin
 * @param sleeper waits
 * @param random from 0 to 1
 */
record Pauses(LongSupplier ticker, Sleeper sleeper, DoubleSupplier random) {

  static final Pauses REAL = new Pauses(
      System::nanoTime,
      TimeUnit.NANOSECONDS::sleep,
      () -> ThreadLocalRandom.current().nextDouble());

  /** Waits. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /**
   * Waits, if the deadline leaves the time.
   *
   * @return whether it waited; if not because of an interrupt, the thread's flag is set
   */
  boolean pause(long nanos, Deadline deadline) {
    if (nanos >= deadline.leftNanos()) {
      return false;
    }
    try {
      sleeper.sleep(nanos);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
