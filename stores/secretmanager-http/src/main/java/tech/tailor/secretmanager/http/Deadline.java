package tech.tailor.secretmanager.http;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The moment by which a call has to be over, whatever it is made of.
 *
 * @param ticker the time, in nanoseconds from any origin
 * @param atNanos the moment, on the same scale
 */
record Deadline(LongSupplier ticker, long atNanos) {

  static Deadline after(Duration timeout, LongSupplier ticker) {
    return new Deadline(ticker, ticker.getAsLong() + timeout.toNanos());
  }

  /** What is left; negative if it is over. */
  long leftNanos() {
    return atNanos - ticker.getAsLong();
  }

  boolean isOver() {
    return leftNanos() <= 0;
  }
}
