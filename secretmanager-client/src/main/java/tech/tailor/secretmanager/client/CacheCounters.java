package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.LongAdder;
import tech.tailor.secretmanager.CacheStats;

/** Counts what a cache does; {@link CacheStats} says what each count means. Thread-safe. */
final class CacheCounters {

  private final HitCounter hits = new HitCounter();
  private final LongAdder misses = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /** Names that were answered without the backend. */
  void hits(int count) {
    hits.add(count);
  }

  /** Names that were not. */
  void misses(int count) {
    misses.add(count);
  }

  void failed() {
    failures.increment();
  }

  void servedStale(int count) {
    stale.add(count);
  }

  void evicted() {
    evictions.increment();
  }

  CacheStats stats(long loads, int inFlight) {
    return CacheStats.of(
        hits.sum(), misses.sum(), loads, failures.sum(), stale.sum(), evictions.sum(), inFlight);
  }
}
