package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What a caller can ask of the cache, what it does by itself ahead of time, and what it counts. */
class SecretCacheControlTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final StubBackend backend = new StubBackend().with("api-key", "value-1");
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // the ticker may wrap
  private final Queue<Runnable> background = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private SecretCache cache = cache(new CacheFixture());

  @AfterEach
  void close() throws InterruptedException {
    cache.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(30, SECONDS)).isTrue();
  }

  @Nested
  class Refresh {

    @Test
    void replacesTheValue_andWipesTheOldOne() {
      read();
      CachedSecret old = held();
      backend.with("api-key", "value-2");

      assertThat(cache.refresh(REF)).isNull();

      assertThat(read()).isEqualTo("value-2");
      assertThat(backend.calls()).isEqualTo(2);
      assertThat(old.copy()).isNull();
    }

    @Test
    void thatFails_saysSo_andLeavesTheValue() {
      read();
      backend.failing("api-key", new SecretUnavailableException("down"));

      assertThat(cache.refresh(REF)).isInstanceOf(SecretOutcome.Failed.class);
      assertThat(read()).isEqualTo("value-1");
    }

    @Test
    void thatIsDenied_wipesTheValue() {
      read();
      CachedSecret old = held();
      backend.failing("api-key", new SecretAccessDeniedException("denied"));

      assertThat(cache.refresh(REF)).isInstanceOf(SecretOutcome.Failed.class);
      assertThat(held()).isNull();
      assertThat(old.copy()).isNull();
    }

    @Test
    void onAnInterruptedThread_failsUnasked_andLeavesNoLoadBehind() {
      cache = settings(new CacheFixture()).open(backend);
      Thread.currentThread().interrupt();
      SecretOutcome.Failed failed = cache.refresh(REF);

      assertThat(Thread.interrupted()).isTrue();
      assertThat(failed).isNotNull();
      assertThat(backend.calls()).isZero();
      assertThat(cache.refresh(REF)).isNull();
    }

    @Test
    void thatTakesTooLong_failsInTime() {
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> await(release);
      cache =
          settings(new CacheFixture().withFetchTimeout(Duration.ofMillis(50))).open(backend);

      assertThat(cache.refresh(REF))
          .isNotNull()
          .extracting(SecretOutcome.Failed::failure)
          .isInstanceOf(SecretTimeoutException.class);
      release.countDown();
    }

    @Test
    void ofAHerd_thatFails_failsForAll() throws Exception {
      read();
      backend.failing("api-key", new SecretUnavailableException("down"));
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        await(release);
      };
      Future<SecretOutcome.Failed> first = threads.submit(() -> cache.refresh(REF));
      await(asked);
      List<Future<SecretOutcome.Failed>> others = IntStream.range(0, 20)
          .mapToObj(i -> threads.submit(() -> cache.refresh(REF)))
          .toList();
      release.countDown();

      assertThat(first.get(30, SECONDS)).isInstanceOf(SecretOutcome.Failed.class);
      for (Future<SecretOutcome.Failed> other : others) {
        assertThat(other.get(30, SECONDS))
            .as("though a cached value is there")
            .isInstanceOf(SecretOutcome.Failed.class);
      }
    }

    @Test
    void thatBringsAClosedValue_fails() {
      backend.withClosed("api-key");

      assertThat(cache.refresh(REF)).isInstanceOf(SecretOutcome.Failed.class);
    }

    @Test
    void ofWhatIsGone_endsTheValue() {
      read();
      backend.without("api-key");

      assertThat(cache.refresh(REF)).isNull();
      assertThat(cache.get(REF)).isInstanceOf(SecretOutcome.Missing.class);
    }

    @Test
    void doesNotShareALoad_thatAskedBeforeIt() throws Exception {
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.afterAnswer = () -> {
        backend.afterAnswer = () -> {};
        asked.countDown();
        await(release);
      };
      Future<String> reader = threads.submit(SecretCacheControlTest.this::read);
      await(asked); // the backend has answered value-1, which is on its way
      backend.with("api-key", "value-2");
      Future<SecretOutcome.Failed> refresh = threads.submit(() -> cache.refresh(REF));
      release.countDown();

      assertThat(reader.get(30, SECONDS)).isEqualTo("value-1");
      assertThat(refresh.get(30, SECONDS)).isNull();
      assertThat(read()).isEqualTo("value-2");
    }

    @Test
    void ofAHerd_takesACallUnderWay_andOneMoreForAllWhoCameAfterIt() throws Exception {
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        await(release);
      };
      int herd = 50;
      Future<SecretOutcome.Failed> first = threads.submit(() -> cache.refresh(REF));
      await(asked);
      CountDownLatch begun = new CountDownLatch(herd);
      List<Future<SecretOutcome.Failed>> others = IntStream.range(0, herd)
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
      System.out.printf("%d threads refreshed one secret: %d calls%n", herd + 1, backend.calls());
      // Two, or some more if threads come between; with a call for each it would be 51.
      assertThat(backend.calls()).isBetween(2, 20);
    }

    @Test
    void endsAtItsDeadline_whereTheLoadOfAnotherHangs() throws Exception {
      cache = cache(new CacheFixture().withFetchTimeout(Duration.ofSeconds(2)));
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        await(release);
      };
      Future<String> hanging = threads.submit(SecretCacheControlTest.this::read);
      await(asked);

      SecretOutcome.Failed outcome = cache.refresh(REF);
      release.countDown();

      assertThat(outcome)
          .isInstanceOfSatisfying(
              SecretOutcome.Failed.class,
              failed -> assertThat(failed.failure()).isInstanceOf(SecretTimeoutException.class));
      assertThat(hanging.get(30, SECONDS)).isEqualTo("value-1");
    }
  }

  @Nested
  class Invalidate {

    @Test
    void wipesTheValue_andTheNextReadAsks() {
      read();
      CachedSecret old = held();
      backend.with("api-key", "value-2");

      cache.invalidate(REF);

      assertThat(old.copy()).isNull();
      assertThat(read()).isEqualTo("value-2");
    }

    /** A read inside of a call to the backend waits for no load, and enters none. */
    @Test
    void whileTheBackendReads_leavesNothingOfWhatItReadBefore() {
      SecretRef other = SecretRef.of("default", "other");
      backend.with("other", "value-1");
      List<Runnable> changes =
          List.of(() -> {}, () -> cache.invalidate(other), () -> cache.invalidateAll());
      List<Boolean> held = new ArrayList<>();
      for (Runnable change : changes) {
        cache = cache(new CacheFixture());
        int before = backend.calls();
        backend.beforeAnswer = () -> {
          if (backend.calls() == before + 1) {
            Outcomes.discard(cache.get(other));
          } else {
            change.run();
          }
        };
        Outcomes.discard(cache.get(REF));
        held.add(cache.held(other) != null);
      }

      assertThat(held).as("without a change, and with each").containsExactly(true, false, false);
    }

    @Test
    void leavesNothingToFallBackOn() {
      read();
      cache.invalidate(REF);
      backend.failing("api-key", new SecretUnavailableException("down"));

      assertThat(cache.get(REF)).isInstanceOf(SecretOutcome.Failed.class);
    }

    @Test
    void forgetsAnAbsence() {
      backend.without("api-key");
      assertThat(cache.get(REF)).isInstanceOf(SecretOutcome.Missing.class);
      backend.with("api-key", "value-2");

      cache.invalidate(REF);

      assertThat(read()).isEqualTo("value-2");
    }

    @Test
    void all_wipesEverything() {
      backend.with("other", "x");
      SecretRef other = SecretRef.of("default", "other");
      read();
      Outcomes.discard(cache.get(other));
      List<CachedSecret> old = List.of(held(), cache.held(other));

      cache.invalidateAll();

      assertThat(old).allSatisfy(secret -> assertThat(secret.copy()).isNull());
    }

    @Test
    void outdatesALoadUnderWay_soThatWhatItBringsIsNotKept() throws Exception {
      for (Runnable invalidation :
          List.<Runnable>of(() -> cache.invalidate(REF), () -> cache.invalidateAll())) {
        backend.with("api-key", "value-1");
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        backend.afterAnswer = () -> {
          backend.afterAnswer = () -> {};
          asked.countDown();
          await(release);
        };
        Future<String> reader = threads.submit(SecretCacheControlTest.this::read);
        await(asked);
        backend.with("api-key", "value-2");
        invalidation.run();

        assertThat(read()).as("a read that begins after it").isEqualTo("value-2");
        release.countDown();
        assertThat(reader.get(30, SECONDS)).as("what is known since").isEqualTo("value-2");
        assertThat(read()).as("what came late replaces nothing").isEqualTo("value-2");
        cache.invalidateAll();
      }
    }

    @Test
    void outdatesALoadUnderWay_soThatItsFailureAnswersNoOtherRead() throws Exception {
      for (Runnable invalidation :
          List.<Runnable>of(() -> cache.invalidate(REF), () -> cache.invalidateAll())) {
        backend.failing("api-key", new SecretAccessDeniedException("denied"));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        backend.afterAnswer = () -> {
          backend.afterAnswer = () -> {};
          asked.countDown();
          await(release);
        };
        Future<SecretOutcome> reader = threads.submit(() -> cache.get(REF));
        await(asked);
        backend.with("api-key", "value-1");
        invalidation.run();
        release.countDown();

        assertThat(reader.get(30, SECONDS)).isInstanceOf(SecretOutcome.Failed.class);
        assertThat(read()).as("a read that begins after it").isEqualTo("value-1");
        cache.invalidateAll();
      }
    }
  }

  @Test
  void aLoanThatIsReadAgainWhileTheCacheIsClosed_isRefusedAsClosed() {
    backend.beforeAnswer = cache::close;

    assertThatIllegalStateException()
        .isThrownBy(() -> cache.require(REF))
        .withMessageContaining("closed");
  }

  @Nested
  class AheadOfExpiry {

    @Test
    void aReadInTheWindow_isAnsweredAtOnce_andRefreshesOnceInTheBackground() {
      read();
      backend.with("api-key", "value-2");
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));

      assertThat(read()).isEqualTo("value-1");
      assertThat(read()).isEqualTo("value-1");
      assertThat(background).hasSize(1);
      assertThat(backend.calls()).isEqualTo(1);

      background.remove().run();
      assertThat(read()).isEqualTo("value-2");
      assertThat(background).isEmpty();
      advance(TIME_TO_LIVE.minus(WINDOW));
      assertThat(read()).as("its time to live started again").isEqualTo("value-2");
      assertThat(backend.calls()).isEqualTo(2);
    }

    /** A refresh by hand is under way, and fails. */
    @Test
    void aRefreshThatLeavesItToALoadOfOthers_isTriedAgain() throws Exception {
      read();
      backend.failing("api-key", new SecretUnavailableException("down"));
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        await(release);
      };
      Future<?> other = threads.submit(() -> cache.refresh(REF));
      await(asked);
      read();
      background.remove().run();
      release.countDown();
      other.get();
      assertThat(backend.calls()).isEqualTo(2);

      advance(Duration.ofSeconds(1));
      read();
      assertThat(background).hasSize(1);
    }

    @Test
    void beforeTheWindow_nothingIsRefreshed() {
      read();
      advance(TIME_TO_LIVE.minus(WINDOW).minusNanos(1));
      read();

      assertThat(background).isEmpty();
    }

    @Test
    void aFailedRefresh_isRepeatedAfterPauses_andNeverCountsAsSuccess() {
      cache = cache(new CacheFixture().withJitter(() -> 0));
      read();
      backend.failing("api-key", new SecretUnavailableException("down"));
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      List<Long> attemptsAt = new ArrayList<>();
      for (int second = 0; second < 30; second++) {
        assertThat(read()).isEqualTo("value-1");
        if (!background.isEmpty()) {
          background.remove().run();
          attemptsAt.add((long) second);
        }
        advance(Duration.ofSeconds(1));
      }

      assertThat(attemptsAt).containsExactly(0L, 1L, 3L, 7L, 15L);
      try (SecretValue value = ((SecretOutcome.Found) cache.get(REF)).value()) {
        assertThat(value.freshness())
            .as("once the time to live is over it is stale, however often a refresh was tried")
            .isInstanceOf(Freshness.Stale.class);
      }
    }

    @Test
    void aFailureThatAllowsNoStaleValue_pausesToo() {
      read();
      backend.failing("api-key", new SecretStorageException("disk"));
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      for (int i = 0; i < 100; i++) {
        read();
        background.forEach(Runnable::run);
        background.clear();
      }
      assertThat(backend.calls()).isEqualTo(2);
    }

    @Test
    void aDenial_wipesTheValue() {
      read();
      CachedSecret old = held();
      backend.failing("api-key", new SecretAccessDeniedException("denied"));
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      read();
      background.remove().run();

      assertThat(old.copy()).isNull();
      assertThat(cache.get(REF)).isInstanceOf(SecretOutcome.Failed.class);
    }

    @Test
    void aReaderThatMissesMeanwhile_waitsForTheRefresh_ratherThanAskToo() throws Exception {
      read();
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      read();
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        await(release);
      };
      backend.with("api-key", "value-2");
      CompletableFuture<Void> refresh = CompletableFuture.runAsync(background.remove(), threads);
      await(asked);
      advance(WINDOW);
      Future<String> reader = threads.submit(SecretCacheControlTest.this::read);
      release.countDown();

      assertThat(reader.get(30, SECONDS)).isEqualTo("value-2");
      refresh.get(30, SECONDS);
      assertThat(backend.calls()).isEqualTo(2);
    }

    @Test
    void afterClose_nothingIsAsked() {
      read();
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));
      read();
      cache.close();
      background.remove().run();

      assertThat(backend.calls()).isEqualTo(1);
    }

    @Test
    void anExecutorThatTakesNoMore_isNoConcernOfTheReader() {
      AtomicLong attempts = new AtomicLong();
      cache = settings(new CacheFixture())
          .withCallsOnReadingThread()
          .withExecutor(work -> {
            attempts.getAndIncrement();
            throw new OutOfMemoryError("made up: unable to create a thread");
          })
          .open(backend);
      read();
      advance(TIME_TO_LIVE.minus(WINDOW.dividedBy(2)));

      assertThat(read()).isEqualTo("value-1");
      assertThat(read()).isEqualTo("value-1");
      assertThat(attempts).as("the next read tries again").hasValue(2);
    }

    @Test
    void whatWasLoadedTogether_isNotRefreshedTogether() {
      int secrets = 200;
      List<String> names =
          IntStream.range(0, secrets).mapToObj(i -> "name-" + i).toList();
      names.forEach(name -> backend.with(name, "x"));
      cache.get("default", names).values().forEach(Outcomes::discard);
      advance(TIME_TO_LIVE.minus(WINDOW));
      TreeSet<Integer> refreshedSoFar = new TreeSet<>();
      for (int second = 0; second <= 30; second++) {
        cache.get("default", names).values().forEach(Outcomes::discard);
        refreshedSoFar.add(background.size());
        advance(Duration.ofSeconds(1));
      }

      System.out.printf(
          "%d secrets begin to refresh in %d portions%n", secrets, refreshedSoFar.size());
      assertThat(background).as("all in the first half of the window").hasSize(secrets);
      assertThat(refreshedSoFar).hasSizeGreaterThan(15);
    }
  }

  @Nested
  class ATimeToLiveOfItsOwn {

    private final SecretRef other = SecretRef.of("default", "other");

    @Test
    void isThatOfItsSecretAlone() {
      backend.with("other", "x");
      cache = cache(new CacheFixture().withTimeToLive(other, Duration.ofSeconds(10)));
      read();
      Outcomes.discard(cache.get(other));
      advance(Duration.ofSeconds(10));

      read();
      assertThat(backend.calls()).isEqualTo(2);
      Outcomes.discard(cache.get(other));
      assertThat(backend.calls()).isEqualTo(3);
      assertThat(background).as("nor is it refreshed ahead by the other's").isEmpty();
    }

    @Test
    void endsWithTheSameStaleness() {
      backend.with("other", "x");
      cache = cache(new CacheFixture()
          .withTimeToLive(other, Duration.ofSeconds(10))
          .withMaxStale(Duration.ofMinutes(1)));
      Outcomes.discard(cache.get(other));
      backend.failing("other", new SecretUnavailableException("down"));
      advance(Duration.ofSeconds(69));
      assertThat(text(cache.get(other))).isEqualTo("x");
      advance(Duration.ofSeconds(1));
      assertThat(cache.get(other)).isInstanceOf(SecretOutcome.Failed.class);
      assertThat(cache.held(other)).isNull();
    }
  }

  @Nested
  class Counters {

    @Test
    void tellWhatHappened() {
      backend.with("other", "x");
      cache.get("default", List.of("api-key", "other")).values().forEach(Outcomes::discard);
      read();
      SecretRef missing = SecretRef.of("default", "missing");
      cache.get(missing);
      cache.get(missing);
      assertThat(cache.stats()).isEqualTo(CacheStats.of(2, 3, 2, 0, 0, 0, 0));

      backend.failing("api-key", new SecretUnavailableException("down"));
      advance(TIME_TO_LIVE);
      read();
      read();
      assertThat(cache.stats()).isEqualTo(CacheStats.of(3, 4, 3, 1, 2, 0, 0));
    }

    @Test
    void countWhatIsUnderWay() {
      List<Integer> underWay = new ArrayList<>();
      backend.beforeAnswer = () -> underWay.add(cache.stats().inFlight());
      read();

      assertThat(underWay).containsExactly(1);
      assertThat(cache.stats().inFlight()).isZero();
    }

    @Test
    void countEvictions_butNotWhatTheCallerDrops() {
      cache = cache(new CacheFixture().withMaximumEntries(2));
      for (int i = 0; i < 10; i++) {
        backend.with("name-" + i, "x");
        Outcomes.discard(cache.get(SecretRef.of("default", "name-" + i)));
      }
      assertThat(cache.stats().evictions()).isEqualTo(8);
      cache.invalidateAll();
      assertThat(cache.stats().evictions()).isEqualTo(8);
    }
  }

  private SecretCache cache(CacheFixture settings) {
    return settings(settings)
        .withCallsOnReadingThread()
        .withExecutor(background::add)
        .open(backend);
  }

  private CacheFixture settings(CacheFixture settings) {
    return settings.withTimeToLive(TIME_TO_LIVE).withRefreshAhead(WINDOW).withTicker(nanos::get);
  }

  private String read() {
    return text(cache.get(REF));
  }

  private CachedSecret held() {
    return cache.held(REF);
  }

  private void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  private static String text(SecretOutcome outcome) {
    try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
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
