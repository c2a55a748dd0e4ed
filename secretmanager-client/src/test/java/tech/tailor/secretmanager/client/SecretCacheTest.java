package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

class SecretCacheTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  private static final Duration NEGATIVE_TIME_TO_LIVE = Duration.ofSeconds(5);
  private static final Duration MAX_STALE = Duration.ofHours(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration A_MOMENT = Duration.ofNanos(1);

  private final StubBackend backend = new StubBackend().with("api-key", "value-1");
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // the ticker may wrap
  private SecretCache cache = cache(100, 1 << 20);

  @AfterEach
  void close() {
    cache.close();
  }

  @Nested
  class AValue {

    @Test
    void isFetchedOnce_withinItsTimeToLive() {
      assertThat(read()).isEqualTo("value-1");
      backend.with("api-key", "value-2");
      advance(TIME_TO_LIVE.minus(A_MOMENT));

      assertThat(read()).isEqualTo("value-1");
      assertThat(backend.calls()).isEqualTo(1);
    }

    @Test
    void isFetchedAgain_afterIt_andTheOldOneWiped() {
      read();
      CachedSecret old = held();
      backend.with("api-key", "value-2");
      advance(TIME_TO_LIVE);

      assertThat(read()).isEqualTo("value-2");
      assertThat(backend.calls()).isEqualTo(2);
      assertWiped(old);
    }

    @Test
    void ages_fromWhenTheBackendWasAsked_notFromWhenItAnswered() {
      backend.beforeAnswer = () -> advance(Duration.ofMinutes(3));
      read();
      backend.beforeAnswer = () -> {};
      advance(Duration.ofMinutes(2));

      read();
      assertThat(backend.calls()).isEqualTo(2);
    }

    @Test
    void isACopyForEachReader() {
      value(cache.get(REF)).close();

      assertThat(read()).isEqualTo("value-1");
    }

    @Test
    void isWiped_whenItsTimeIsOver_stalenessIncluded() {
      read();
      CachedSecret old = held();
      advance(TIME_TO_LIVE.plus(MAX_STALE));

      assertThat(held()).isNull();
      cache.get(SecretRef.of("default", "other")); // any traffic lets Caffeine clean up
      backend.with("other", "x");
      advance(NEGATIVE_TIME_TO_LIVE);
      cache.get(SecretRef.of("default", "other"));
      assertWiped(old);
    }

    @Test
    void isWiped_whenItIsDeleted() {
      read();
      CachedSecret old = held();
      backend.without("api-key");
      advance(TIME_TO_LIVE);

      assertThat(cache.get(REF)).isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
      assertWiped(old);
    }

    @Test
    void isWiped_whenItIsDenied_andNeverServedAgain() {
      read();
      CachedSecret old = held();
      backend.failing("api-key", new SecretAccessDeniedException("denied"));
      advance(TIME_TO_LIVE);

      assertThat(failure(cache.get(REF))).isInstanceOf(SecretAccessDeniedException.class);
      assertWiped(old);
      backend.failing("api-key", new SecretUnavailableException("down"));
      advance(FIRST_PAUSE);
      assertThat(failure(cache.get(REF))).isInstanceOf(SecretUnavailableException.class);
    }

    @Test
    void isWiped_whenTheCacheIsClosed() {
      read();
      CachedSecret old = held();
      cache.close();

      assertWiped(old);
      assertThat(held()).isNull();
    }

    @Test
    void thatArrivesAfterClose_isNotKept() {
      backend.beforeAnswer = cache::close;
      cache.get(REF);

      assertThat(held()).isNull();
    }
  }

  @Nested
  class AnAbsence {

    @Test
    void isKept_forItsOwnShortTime() {
      SecretRef missing = SecretRef.of("default", "missing");

      assertThat(cache.get(missing)).isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
      advance(NEGATIVE_TIME_TO_LIVE.minus(A_MOMENT));
      assertThat(cache.get(missing)).isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
      assertThat(backend.calls()).isEqualTo(1);

      backend.with("missing", "here now");
      advance(A_MOMENT);
      assertThat(text(cache.get(missing))).isEqualTo("here now");
    }
  }

  @Nested
  class AnOutage {

    @Test
    void isAnsweredWithTheStaleValue_markedWithAgeAndCause() {
      read();
      outage();
      advance(TIME_TO_LIVE.plusSeconds(7));

      try (SecretValue value = value(cache.get(REF))) {
        assertThat(value.revealString()).isEqualTo("value-1");
        assertThat(value.freshness()).isInstanceOfSatisfying(Freshness.Stale.class, stale -> {
          assertThat(stale.age()).isEqualTo(TIME_TO_LIVE.plusSeconds(7));
          assertThat(stale.cause()).isInstanceOf(SecretUnavailableException.class);
        });
      }
    }

    @Test
    void isAnsweredUntilMaxStale_andNotAMomentLonger() {
      read();
      CachedSecret old = held();
      outage();
      advance(TIME_TO_LIVE.plus(MAX_STALE).minus(A_MOMENT));
      assertThat(read()).isEqualTo("value-1");
      advance(A_MOMENT);

      assertThat(failure(cache.get(REF))).isInstanceOf(SecretUnavailableException.class);
      backend.with("api-key", "value-2");
      advance(FIRST_PAUSE);
      assertThat(read()).isEqualTo("value-2");
      assertWiped(old);
    }

    @Test
    void isProbedWithGrowingPauses_notWithEveryRead() {
      read();
      outage();
      advance(TIME_TO_LIVE);
      for (int second = 0; second < 600; second++) {
        assertThat(read()).isEqualTo("value-1");
        advance(Duration.ofSeconds(1));
      }

      // the first read, then probes after pauses of 1, 2, 4 … 64 seconds: at 0, 1, 3, 7, 15, 31,
      // 63, 127, 191 … 575
      assertThat(backend.calls()).isEqualTo(1 + 7 + 8);
    }

    @Test
    void thatEnds_isForgotten() {
      read();
      outage();
      advance(TIME_TO_LIVE);
      read();
      backend.with("api-key", "value-2");
      advance(Duration.ofSeconds(1));

      try (SecretValue value = value(cache.get(REF))) {
        assertThat(value.revealString()).isEqualTo("value-2");
        assertThat(value.freshness()).isEqualTo(Freshness.fresh());
      }
    }

    @Test
    void isNotAnsweredLonger_becauseTheLoadWasSlow() {
      backend.beforeAnswer = () -> advance(Duration.ofMinutes(3));
      read();
      backend.beforeAnswer = () -> {};
      outage();
      advance(TIME_TO_LIVE.plus(MAX_STALE).minusMinutes(3).minus(A_MOMENT));
      assertThat(read()).isEqualTo("value-1");
      advance(A_MOMENT);

      assertThat(failure(cache.get(REF))).isInstanceOf(SecretUnavailableException.class);
    }

    @Test
    void isNotAnsweredAtAll_whereNoStaleValueIsWanted() {
      cache = cache(TIME_TO_LIVE, Duration.ZERO);
      backend.beforeAnswer = () -> advance(Duration.ofMinutes(3));
      read();
      outage();
      backend.beforeAnswer = () -> {};
      advance(Duration.ofMinutes(3));

      assertThat(failure(cache.get(REF))).isInstanceOf(SecretUnavailableException.class);
    }

    @Test
    void thatIsNoOutage_isNotAnsweredStale_butKeepsTheValue() {
      read();
      backend.failing("api-key", new SecretStorageException("disk"));
      advance(TIME_TO_LIVE);

      assertThat(failure(cache.get(REF))).isInstanceOf(SecretStorageException.class);
      outage();
      advance(FIRST_PAUSE);
      assertThat(read()).isEqualTo("value-1");
    }
  }

  @Nested
  class ABatch {

    @Test
    void fetchesWhatItLacks_inOneCall() {
      backend.with("two", "2").with("three", "3");
      read();
      Map<String, SecretOutcome> outcomes =
          cache.get("default", List.of("two", "api-key", "three", "none"));

      assertThat(backend.fetches)
          .containsExactly(Set.of("api-key"), Set.of("two", "three", "none"));
      assertThat(text(outcomes.get("two"))).isEqualTo("2");
      assertThat(text(outcomes.get("api-key"))).isEqualTo("value-1");
      assertThat(text(outcomes.get("three"))).isEqualTo("3");
      assertThat(outcomes.get("none")).isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
      assertThat(outcomes).hasSize(4);
    }

    @Test
    void oneDeniedName_doesNotSpoilTheOthers() {
      backend.failing("denied", new SecretAccessDeniedException("denied"));
      Map<String, SecretOutcome> outcomes = cache.get("default", List.of("api-key", "denied"));

      assertThat(text(outcomes.get("api-key"))).isEqualTo("value-1");
      assertThat(failure(outcomes.get("denied"))).isInstanceOf(SecretAccessDeniedException.class);
    }
  }

  @Test
  void idleValue_isWipedByTheScheduler_notLongAfterItsTime() {
    Deque<Runnable> scheduled = new ArrayDeque<>();
    Deque<Duration> delays = new ArrayDeque<>();
    Scheduler scheduler = (executor, command, delay, unit) -> {
      scheduled.add(command);
      delays.add(Duration.of(delay, unit.toChronoUnit()));
      return new CompletableFuture<>();
    };
    cache = settings().withScheduler(scheduler).open(backend);
    read();
    CachedSecret old = held();
    Duration passed = Duration.ZERO;
    while (isHeld(old)) { // Caffeine comes closer in a few steps
      assertThat(scheduled).as("a next step, while the value is held").isNotEmpty();
      passed = passed.plus(delays.peek());
      advance(delays.remove());
      scheduled.remove().run();
    }

    assertThat(passed)
        .isBetween(TIME_TO_LIVE.plus(MAX_STALE), TIME_TO_LIVE.plus(MAX_STALE).plusSeconds(3));
  }

  @Test
  void whatTheBackendSaysOfFreshness_isPassedOn() {
    Freshness stale =
        Freshness.Stale.of(Duration.ofDays(1), new SecretUnavailableException("down"));
    backend.withStale("api-key", "value-1", stale);

    for (int i = 0; i < 2; i++) {
      try (SecretValue value = value(cache.get(REF))) {
        assertThat(value.freshness()).isEqualTo(stale);
      }
    }
  }

  @Test
  void closedValueInABatch_doesNotHideADenial() {
    read();
    CachedSecret denied = held();
    advance(TIME_TO_LIVE);
    backend.failing("api-key", new SecretAccessDeniedException("denied"));
    backend.withClosed("closed");
    Map<String, SecretOutcome> outcomes = cache.get("default", List.of("closed", "api-key"));

    assertThat(failure(outcomes.get("closed"))).isInstanceOf(SecretProtocolException.class);
    assertThat(failure(outcomes.get("api-key"))).isInstanceOf(SecretAccessDeniedException.class);
    assertWiped(denied);
  }

  @Nested
  class ABound {

    @Test
    void byCount_dropsAndWipes() {
      cache = cache(2, 1 << 20);
      List<CachedSecret> seen = fill(20);

      assertThat(seen.stream().filter(SecretCacheTest::isHeld))
          .hasSizeLessThanOrEqualTo(2)
          .isNotEmpty();
    }

    @Test
    void byBytes_dropsAndWipes() {
      cache = cache(10, 50);
      List<CachedSecret> seen = fill(20); // of 10 bytes each

      assertThat(seen.stream()
              .filter(SecretCacheTest::isHeld)
              .mapToInt(CachedSecret::sizeBytes)
              .sum())
          .isBetween(10, 50);
    }

    @Test
    void valueLargerThanAll_isReadButNotKept() {
      cache = cache(10, 100);
      backend.with("large", "x".repeat(200));

      assertThat(text(cache.get(SecretRef.of("default", "large")))).hasSize(200);
      assertThat(cache.held(SecretRef.of("default", "large"))).isNull();
    }

    private List<CachedSecret> fill(int count) {
      List<CachedSecret> seen = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String name = "secret-" + i;
        backend.with(name, "0123456789");
        text(cache.get(SecretRef.of("default", name)));
        CachedSecret held = cache.held(SecretRef.of("default", name));
        if (held != null) {
          seen.add(held);
        }
      }
      return seen;
    }
  }

  @Nested
  class AFailureWhereNothingIsCached {

    @Test
    void isShared_alsoWhereAnExpiredValueMayNotAnswerForIt() {
      read();
      backend.failing("api-key", new SecretStorageException("disk"));
      advance(TIME_TO_LIVE);
      for (int i = 0; i < 100; i++) {
        assertThat(failure(cache.get(REF))).isInstanceOf(SecretStorageException.class);
      }

      assertThat(backend.calls()).isEqualTo(2);
    }

    @Test
    void isSharedForAPause_thatGrowsToTheNegativeTimeToLive() {
      outage();
      for (int second = 0; second < 60; second++) {
        assertThat(failure(cache.get(REF))).isInstanceOf(SecretUnavailableException.class);
        advance(Duration.ofSeconds(1));
      }

      // at 0, 1, 3, 7, then every 5 seconds: 12, 17 … 57
      assertThat(backend.calls()).isEqualTo(4 + 10);
    }

    @Test
    void isANewExceptionForEachReader() {
      outage();

      assertThat(failure(cache.get(REF))).isNotSameAs(failure(cache.get(REF)));
    }

    @Test
    void endsWithTheFirstAnswer_andBeginsAnew() {
      outage();
      cache.get(REF);
      advance(FIRST_PAUSE);
      cache.get(REF);
      backend.with("api-key", "value-2");
      advance(Duration.ofSeconds(2));
      assertThat(read()).isEqualTo("value-2");
      cache.invalidate(REF);
      outage();
      cache.get(REF);
      advance(FIRST_PAUSE);
      cache.get(REF);

      assertThat(backend.calls()).as("the pause is the first one again").isEqualTo(5);
    }

    @Test
    void isNotRemembered_whereNothingNegativeIs() {
      cache = settings().withNegativeTimeToLive(Duration.ZERO).open(backend);
      outage();
      cache.get(REF);
      cache.get(REF);

      assertThat(backend.calls()).isEqualTo(2);
    }

    @Test
    void doesNotKeepARefreshFromAsking() {
      outage();
      cache.get(REF);
      backend.with("api-key", "value-2");

      assertThat(cache.refresh(REF)).isNull();
      assertThat(read()).isEqualTo("value-2");
    }
  }

  @Test
  void clockThatWasSetBack_makesNothingFresh() {
    read();
    read();
    try (SecretValue quick = cache.quick().get("default", "api-key")) {
      assertThat(quick).as("the quick way from now on").isNotNull();
    }
    backend.with("api-key", "value-2");
    advance(Duration.ofDays(-365 * 20));

    assertThat(cache.quick().get("default", "api-key")).isNull();
    assertThat(read()).isEqualTo("value-2");
  }

  @Test
  void noTimeToLive_asksAtEveryRead_andServesAnOutageStillStale() {
    cache = cache(Duration.ZERO, MAX_STALE);
    read();
    read();
    assertThat(backend.calls()).isEqualTo(2);
    outage();
    assertThat(read()).isEqualTo("value-1");
  }

  @Test
  void nothingKept_whereNeitherLifeNorStalenessIsWanted() {
    cache = cache(Duration.ZERO, Duration.ZERO);

    assertThat(read()).isEqualTo("value-1");
    assertThat(held()).isNull();
  }

  private SecretCache cache(int maximumEntries, int maximumBytes) {
    return settings()
        .withMaximumEntries(maximumEntries)
        .withMaximumBytes(maximumBytes)
        .open(backend);
  }

  private SecretCache cache(Duration timeToLive, Duration maxStale) {
    return settings().withTimeToLive(timeToLive).withMaxStale(maxStale).open(backend);
  }

  private CacheFixture settings() {
    return new CacheFixture()
        .withTimeToLive(TIME_TO_LIVE)
        .withNegativeTimeToLive(NEGATIVE_TIME_TO_LIVE)
        .withMaxStale(MAX_STALE)
        .withRefreshAhead(Duration.ZERO)
        .withTicker(nanos::get)
        .withJitter(() -> 0);
  }

  private void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  private void outage() {
    backend.failing("api-key", new SecretUnavailableException("down"));
  }

  private String read() {
    return text(cache.get(REF));
  }

  private CachedSecret held() {
    return cache.held(REF);
  }

  private static void assertWiped(CachedSecret secret) {
    assertThat(isHeld(secret)).as("what left the cache is wiped").isFalse();
  }

  private static boolean isHeld(CachedSecret secret) {
    SecretValue copy = secret.copy();
    if (copy != null) {
      copy.close();
    }
    return copy != null;
  }

  private static SecretValue value(SecretOutcome outcome) {
    assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
    return ((SecretOutcome.Found) outcome).value();
  }

  private static String text(SecretOutcome outcome) {
    try (SecretValue value = value(outcome)) {
      return value.revealString();
    }
  }

  private static SecretManagerException failure(SecretOutcome outcome) {
    assertThat(outcome).isInstanceOf(SecretOutcome.Failed.class);
    return ((SecretOutcome.Failed) outcome).failure();
  }
}
