package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.Answer;

/**
 * A thread that dropped a secret, and any thread that knows of it, reads nothing older from the
 * quick table. That holds even if another thread removed the value from Caffeine and has not wiped
 * it yet.
 */
class DropRaceTest {

  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final int THREADS_OF_A_KIND = 2;
  private static final List<SecretRef> REFS =
      List.of(SecretRef.of("default", "api-key"), SecretRef.of("default", "db-password"));

  /** Orders of answers: what is older than the first must not be put, than the second not read. */
  private final AtomicLong order = new AtomicLong();

  private final AtomicLongArray outdated = new AtomicLongArray(REFS.size());
  private final AtomicLongArray dropped = new AtomicLongArray(REFS.size());
  private final LongAdder reads = new LongAdder();
  private final LongAdder drops = new LongAdder();
  private final LongAdder olderReads = new LongAdder();

  @Test
  void nothingOlderIsReadAfterADrop() throws InterruptedException {
    race(new QuickTable(), () -> drops.sum() >= 1_000_000 && reads.sum() >= 1_000_000);

    System.out.printf(
        "drop race: %,d reads, %,d drops, %d older%n", reads.sum(), drops.sum(), olderReads.sum());
    assertThat(drops.sum()).isGreaterThan(10_000);
    assertThat(reads.sum()).isGreaterThan(10_000);
    assertThat(olderReads.sum()).isZero();
  }

  @Test
  void control_aTableThatIsNotSwept_isCaught() throws InterruptedException {
    race(
        new QuickTable() {
          @Override
          void sweep(String vault, String name, Predicate<CachedSecret> isHeld) {}
        },
        () -> olderReads.sum() > 0);

    System.out.printf(
        "drop race, control: %,d reads, %,d drops, %d older%n",
        reads.sum(), drops.sum(), olderReads.sum());
    assertThat(olderReads.sum()).isPositive();
  }

  private void race(QuickTable table, BooleanSupplier enough) throws InterruptedException {
    CachedSecrets cached = new CachedSecrets(
        new CacheFixture().settings(),
        new CacheCounters(),
        new Listeners(List.of(), new ManagerExecutors(Runnable::run)),
        ref -> {
          throw new AssertionError("Nothing is lent here");
        },
        table,
        Runnable::run);
    long beginNanos = System.nanoTime();
    BooleanSupplier done =
        () -> enough.getAsBoolean() || System.nanoTime() - beginNanos > MOST_NANOS;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS_OF_A_KIND; i++) {
      threads.add(new Thread(() -> repeat(done, at -> put(cached, at))));
      threads.add(new Thread(() -> repeat(done, at -> drop(cached, at))));
      threads.add(new Thread(() -> repeat(done, at -> read(cached, at))));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void put(CachedSecrets cached, int at) {
    SecretRef ref = REFS.get(at);
    long own = order.incrementAndGet();
    try (SecretValue value = SecretValue.of("made-up-value-" + own)) {
      cached.putValue(ref, value, new Answer(own, System.nanoTime()), () -> own < outdated.get(at));
    }
    CachedSecret secret = cached.value(ref);
    if (secret != null) {
      cached.enterQuick(secret, System.nanoTime());
    }
  }

  private void drop(CachedSecrets cached, int at) {
    long own = order.incrementAndGet();
    outdated.accumulateAndGet(at, own, Math::max);
    cached.drop(REFS.get(at));
    dropped.accumulateAndGet(at, own, Math::max);
    drops.increment();
  }

  private void read(CachedSecrets cached, int at) {
    long known = dropped.get(at);
    CachedSecret secret = cached.quick("default", REFS.get(at).name());
    SecretValue copy = secret == null ? null : secret.copy();
    reads.increment();
    if (copy != null) {
      copy.close();
      if (secret.answer().order() < known) {
        olderReads.increment();
      }
    }
  }

  private static void repeat(BooleanSupplier done, IntConsumer step) {
    while (!done.getAsBoolean()) {
      step.accept(ThreadLocalRandom.current().nextInt(REFS.size()));
    }
  }
}
