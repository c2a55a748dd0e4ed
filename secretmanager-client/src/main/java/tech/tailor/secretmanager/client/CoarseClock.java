package tech.tailor.secretmanager.client;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * {@link System#nanoTime()} for those who ask so often that asking costs more than the rest: a
 * daemon thread looks at the time every 10 ms, and callers read what it saw. The time lags by so
 * much; by more if the machine keeps that thread waiting, which is what {@link #verify()} is for.
 * The thread lives only while somebody asks. Thread-safe.
 */
final class CoarseClock implements LongSupplier {

  /** One for the whole JVM. */
  static final CoarseClock SHARED = new CoarseClock();

  /** How much the time lags while the machine isn't overloaded, doubled for good measure. */
  static final long LAG_NANOS = 20_000_000L;

  private static final long TICK_NANOS = 10_000_000L;
  private static final int IDLE_TICKS = 100;

  private final LongConsumer sleep;
  private volatile boolean running;
  private volatile long nanos;

  /** Whether somebody asked since the last tick; written once a tick at most. */
  private boolean asked;

  CoarseClock() {
    this(LockSupport::parkNanos);
  }

  /** One whose thread sleeps as a test wants it to. */
  CoarseClock(LongConsumer sleep) {
    this.sleep = sleep;
  }

  @Override
  public long getAsLong() {
    if (!running) {
      return start();
    }
    if (!asked) {
      asked = true;
    }
    return nanos;
  }

  /** Sets the time right where it lags by more than it should. */
  void verify() {
    long exact = System.nanoTime();
    if (running && exact - nanos > LAG_NANOS) {
      nanos = exact;
    }
  }

  /** Whether its thread lives, for tests. */
  boolean isRunning() {
    return running;
  }

  private synchronized long start() {
    if (!running) {
      nanos = System.nanoTime();
      try {
        Thread thread = new Thread(this::tick, "secretmanager-clock");
        thread.setDaemon(true);
        thread.setContextClassLoader(null); // it outlives who happened to ask first
        thread.start();
        running = true;
      } catch (OutOfMemoryError e) { // no more threads: whoever asks looks at the time itself
        return nanos;
      }
    }
    return nanos;
  }

  private void tick() {
    try {
      for (int idle = 0; idle < IDLE_TICKS; idle++) {
        sleep.accept(TICK_NANOS);
        nanos = System.nanoTime();
        if (asked) {
          asked = false;
          idle = 0;
        }
      }
    } finally {
      stop(); // however it ends: a clock that stands still would keep old values fresh
    }
  }

  private synchronized void stop() {
    running = false;
  }
}
