package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.client.ScriptedBackend.found;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A backend that fails, or hangs, where nothing is cached: it is asked again after a pause, not by
 * every reader, and holds none of them for longer than the reader has time.
 */
class FailurePauseTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // the ticker may wrap
  private final ScriptedBackend backend = ScriptedBackend.giving("value");

  @Test
  void tenThousandRequestsAtOnce_makeOneCall() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      backend.fail(new SecretUnavailableException("down"));
      for (int i = 0; i < 10_000; i++) {
        assertUnavailable(manager);
      }
    }
    System.out.printf("10,000 requests of a backend that fails: %d calls%n", backend.calls());
    assertThat(backend.calls()).isEqualTo(1);
  }

  /** Pauses of 1, 2, 4 … seconds, and none longer than an absence would be believed. */
  @ParameterizedTest
  @ValueSource(longs = {5, 64})
  void tenThousandRequestsInAThousandSeconds_makeTheCallsOfTheSchedule(long longestPauseSeconds) {
    try (SecretManager manager = manager(Duration.ofSeconds(longestPauseSeconds))) {
      backend.fail(new SecretUnavailableException("down"));
      for (int i = 0; i < 10_000; i++) {
        assertUnavailable(manager);
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
      }
    }
    long schedule = attemptsWithin(1_000, longestPauseSeconds);
    System.out.printf(
        "10,000 requests in 1,000 s of a backend that fails: %d calls, %d by the schedule%n",
        backend.calls(), schedule);
    assertThat(backend.calls()).isBetween(schedule / 2, schedule + 1);
  }

  @Test
  void fourHoursOfOutage_makeTheCallsOfTheSchedule() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      manager.requireSecret(REF).close();
      backend.fail(new SecretUnavailableException("down"));
      for (int second = 0; second < Duration.ofHours(4).toSeconds(); second++) {
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        manager.cacheStats();
        try {
          manager.requireSecret(REF).close();
        } catch (SecretUnavailableException e) {
          assertThat(second).isGreaterThanOrEqualTo(65 * 60 - 1);
        }
      }
    }
    long schedule = attemptsWithin(65 * 60, 64) + attemptsWithin(175 * 60, 5);
    System.out.printf(
        "outage of 4 h, a read each second: %,d calls, %,d by the schedule%n",
        backend.calls() - 1, schedule);
    assertThat(backend.calls() - 1).isBetween(schedule / 2, schedule + 1);
  }

  /** With jitter: what failed together is asked for together again, in one call. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void batchInAnOutage_isOneCallForEachPause(boolean isStale) {
    List<String> names = IntStream.range(0, 10).mapToObj(i -> "secret-" + i).toList();
    try (SecretManager manager = SecretManagers.builder(backend)
        .ticker(nanos::get)
        .executor(Runnable::run)
        .build()) {
      if (isStale) {
        manager.getSecrets("default", names).close();
        nanos.addAndGet(Duration.ofMinutes(5).toNanos());
      }
      long before = backend.calls();
      backend.fail(new SecretUnavailableException("down"));
      for (int i = 0; i < 10_000; i++) {
        try {
          manager.getSecrets("default", names).close();
        } catch (SecretUnavailableException e) {
          assertThat(isStale).isFalse();
        }
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
      }
      long schedule = attemptsWithin(1_000, isStale ? 64 : 5);
      System.out.printf(
          "10,000 batches of ten in 1,000 s of a backend that fails: %d calls, %d by the schedule"
              + " without jitter%n",
          backend.calls() - before, schedule);
      assertThat(backend.calls() - before).isBetween(schedule, schedule * 5 / 4 + 1);
    }
  }

  @Test
  void jitterThatIsOutside_countsAsTheNearest() {
    for (double jitter : new double[] {-3, 0, Double.NaN, 1, 3}) {
      try (SecretManager manager = SecretManagers.builder(backend)
          .ticker(nanos::get)
          .executor(Runnable::run)
          .jitter(() -> jitter)
          .build()) {
        backend.fail(new SecretUnavailableException("down"));
        assertUnavailable(manager);
        long before = backend.calls();
        nanos.addAndGet(Duration.ofMillis(799).toNanos());
        assertUnavailable(manager);
        assertThat(backend.calls() - before).isZero();
        nanos.addAndGet(Duration.ofMillis(2).toNanos());
        assertUnavailable(manager);
        assertThat(backend.calls() - before).as("jitter %s", jitter).isEqualTo(jitter > 0 ? 1 : 0);
      }
    }
  }

  @Test
  void recovery_isSeenWithinOnePause() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      backend.fail(new SecretUnavailableException("down"));
      for (int i = 0; i < 100; i++) {
        assertUnavailable(manager);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      }
      backend.give("value");
      nanos.addAndGet(Duration.ofSeconds(5).toNanos());

      assertThat(manager.withSecret(REF, SecretValue::revealString)).isEqualTo("value");
    }
  }

  @Test
  void invalidationOfAnotherSecret_endsNoPause_andNoStaleAnswer() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      manager.requireSecret(REF).close();
      nanos.addAndGet(Duration.ofMinutes(6).toNanos());
      backend.script = ref -> {
        manager.invalidate("default", "another");
        return new SecretOutcome.Failed(new SecretUnavailableException("down"));
      };
      for (int i = 0; i < 10; i++) {
        manager.requireSecret(REF).close();
      }
      assertThat(backend.calls()).as("a value, then one failure").isEqualTo(2);

      for (int i = 0; i < 10; i++) {
        assertThatExceptionOfType(SecretUnavailableException.class)
            .isThrownBy(() -> manager.requireSecret("default", "no-value"));
      }
      assertThat(backend.calls()).as("one failure without a value").isEqualTo(3);
    }
  }

  @Test
  void failedRefresh_leavesAnAbsenceKnown() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      backend.script = ref -> new SecretOutcome.Missing(Missing.SECRET);
      assertThat(manager.getSecret(REF)).isEmpty();
      backend.fail(new SecretUnavailableException("down"));
      assertThatExceptionOfType(SecretUnavailableException.class)
          .isThrownBy(() -> manager.refresh(REF));
      assertThat(manager.getSecret(REF)).isEmpty();

      nanos.addAndGet(Duration.ofSeconds(5).toNanos());
      assertUnavailable(manager);
      backend.script = ref -> new SecretOutcome.Missing(Missing.SECRET);
      manager.refresh(REF);
      backend.fail(new SecretAccessDeniedException("denied"));
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> manager.refresh(REF));
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> manager.getSecret(REF));
    }
  }

  /**
   * CallScheduler on the reading thread can't be given up: the others must not wait for one for
   * ever.
   */
  @Test
  void callThatHangsOnItsReadersThread_isReplacedByALaterReaders() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.script = ref -> {
      hanging.countDown();
      await(release);
      return found("late");
    };
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (SecretManager manager = SecretManagers.builder(backend)
        .callsOnReadingThread()
        .fetchTimeout(Duration.ofMillis(50))
        .ticker(nanos::get)
        .build()) {
      Future<?> first = thread.submit(() -> manager.requireSecret(REF).close());
      await(hanging);
      backend.script = ref -> found("value");
      String value = null;
      while (value == null) {
        try {
          value = manager.withSecret(REF, SecretValue::revealString);
        } catch (SecretTimeoutException e) {
          assertThat(e).hasMessageContaining("another thread's call");
        }
      }
      assertThat(value).isEqualTo("value");
      release.countDown();
      first.get(60, SECONDS);

      assertThat(manager.withSecret(REF, SecretValue::revealString))
          .as("what came too late is not kept")
          .isEqualTo("value");
    } finally {
      release.countDown();
      thread.shutdown();
      assertThat(thread.awaitTermination(60, SECONDS)).isTrue();
    }
  }

  @Test
  void refresh_asksInThePauseToo() {
    try (SecretManager manager = manager(Duration.ofSeconds(5))) {
      backend.fail(new SecretUnavailableException("down"));
      assertUnavailable(manager);
      backend.give("value");
      manager.refresh(REF);

      assertThat(manager.withSecret(REF, SecretValue::revealString)).isEqualTo("value");
      assertThat(backend.calls()).isEqualTo(2);
    }
  }

  @Test
  void backendThatHangs_letsEveryCallerGoAtItsDeadline_andALaterOneRecovers() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    backend.script = ref -> {
      await(release);
      return found("late");
    };
    ExecutorService threads = Executors.newFixedThreadPool(50);
    try (SecretManager manager = SecretManagers.builder(backend)
        .fetchTimeout(Duration.ofSeconds(1))
        .ticker(nanos::get)
        .build()) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        readers.add(threads.submit(() -> assertThatExceptionOfType(SecretTimeoutException.class)
            .isThrownBy(() -> manager.requireSecret(REF).close())));
      }
      for (Future<?> reader : readers) {
        reader.get(60, SECONDS);
      }
      System.out.printf(
          "50 readers of a backend that hangs: 50 time-outs, %d calls%n", backend.calls());
      backend.script = ref -> found("value");
      nanos.addAndGet(Duration.ofSeconds(65).toNanos());

      assertThat(manager.withSecret(REF, SecretValue::revealString)).isEqualTo("value");
      release.countDown();
      assertThat(manager.withSecret(REF, SecretValue::revealString))
          .as("what came too late is not kept")
          .isEqualTo("value");
    } finally {
      release.countDown();
      threads.shutdown();
      assertThat(threads.awaitTermination(60, SECONDS)).isTrue();
    }
  }

  private SecretManager manager(Duration negativeTimeToLive) {
    return SecretManagers.builder(backend)
        .negativeTimeToLive(negativeTimeToLive)
        .ticker(nanos::get)
        .jitter(() -> 0)
        .executor(Runnable::run)
        .build();
  }

  private static void assertUnavailable(SecretManager manager) {
    assertThatExceptionOfType(SecretUnavailableException.class)
        .isThrownBy(() -> manager.requireSecret(REF).close());
  }

  /** Attempts at 0, and after pauses of 1, 2, 4 … seconds up to the longest. */
  private static long attemptsWithin(long seconds, long longestPauseSeconds) {
    long attempts = 0;
    long next = 1;
    for (long at = 0; at <= seconds; ) {
      attempts++;
      at += Math.min(next, longestPauseSeconds);
      next = Math.min(2 * next, 64);
    }
    return attempts;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
