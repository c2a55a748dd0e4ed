package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

class SecretCacheConcurrencyTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final int THREADS = 50;

  private final StubBackend backend = new StubBackend();
  private final AtomicLong nanos = new AtomicLong();
  private volatile Runnable onTick = () -> {};
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
    Thread reader = new Thread(task);
    readers.add(reader);
    return reader;
  });
  private SecretCache cache = cache(Duration.ofSeconds(30));

  @AfterEach
  void close() throws InterruptedException {
    cache.close();
    threads.shutdownNow();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void herdOnOneColdSecret_makesOneCall() throws Exception {
    backend.with("api-key", "value-1");
    holdTheCallUntilAllOthersWait();

    List<SecretOutcome> outcomes = herd(() -> cache.get(REF));

    assertThat(outcomes)
        .hasSize(THREADS)
        .allSatisfy(outcome -> assertThat(text(outcome)).isEqualTo("value-1"));
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void herdOnAFailingSecret_makesOneCall_andEachReaderGetsItsOwnException() throws Exception {
    backend.failing("api-key", new SecretUnavailableException("down"));
    holdTheCallUntilAllOthersWait();

    List<SecretOutcome> outcomes = herd(() -> cache.get(REF));

    assertThat(outcomes.stream().map(SecretCacheConcurrencyTest::failure).distinct())
        .hasSize(THREADS)
        .allSatisfy(failure -> assertThat(failure).isInstanceOf(SecretUnavailableException.class));
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void herdOnAMissingSecret_makesOneCall() throws Exception {
    holdTheCallUntilAllOthersWait();

    List<SecretOutcome> outcomes = herd(() -> cache.get(REF));

    assertThat(outcomes)
        .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Missing.class));
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void overlappingBatches_fetchEachNameOnce() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      names.add("secret-" + i);
      backend.with("secret-" + i, "value-" + i);
    }
    AtomicLong next = new AtomicLong();

    List<Map<String, SecretOutcome>> outcomes = herd(() -> {
      int from = (int) (next.getAndIncrement() % 15);
      return cache.get("default", names.subList(from, from + 5));
    });

    assertThat(outcomes)
        .allSatisfy(batch -> assertThat(batch)
            .hasSize(5)
            .allSatisfy((name, outcome) -> assertThat(text(outcome))
                .isEqualTo("value-" + name.substring("secret-".length()))));
    assertThat(backend.fetches.stream().flatMap(java.util.Set::stream)).doesNotHaveDuplicates();
  }

  @Test
  void backendThatHangs_holdsItsOwnReaderOnly_theOthersEndAtTheirDeadline() throws Exception {
    // A call on a reading thread is not given up; a load is overdue after twice the timeout.
    cache = settings(Duration.ofSeconds(2)).withCallsOnReadingThread().open(backend);
    backend.with("api-key", "value-1");
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> first = threads.submit(() -> cache.get(REF));
    await(hanging);

    assertThat(failure(cache.get(REF)))
        .isInstanceOf(SecretTimeoutException.class)
        .hasMessageContaining("default/api-key");
    release.countDown();
    assertThat(text(first.get())).isEqualTo("value-1");
    assertThat(text(cache.get(REF))).isEqualTo("value-1");
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void backendThatHangs_isAnsweredWithTheStaleValue_forThoseWhoWait() throws Exception {
    // A call on a reading thread is not given up; a load is overdue after twice the timeout.
    cache = settings(Duration.ofSeconds(2)).withCallsOnReadingThread().open(backend);
    backend.with("api-key", "value-1");
    text(cache.get(REF));
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> first = threads.submit(() -> cache.get(REF));
    await(hanging);

    try (SecretValue value = ((SecretOutcome.Found) cache.get(REF)).value()) {
      assertThat(value.freshness()).isInstanceOfSatisfying(Freshness.Stale.class, stale -> {
        assertThat(stale.age()).isEqualTo(Duration.ofMinutes(6));
        assertThat(stale.cause()).isInstanceOf(SecretTimeoutException.class);
      });
    }
    release.countDown();
    assertThat(text(first.get())).isEqualTo("value-1");
  }

  @Test
  void herdWithoutCaching_isServed_eachWithACallOfItsOwnAtMost() throws Exception {
    cache = settings(Duration.ofSeconds(30))
        .withTimeToLive(Duration.ZERO)
        .withMaxStale(Duration.ZERO)
        .open(backend);
    backend.with("api-key", "value-1");

    List<SecretOutcome> outcomes = herd(() -> cache.get(REF));

    assertThat(outcomes).allSatisfy(outcome -> assertThat(text(outcome)).isEqualTo("value-1"));
    assertThat(backend.calls()).isBetween(1, THREADS);
  }

  @Test
  void interruptOfTheLoadingThread_isNoConcernOfThoseWhoWait() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicReference<Thread> loading = new AtomicReference<>();
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> first = threads.submit(() -> {
      loading.set(Thread.currentThread());
      return cache.get(REF);
    });
    await(hanging);
    Future<SecretOutcome> waiting = threads.submit(() -> cache.get(REF));
    while (waitingInCache() < 2) {
      Thread.onSpinWait();
    }
    backend.beforeAnswer = () -> backend.with("api-key", "value-1");
    loading.get().interrupt();

    assertThat(failure(first.get())).hasMessageContaining("Interrupted");
    assertThat(text(waiting.get(10, TimeUnit.SECONDS))).isEqualTo("value-1");
    release.countDown();
  }

  @Test
  void herdWhoseLoadIsInterruptedOrOutdated_makesOneMore() throws Exception {
    for (boolean interrupted : new boolean[] {true, false}) {
      CountDownLatch hanging = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      AtomicReference<Thread> loading = new AtomicReference<>();
      backend.with("api-key", "value-1").beforeAnswer = () -> {
        hanging.countDown();
        await(release);
      };
      int before = backend.calls();
      Future<SecretOutcome> first = threads.submit(() -> {
        loading.set(Thread.currentThread());
        return cache.get(REF);
      });
      await(hanging);
      List<Future<SecretOutcome>> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiting.add(threads.submit(() -> cache.get(REF)));
      }
      while (waitingInCache() < 21) {
        Thread.onSpinWait();
      }
      CountDownLatch again = new CountDownLatch(1);
      backend.beforeAnswer = () -> await(again);
      if (interrupted) {
        loading.get().interrupt();
      } else {
        cache.invalidate(REF);
        release.countDown();
      }
      Outcomes.discard(first.get());
      while (waitingInCache() < 20) {
        Thread.onSpinWait();
      }
      again.countDown();
      for (Future<SecretOutcome> reader : waiting) {
        assertThat(text(reader.get(10, TimeUnit.SECONDS))).isEqualTo("value-1");
      }
      release.countDown();

      assertThat(backend.calls() - before).isEqualTo(2);
      cache.invalidate(REF);
    }
  }

  @Test
  void readerThatIsInterruptedWhileItWaits_getsAFailure_andNoStaleValue() throws Exception {
    backend.with("api-key", "value-1");
    Outcomes.discard(cache.get(REF));
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> reading = threads.submit(() -> cache.get(REF));
    await(hanging);
    while (waitingInCache() == 0) {
      Thread.onSpinWait();
    }
    readers.forEach(Thread::interrupt);

    assertThat(failure(reading.get())).hasMessageContaining("nterrupted");
    release.countDown();
  }

  @Test
  void interruptedReader_stopsWaiting_andStaysInterrupted() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> first = threads.submit(() -> cache.get(REF));
    await(hanging);
    Thread.currentThread().interrupt();

    assertThat(failure(cache.get(REF)))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("Interrupted");
    assertThat(Thread.interrupted()).isTrue();
    release.countDown();
    first.get();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void close_wakesThoseWhoWait(boolean callsOnReadingThread) throws Exception {
    if (callsOnReadingThread) {
      cache = settings(Duration.ofSeconds(30)).withCallsOnReadingThread().open(backend);
    }
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.with("api-key", "value-1");
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
    };
    Future<SecretOutcome> first = threads.submit(() -> cache.get(REF));
    await(hanging);
    long before = waitingInCache();
    Future<SecretOutcome> waiting = threads.submit(() -> cache.get(REF));
    while (waitingInCache() == before) {
      Thread.onSpinWait();
    }
    cache.close();

    assertThat(failure(waiting.get(10, TimeUnit.SECONDS)))
        .isInstanceOf(SecretUnavailableException.class);
    release.countDown();
    first.get();
    assertThat(cache.held(REF))
        .as("a load that ends after close leaves nothing behind")
        .isNull();
  }

  /** At each moment at which a read looks at the clock; at one of them it is storing the value. */
  @Test
  void close_atAnyMomentOfARead_leavesNothing_andWaitsForAValueThatIsBeingStored()
      throws Exception {
    backend.with("api-key", "value-1");
    int moments = 0;
    int waits = 0;
    for (boolean hasTicked = true; hasTicked; moments++) {
      cache = cache(Duration.ofSeconds(30));
      AtomicInteger untilHeld = new AtomicInteger(moments);
      CountDownLatch held = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      onTick = () -> {
        if (untilHeld.getAndDecrement() == 0) {
          held.countDown();
          await(release);
        }
      };
      Future<?> reader = threads.submit(() -> {
        try {
          cache.get(REF);
        } finally {
          held.countDown(); // it has no such moment
        }
      });
      await(held);
      hasTicked = untilHeld.getAndSet(-1) < 0; // and nothing else is held
      Thread closing = new Thread(cache::close);
      closing.start();
      while (closing.getState() == Thread.State.RUNNABLE) {
        Thread.onSpinWait();
      }
      waits += closing.isAlive() ? 1 : 0;
      release.countDown();
      closing.join();
      reader.get();

      assertThat(cache.held(REF)).as("closed at moment " + moments).isNull();
    }
    onTick = () -> {};
    assertThat(waits).as("moments of " + moments + " at which it stores").isPositive();
  }

  @Test
  void errorInTheLoadingThread_reachesItsReader_andLeavesNoLoadBehind() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      hanging.countDown();
      await(release);
      throw new StackOverflowError("of the backend");
    };
    Future<SecretOutcome> first = threads.submit(() -> cache.get(REF));
    await(hanging);
    Future<SecretOutcome> waiting = threads.submit(() -> cache.get(REF));
    release.countDown();

    assertThat(failure(first.get(10, TimeUnit.SECONDS)))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("java.lang.StackOverflowError")
        .hasMessageNotContaining("of the backend");
    assertThat(failure(waiting.get(10, TimeUnit.SECONDS)))
        .isInstanceOf(SecretUnavailableException.class);
    backend.beforeAnswer = () -> {};
    backend.with("api-key", "value-1");
    nanos.addAndGet(Duration.ofSeconds(10).toNanos()); // until the failure is forgotten
    assertThat(text(cache.get(REF))).isEqualTo("value-1");
  }

  /**
   * Readers beside rotation and eviction: every value read is whole. The control has no flag, and
   * must be caught.
   */
  @Test
  void readersBesideRotation_seeWholeValuesOnly() throws Exception {
    backend.with("api-key", new String(pattern(), StandardCharsets.US_ASCII));
    Race race = new Race(() -> {
      try (SecretValue value = ((SecretOutcome.Found) cache.get(REF)).value()) {
        return value.<byte[], RuntimeException>withBytes(byte[]::clone);
      }
    });
    race.run(
        () -> {
          int before = backend.calls();
          nanos.addAndGet(Duration.ofMinutes(5).toNanos());
          while (backend.calls() == before) { // a reader finds the value expired, and replaces it
            race.requireTime();
            Thread.yield();
          }
        },
        // A slow machine races less, and does not fail: what it did counts.
        () -> race.hasLasted(Duration.ofSeconds(2))
            || (backend.calls() >= 20_000 && race.whole.get() >= 100_000));

    System.out.printf("rotation race: %s, %d loads%n", race, backend.calls());
    assertThat(race.wrong).hasValue(0);
    assertThat(race.whole).as("reads beside %d loads", backend.calls()).hasPositiveValue();
  }

  @Test
  void negativeControl_readersOfABareBufferSeeWipedBytes() throws Exception {
    AtomicReference<ByteBuffer> current = new AtomicReference<>(bareBuffer());
    Race race = new Race(() -> {
      byte[] copy = new byte[256];
      current.get().get(0, copy);
      return copy;
    });
    race.run(
        () -> current.getAndSet(bareBuffer()).put(0, new byte[256]), () -> race.wrong.get() > 0);

    System.out.printf("rotation race, control: %s%n", race);
    assertThat(race.wrong.get())
        .as("the harness catches a holder without a flag")
        .isPositive();
  }

  private static byte[] pattern() {
    byte[] pattern = new byte[256];
    Arrays.fill(pattern, (byte) 'Z');
    return pattern;
  }

  private static ByteBuffer bareBuffer() {
    return ByteBuffer.allocateDirect(256).put(0, pattern());
  }

  /** Two readers against one who rotates: how many reads were whole, how many not. */
  private final class Race {

    private final long beganNanos = System.nanoTime();
    private final long endNanos = beganNanos + TimeUnit.SECONDS.toNanos(120);
    private final AtomicLong whole = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final Callable<byte[]> reader;

    private Race(Callable<byte[]> reader) {
      this.reader = reader;
    }

    private void run(Runnable rotation, BooleanSupplier enough) throws Exception {
      AtomicBoolean done = new AtomicBoolean();
      Callable<Void> reading = () -> {
        while (!done.get()) {
          (Arrays.equals(reader.call(), pattern()) ? whole : wrong).incrementAndGet();
        }
        return null;
      };
      List<Future<Void>> readers = List.of(threads.submit(reading), threads.submit(reading));
      try {
        while (!enough.getAsBoolean()) {
          requireTime();
          rotation.run();
        }
      } finally {
        done.set(true);
      }
      for (Future<Void> future : readers) {
        future.get();
      }
    }

    private boolean hasLasted(Duration duration) {
      return System.nanoTime() - beganNanos >= duration.toNanos();
    }

    /** Ends a race that hangs. */
    private void requireTime() {
      assertThat(System.nanoTime() - endNanos).as("the race comes to its end").isNegative();
    }

    @Override
    public String toString() {
      return whole + " whole, " + wrong + " torn or wiped";
    }
  }

  /**
   * The one call to the backend answers when all other readers wait for it, so that none comes too
   * late to be of the herd.
   */
  private void holdTheCallUntilAllOthersWait() {
    backend.beforeAnswer = () -> {
      while (waitingInCache() < THREADS - 1) {
        Thread.onSpinWait();
      }
    };
  }

  /** Only in the cache does a reader wait for a limited time. */
  private long waitingInCache() {
    return readers.stream()
        .filter(reader -> reader.getState() == Thread.State.TIMED_WAITING)
        .count();
  }

  private <T> List<T> herd(Callable<T> reader) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      futures.add(threads.submit(() -> {
        start.await();
        return reader.call();
      }));
    }
    start.countDown();
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get(60, TimeUnit.SECONDS));
    }
    return results;
  }

  private SecretCache cache(Duration fetchTimeout) {
    return settings(fetchTimeout).open(backend);
  }

  private CacheFixture settings(Duration fetchTimeout) {
    return new CacheFixture()
        .withFetchTimeout(fetchTimeout)
        .withRefreshAhead(Duration.ZERO)
        .withTicker(() -> {
          onTick.run();
          return nanos.get();
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(SecretOutcome outcome) {
    assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
    try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
      return value.revealString();
    }
  }

  private static SecretManagerException failure(SecretOutcome outcome) {
    assertThat(outcome).isInstanceOf(SecretOutcome.Failed.class);
    return ((SecretOutcome.Failed) outcome).failure();
  }
}
