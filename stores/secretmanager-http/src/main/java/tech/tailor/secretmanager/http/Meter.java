package tech.tailor.secretmanager.http;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Counts the bytes of one connection, and ends it when the server sends more than it may:
 *
 * <ul>
 *   <li>{@link HttpLimits#IDLE_BYTES} for handshakes and for what it sends unasked;
 *   <li>{@link HttpLimits#AHEAD_BYTES} for each exchange under way: the headers, and what of the
 *       body the caller has not read yet;
 *   <li>what callers have read of bodies, and an eighth of that for framing and TLS.
 * </ul>
 *
 * <p>So a reply costs little memory, in whatever part of it the server goes on for ever. With
 * HTTP/2, one thread reads for all exchanges: when it is too far ahead, it waits a while for the
 * callers. Thread-safe.
 */
final class Meter {

  private int underWay;
  private boolean multiplexed;
  private long allowed = HttpLimits.IDLE_BYTES;
  private long sent;
  private boolean served;
  private boolean exceeded;
  private boolean ended;

  /** More bytes arrived than the exchanges on the connection allow. */
  static final class ExceededException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * An exchange begins: its bytes are allowed in addition.
   *
   * @param multiplexed whether another thread reads the connection than those of its calls
   */
  synchronized void begin(boolean multiplexed) {
    this.multiplexed = multiplexed;
    underWay++;
    allowed += HttpLimits.AHEAD_BYTES;
    notifyAll();
  }

  /** An exchange has ended: what it left of its bytes is no longer allowed. */
  synchronized void end() {
    underWay--;
    allowed = Math.min(allowed, HttpLimits.IDLE_BYTES + (long) underWay * HttpLimits.AHEAD_BYTES);
    notifyAll();
  }

  /** The caller has read so much of a body. */
  synchronized void consumed(long bytes) {
    allowed += bytes + bytes / 8;
    notifyAll();
  }

  /** A reply to an exchange arrived. */
  synchronized void served() {
    served = true;
  }

  /** Whether the connection brought a reply before; if not, it is new. */
  synchronized boolean hasServed() {
    return served;
  }

  synchronized void sent(int count) {
    sent += count;
  }

  /** How many bytes the operating system has taken to send. */
  synchronized long sentBytes() {
    return sent;
  }

  synchronized void received(int count) throws IOException {
    allowed -= count;
    long deadline = System.nanoTime() + HttpLimits.AHEAD_TIMEOUT.toNanos();
    while (allowed < 0) {
      long left = deadline - System.nanoTime();
      if (!multiplexed || underWay == 0 || left <= 0) {
        exceeded = true;
        throw new ExceededException();
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted");
      }
    }
  }

  synchronized boolean isExceeded() {
    return exceeded;
  }

  /** The server has ended the connection, or it broke. */
  synchronized void ended() {
    ended = true;
    notifyAll();
  }

  /** Whether the connection has ended; waits a moment for the thread that reads to notice. */
  synchronized boolean endsWithin(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    for (long left = nanos; !ended && left > 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return ended;
  }
}
