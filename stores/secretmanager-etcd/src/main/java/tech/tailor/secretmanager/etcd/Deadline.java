package tech.tailor.secretmanager.etcd;

import java.time.Duration;

/** The end of the time that one call has. Immutable. */
final class Deadline {

  private final long endNanos;

  private Deadline(long endNanos) {
    this.endNanos = endNanos;
  }

  static Deadline after(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** How much is left; not negative. */
  long remainingNanos() {
    return Math.max(0, endNanos - System.nanoTime());
  }

  boolean isOver() {
    return remainingNanos() == 0;
  }
}
