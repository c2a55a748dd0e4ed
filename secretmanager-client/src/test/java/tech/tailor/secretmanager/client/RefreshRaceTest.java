package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What a refresh promises while other threads load, refresh, invalidate and close. */
class RefreshRaceTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");

  private final StubBackend backend = new StubBackend().with("api-key", "value-1");
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private SecretCache cache = cache(new CacheFixture());

  @AfterEach
  void close() throws InterruptedException {
    cache.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(30, SECONDS)).isTrue();
  }

  @Test
  void refresh_bringsWhatTheBackendWasAskedAfterItWasCalled_howeverManyDo() throws Exception {
    AtomicLong answers = new AtomicLong();
    backend.beforeAnswer = () -> {
      backend.with("api-key", String.valueOf(answers.incrementAndGet()));
      Thread.yield();
    };
    List<Future<Integer>> refreshers = IntStream.range(0, 8)
        .mapToObj(i -> threads.submit(() -> {
          int older = 0;
          for (int round = 0; round < 2_000; round++) {
            long before = answers.get();
            assertThat(cache.refresh(REF)).isNull();
            older += Long.parseLong(read()) > before ? 0 : 1;
          }
          return older;
        }))
        .toList();
    int older = 0;
    for (Future<Integer> refresher : refreshers) {
      older += refresher.get(60, SECONDS);
    }
    System.out.printf("16,000 refreshes by 8 threads: %d calls, %d older%n", answers.get(), older);
    assertThat(older).isZero();
  }

  @Test
  void close_endsARefreshThatWaits_thoughTheLoadOfAnotherHangs() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      asked.countDown();
      await(release);
    };
    Future<SecretOutcome.Failed> hanging = threads.submit(() -> cache.refresh(REF));
    await(asked);
    Future<SecretOutcome.Failed> waiting = threads.submit(() -> cache.refresh(REF));
    cache.close();

    assertThat(waiting.get(30, SECONDS)).isNotNull();
    release.countDown();
    hanging.get(30, SECONDS);
    assertThat(cache.held(REF)).isNull();
  }

  @Test
  void refresh_waitsForTheLateLoadOfAReader_whoLoadsAgain_andIsNotUndoneByIt() throws Exception {
    CountDownLatch firstAsked = new CountDownLatch(1);
    CountDownLatch releaseFirst = new CountDownLatch(1);
    CountDownLatch secondAsked = new CountDownLatch(1);
    CountDownLatch releaseSecond = new CountDownLatch(1);
    backend.afterAnswer = () -> {
      if (backend.calls() == 1) {
        firstAsked.countDown();
        await(releaseFirst);
      } else if (backend.calls() == 2) {
        secondAsked.countDown();
        await(releaseSecond);
      }
    };
    Future<String> first = threads.submit(this::read);
    await(firstAsked);
    Thread second = new Thread(this::read);
    second.start();
    while (second.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it waits for the first
    }
    cache.invalidate(REF); // so that there is nothing to copy, and the second asks again
    releaseFirst.countDown();
    await(secondAsked);
    backend.with("api-key", "value-2");
    Future<SecretOutcome.Failed> refresh = threads.submit(() -> cache.refresh(REF));
    releaseSecond.countDown();
    assertThat(refresh.get(30, SECONDS)).isNull();
    assertThat(first.get(30, SECONDS)).startsWith("value-");
    second.join(30_000);

    assertThat(read()).isEqualTo("value-2");
  }

  @Test
  void herdOfRefreshes_sharesACall_alsoWhereNothingIsKept() throws Exception {
    cache = cache(new CacheFixture().withTimeToLive(Duration.ZERO).withMaxStale(Duration.ZERO));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      asked.countDown();
      await(release);
    };
    Future<SecretOutcome.Failed> first = threads.submit(() -> cache.refresh(REF));
    await(asked);
    CountDownLatch begun = new CountDownLatch(30);
    List<Future<SecretOutcome.Failed>> others = IntStream.range(0, 30)
        .mapToObj(i -> threads.submit(() -> {
          begun.countDown();
          return cache.refresh(REF);
        }))
        .toList();
    await(begun);
    release.countDown();
    assertThat(first.get(30, SECONDS)).isNull();
    for (Future<SecretOutcome.Failed> other : others) {
      assertThat(other.get(30, SECONDS)).isNull();
    }
    assertThat(backend.calls()).isBetween(2, 15);
  }

  @Test
  void refresh_leavesNoCopyBehind() {
    AtomicReference<SecretValue> given = new AtomicReference<>(SecretValue.of("value"));
    backend.giving("api-key", given::get);

    assertThat(cache.refresh(REF)).isNull();

    assertThatIllegalStateException().isThrownBy(() -> given.get().revealString());
    assertThat(read()).isEqualTo("value");
  }

  private SecretCache cache(CacheFixture settings) {
    return settings.open(backend);
  }

  private String read() {
    try (SecretValue value = ((SecretOutcome.Found) cache.get(REF)).value()) {
      return value.revealString();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
