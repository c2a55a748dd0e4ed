package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.client.ScriptedBackend.found;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Hours without a backend, on a ticker that the test turns; a reader asks each second. */
class OutageTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  private static final Duration MAX_STALE = Duration.ofHours(1);
  private static final int LONGEST_PAUSE_SECONDS = 64;

  private final AtomicLong nanos = new AtomicLong();
  private final List<SecretRef> denied = new ArrayList<>();
  private final ScriptedBackend backend = ScriptedBackend.giving("value-1");
  private final SecretManager manager = SecretManagers.builder(backend)
      .timeToLive(TIME_TO_LIVE)
      .maxStale(MAX_STALE)
      .ticker(nanos::get)
      .jitter(() -> 0)
      .callsOnReadingThread()
      .executor(Runnable::run)
      .listener(new SecretListener() {
        @Override
        public void onDenied(SecretRef ref, SecretAccessDeniedException failure) {
          denied.add(ref);
        }
      })
      .build();

  @BeforeEach
  void loadThenFail() {
    assertThat(read()).isEqualTo("value-1 fresh");
    backend.fail(new SecretUnavailableException("down"));
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void fourHours_areServedStaleUntilMaxStale_andAreUnavailableThen() {
    int fresh = 0;
    int stale = 0;
    int unavailable = 0;
    long callsWhileHeld = 0;
    for (int second = 1; second <= Duration.ofHours(4).toSeconds(); second++) {
      passSeconds(1);
      try (SecretValue value = manager.requireSecret(REF)) {
        assertThat(unavailable).as("a value after the outage was told of").isZero();
        assertThat(value.revealString()).isEqualTo("value-1");
        if (value.freshness() instanceof Freshness.Stale staleness) {
          assertThat(staleness.age()).isEqualTo(Duration.ofSeconds(second));
          assertThat(staleness.cause()).isInstanceOf(SecretUnavailableException.class);
          stale++;
        } else {
          fresh++;
        }
        callsWhileHeld = backend.calls() - 1;
      } catch (SecretUnavailableException e) {
        unavailable++;
      }
    }
    long schedule = attemptsWithin(TIME_TO_LIVE.plus(MAX_STALE).toSeconds());
    System.out.printf(
        "outage of 4 h, a read each second: %,d fresh, %,d stale, %,d unavailable;"
            + " %d calls while a value was held, %d by the schedule%n",
        fresh, stale, unavailable, callsWhileHeld, schedule);

    assertThat(fresh).isEqualTo(TIME_TO_LIVE.toSeconds() - 1);
    assertThat(stale).isEqualTo(MAX_STALE.toSeconds());
    assertThat(unavailable).isEqualTo(Duration.ofHours(4).toSeconds() - fresh - stale);
    assertThat(callsWhileHeld).isBetween(50L, schedule + 1);
  }

  @Test
  void denial_endsItAtOnce_andLeavesNothingToServe() {
    passSeconds(TIME_TO_LIVE.toSeconds());
    assertThat(read()).isEqualTo("value-1 stale");
    backend.fail(new SecretAccessDeniedException("the token was revoked"));

    assertThatExceptionOfType(SecretAccessDeniedException.class)
        .isThrownBy(this::readUntilItChanges);
    assertThat(denied).containsExactly(REF);
    assertNothingIsServed();
  }

  @Test
  void integrityFailure_endsItAtOnce_andLeavesNothingToServe() {
    passSeconds(TIME_TO_LIVE.toSeconds());
    backend.fail(new SecretIntegrityException("the seal is broken"));

    assertThatExceptionOfType(SecretIntegrityException.class).isThrownBy(this::readUntilItChanges);
    assertNothingIsServed();
  }

  @Test
  void deletion_endsItAtOnce_andLeavesNothingToServe() {
    passSeconds(TIME_TO_LIVE.toSeconds());
    assertThat(read()).isEqualTo("value-1 stale");
    backend.script = ref -> new SecretOutcome.Missing(Missing.SECRET);

    assertThat(readUntilItChanges()).isEqualTo("none");
    passSeconds(6); // past the life of an absence
    assertNothingIsServed();
  }

  @Test
  void denialOfARefreshAheadOfExpiry_endsAFreshValueToo() {
    backend.fail(new SecretAccessDeniedException("the token was revoked"));
    passSeconds(TIME_TO_LIVE.toSeconds() * 9 / 10); // the latest moment that jitter draws

    readQuietly(); // finds that it is time to ask
    assertThatExceptionOfType(SecretAccessDeniedException.class).isThrownBy(this::read);
    assertNothingIsServed();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 59, 600, 3_000, 3_599})
  void recovery_isSeenWithinOnePause_ofTheTicker(int staleSeconds) {
    passSeconds(TIME_TO_LIVE.toSeconds());
    for (int second = 0; second < staleSeconds - 1; second++) {
      assertThat(read()).isEqualTo("value-1 stale");
      passSeconds(1);
    }
    backend.give("value-2");
    int waited = 0;
    while (!read().equals("value-2 fresh")) {
      assertThat(++waited).isLessThanOrEqualTo(LONGEST_PAUSE_SECONDS);
      passSeconds(1);
    }
    backend.fail(new SecretUnavailableException("down again"));
    long callsBefore = backend.calls();
    passSeconds(TIME_TO_LIVE.toSeconds());
    read();
    passSeconds(1);
    read();
    assertThat(backend.calls() - callsBefore)
        .as("the next outage begins with a pause of a second")
        .isEqualTo(2);
  }

  @Test
  void aFailureOfAnotherKind_keepsTheAgeOfWhatIsServed() {
    passSeconds(TIME_TO_LIVE.toSeconds());
    read();
    backend.fail(new SecretTimeoutException("slow"));
    passSeconds(LONGEST_PAUSE_SECONDS);

    try (SecretValue value = manager.requireSecret(REF)) {
      assertThat(value.freshness()).isInstanceOfSatisfying(Freshness.Stale.class, stale -> {
        assertThat(stale.age()).isEqualTo(TIME_TO_LIVE.plusSeconds(LONGEST_PAUSE_SECONDS));
        assertThat(stale.cause()).isInstanceOf(SecretTimeoutException.class);
      });
    }
  }

  private void assertNothingIsServed() {
    backend.fail(new SecretUnavailableException("down again"));
    passSeconds(LONGEST_PAUSE_SECONDS + 1);
    assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(this::read);
    backend.script = ref -> found("value-2");
    passSeconds(LONGEST_PAUSE_SECONDS + 1);
    assertThat(read()).isEqualTo("value-2 fresh");
  }

  /** As a reader does who asks each second: it learns of a change within one pause. */
  private String readUntilItChanges() {
    String before = "value-1 stale";
    String now = read();
    for (int second = 0; now.equals(before); second++) {
      assertThat(second).isLessThanOrEqualTo(LONGEST_PAUSE_SECONDS);
      passSeconds(1);
      now = read();
    }
    return now;
  }

  private void readQuietly() {
    try {
      read();
    } catch (SecretManagerException e) {
      assertThat(e).isInstanceOf(SecretAccessDeniedException.class);
    }
  }

  private String read() {
    return manager
        .getSecret(REF)
        .map(value -> {
          try (value) {
            return value.revealString()
                + (value.freshness() instanceof Freshness.Stale ? " stale" : " fresh");
          }
        })
        .orElse("none");
  }

  private void passSeconds(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  /** Attempts at 0, and after pauses of 1, 2, 4 … 64, 64 … seconds. */
  private static long attemptsWithin(long seconds) {
    long attempts = 0;
    long pause = 1;
    for (long at = 0; at <= seconds; at += pause / 2) {
      attempts++;
      pause = Math.min(2 * pause, 2 * LONGEST_PAUSE_SECONDS);
    }
    return attempts;
  }
}
