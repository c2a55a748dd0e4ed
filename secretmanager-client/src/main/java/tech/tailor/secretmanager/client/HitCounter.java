package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts reads exactly, without one word that all readers write: each thread counts in one of
 * several cells, a cache line apart. Thread-safe.
 */
final class HitCounter {

  private static final int CELL_LONGS = 16;
  private static final int CELLS =
      Integer.highestOneBit(4 * Runtime.getRuntime().availableProcessors());

  private final AtomicLongArray cells = new AtomicLongArray((CELLS + 1) * CELL_LONGS);

  void add(int count) {
    int cell = (int) Thread.currentThread().getId() & (CELLS - 1);
    cells.getAndAdd((cell + 1) * CELL_LONGS, count);
  }

  long sum() {
    long sum = 0;
    for (int cell = 1; cell <= CELLS; cell++) {
      sum += cells.get(cell * CELL_LONGS);
    }
    return sum;
  }
}
