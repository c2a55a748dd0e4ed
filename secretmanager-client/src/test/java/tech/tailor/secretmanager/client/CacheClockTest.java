package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * The lives of a value by a ticker that begins anywhere, wraps, and leaps. That no wall clock is
 * asked is a law of the architecture tests.
 */
class CacheClockTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final long SECOND = 1_000_000_000L;

  /** Where it begins: so that it wraps during each of the lives, and at the ends of the range. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        -1,
        -1_000 * SECOND,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        Long.MAX_VALUE,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE - 30 * SECOND,
        Long.MAX_VALUE - 245 * SECOND,
        Long.MAX_VALUE - 299 * SECOND,
        Long.MAX_VALUE - 301 * SECOND,
        Long.MAX_VALUE - 2_000 * SECOND,
        Long.MAX_VALUE - 3_899 * SECOND
      })
  void lives_areTheSame_whereverTheTickerBegins(long origin) {
    AtomicLong nanos = new AtomicLong(origin);
    ScriptedBackend backend = ScriptedBackend.giving("value");
    try (SecretManager manager = manager(backend, nanos)) {
      assertThat(age(manager)).isZero();
      backend.fail(new SecretUnavailableException("down"));
      for (int second = 1; second < 3_900; second++) {
        nanos.set(origin + second * SECOND);
        assertThat(age(manager)).as("second %s", second).isEqualTo(second < 300 ? 0 : second);
      }
      nanos.set(origin + 3_900 * SECOND);
      assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(() -> age(manager));
      assertThat(backend.calls()).isLessThan(1 + 3_900 / 64 + 10);
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, -1_000 * SECOND, Long.MIN_VALUE, Long.MAX_VALUE - 245 * SECOND, Long.MAX_VALUE - 1
      })
  void absences_liveTheirFiveSeconds_whereverTheTickerBegins(long origin) {
    AtomicLong nanos = new AtomicLong(origin);
    ScriptedBackend backend = new ScriptedBackend(ref -> new SecretOutcome.Missing(Missing.SECRET));
    try (SecretManager manager = manager(backend, nanos)) {
      for (int second = 0; second < 50; second++) {
        nanos.set(origin + second * SECOND);
        assertThat(manager.getSecret(REF)).isEmpty();
      }
      assertThat(backend.calls()).isEqualTo(10);
    }
  }

  /** As after a long suspension. */
  @ParameterizedTest
  @ValueSource(longs = {1, 20, 100, 290})
  void leapForwardByYears_endsEveryLife_andTheNextReadAsks(long years) {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    ScriptedBackend backend = ScriptedBackend.giving("value-1");
    try (SecretManager manager = manager(backend, nanos)) {
      manager.requireSecret(REF).close();
      nanos.addAndGet(Duration.ofDays(365 * years).toNanos());
      backend.fail(new SecretUnavailableException("down"));
      assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(() -> age(manager));

      nanos.addAndGet(Duration.ofDays(1).toNanos());
      backend.give("value-2");
      assertThat(manager.withSecret(REF, SecretValue::revealString)).isEqualTo("value-2");
      assertThat(age(manager)).isZero();
    }
  }

  /** With a broken ticker, a value from the future has no known age, and is fetched again. */
  @ParameterizedTest
  @ValueSource(longs = {1, 60, 299})
  void smallStepBack_makesAValueUnknown_soThatItIsAskedForAnew(long seconds) {
    AtomicLong nanos = new AtomicLong(Long.MIN_VALUE + 10);
    ScriptedBackend backend = ScriptedBackend.giving("value");
    try (SecretManager manager = manager(backend, nanos)) {
      assertThat(age(manager)).isZero();
      nanos.addAndGet(-seconds * SECOND);
      assertThat(age(manager)).isZero();
      backend.fail(new SecretUnavailableException("down"));
      nanos.addAndGet((seconds + 300) * SECOND);
      assertThat(age(manager)).isEqualTo(seconds + 300);
    }
  }

  private static SecretManager manager(ScriptedBackend backend, AtomicLong nanos) {
    return SecretManagers.builder(backend)
        .timeToLive(Duration.ofSeconds(300))
        .maxStale(Duration.ofHours(1))
        .ticker(nanos::get)
        .jitter(() -> 0)
        .executor(Runnable::run)
        .build();
  }

  /** In seconds; 0 if it is fresh. */
  private static long age(SecretManager manager) {
    try (SecretValue value = manager.requireSecret(REF)) {
      return value.freshness() instanceof Freshness.Stale stale ? stale.age().toSeconds() : 0;
    }
  }
}
