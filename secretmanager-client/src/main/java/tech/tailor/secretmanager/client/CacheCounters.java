package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.LongAdder;
import tech.tailor.secretmanager.CacheStats;

/** Counts what a cache does; {@link CacheStats} says what each count means. Thread-safe. */
final class CacheCounters {

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /** Names that were read: those answered without the backend, and the others. */
  void read(int answered, int others) {
    hits.add(answered);
    misses.add(others);
  }

  void asked() {
    loads.increment();
  }

  void failed() {
    failures.increment();
  }

  void servedStale() {
    stale.increment();
  }

  void evicted() {
    evictions.increment();
  }

  CacheStats stats(int inFlight) {
    return new CacheStats(
        hits.sum(),
        misses.sum(),
        loads.sum(),
        failures.sum(),
        stale.sum(),
        evictions.sum(),
        inFlight);
  }
}
