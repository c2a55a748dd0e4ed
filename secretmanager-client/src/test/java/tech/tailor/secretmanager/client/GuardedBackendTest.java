package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

class GuardedBackendTest {

  @Test
  void isAProtocolFailure_withoutTheMessageThatCouldHoldAValue() {
    assertProtocolFailure(names -> {
      throw new IllegalArgumentException("canary-value");
    });
  }

  @Test
  void isUnavailable_whenTheJvmLacksSomething_whichMayPass() {
    SecretCache cache = cache(Duration.ofSeconds(30), names -> {
      throw new StackOverflowError("canary-value");
    });
    assertThat(cache.get("default", Set.of("one")).get("one"))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretUnavailableException.class)
                .hasMessageNotContaining("canary"));
  }

  @Test
  void eachCall_isLoggedForDebugging_withNamesAndOutcomes_andNoValue() {
    List<String> logged = new ArrayList<>();
    Handler handler = new ConsoleHandler() {
      @Override
      public void publish(LogRecord logRecord) {
        logged.add(logRecord.getMessage());
      }
    };
    Logger logger = Logger.getLogger(GuardedBackend.class.getName());
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    logger.setUseParentHandlers(false);
    try (SecretValue value = SecretValue.of("canary-value")) {
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
      outcomes.put("one", new SecretOutcome.Found(value));
      outcomes.put("two", new SecretOutcome.Missing(Missing.SECRET));
      outcomes.put("three", new SecretOutcome.Failed(new SecretUnavailableException("canary")));
      cache(Duration.ofSeconds(30), names -> outcomes).get("default", outcomes.keySet());
    } finally {
      logger.setUseParentHandlers(true);
      logger.setLevel(null);
      logger.removeHandler(handler);
    }

    assertThat(logged).hasSize(1);
    assertThat(logged.get(0))
        .startsWith("Fetched from the vault default: ")
        .contains("one found", "two missing", "three SecretUnavailableException")
        .doesNotContain("canary");
  }

  @Test
  void logThatThrows_leavesNoValueBehind() {
    Handler handler = new ConsoleHandler() {
      @Override
      public void publish(LogRecord logRecord) {
        throw new IllegalStateException("made up");
      }
    };
    Logger logger = Logger.getLogger(GuardedBackend.class.getName());
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    logger.setUseParentHandlers(false);
    SecretValue value = SecretValue.of("canary-value");
    try (SecretCache cache =
        cache(Duration.ofSeconds(30), names -> Map.of("one", new SecretOutcome.Found(value)))) {
      assertThat(cache.get("default", Set.of("one")).get("one"))
          .isInstanceOf(SecretOutcome.Failed.class);
    } finally {
      logger.setUseParentHandlers(true);
      logger.setLevel(null);
      logger.removeHandler(handler);
    }

    assertThat(isOpen(value)).isFalse();
  }

  @Test
  void isAProtocolFailure_whenItLeavesANameOut_orAnswersNothing() {
    assertProtocolFailure(names -> Map.of());
    assertProtocolFailure(names -> null);
  }

  @Test
  void isAProtocolFailure_whenItThrowsWhatShouldBeAnOutcome() {
    assertProtocolFailure(names -> {
      throw SecretNotFoundException.vault("default");
    });
  }

  @Test
  void isAProtocolFailure_whenItGivesAClosedValue() {
    SecretValue closed = SecretValue.of("canary-value");
    closed.close();
    assertProtocolFailure(names -> Map.of("one", new SecretOutcome.Found(closed)));
  }

  @Test
  @Timeout(60)
  void isATimeout_whenItDoesNotReturn_andWhatItBringsLaterIsWiped() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    SecretValue late = SecretValue.of("late");
    SecretCache cache = cache(Duration.ofMillis(1), names -> {
      calls.incrementAndGet();
      release.await();
      return Map.of("one", new SecretOutcome.Found(late));
    });

    SecretOutcome outcome;
    do { // on a busy machine, 1 ms may be over before the call begins
      outcome = cache.get("default", Set.of("one")).get("one");
    } while (calls.get() == 0);
    release.countDown();

    assertThat(outcome)
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretTimeoutException.class)
                .hasMessageContaining("read one from the vault default"));
    cache.close();
    while (isOpen(late)) {
      Thread.onSpinWait(); // until it was brought and wiped
    }
  }

  @Test
  void isAsked_whileOthersCallsHang() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    SecretCache cache = cache(Duration.ofMillis(1), names -> {
      if (calls.incrementAndGet() <= 100) {
        release.await();
      }
      return Map.of("one", new SecretOutcome.Missing(Missing.SECRET));
    });
    for (int i = 0; i < 100; i++) {
      cache.get("default", Set.of("one"));
    }
    SecretOutcome outcome = cache.get("default", Set.of("one")).get("one");
    while (!(outcome instanceof SecretOutcome.Missing)) { // on a busy machine 1 ms is short
      outcome = cache.get("default", Set.of("one")).get("one");
    }
    release.countDown();
  }

  @Test
  void isNotAskedForAnInterruptedThread() {
    AtomicInteger calls = new AtomicInteger();
    SecretCache cache = cache(Duration.ofMinutes(1), names -> {
      calls.incrementAndGet();
      return Map.of("one", new SecretOutcome.Missing(Missing.SECRET));
    });
    for (int i = 0; i < 1_000; i++) { // a call that is given up may not have begun
      Thread.currentThread().interrupt();
      SecretOutcome outcome = cache.get("default", Set.of("one")).get("one");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(((SecretOutcome.Failed) outcome).failure())
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageContaining("Interrupted");
    }
    assertThat(calls).hasValue(0);
  }

  @Test
  @Timeout(120)
  void holdsUpNoCaller_whileAllItsCallsHang() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    SecretCache cache = cache(Duration.ofMillis(10), names -> {
      calls.incrementAndGet();
      release.await();
      return Map.of("one", new SecretOutcome.Missing(Missing.SECRET));
    });
    for (int i = 0; i < 300; i++) {
      assertThat(cache.get("default", Set.of("one")).get("one"))
          .isInstanceOf(SecretOutcome.Failed.class);
    }
    release.countDown();
    while (!(cache.get("default", Set.of("one")).get("one") instanceof SecretOutcome.Missing)) {
      Thread.onSpinWait(); // until the threads are free again
    }

    assertThat(calls).hasValueLessThan(300);
  }

  @Test
  void onTheReadingThread_isCalledThere_andTimedAfterwards() {
    Set<Thread> callers = new HashSet<>();
    AtomicLong nanos = new AtomicLong();
    SecretValue late = SecretValue.of("late");
    Duration timeout = Duration.ofSeconds(1);
    BackendCalls calls = new DirectCalls(
        new GuardedBackend(backend(names -> {
          callers.add(Thread.currentThread());
          nanos.addAndGet(timeout.toNanos());
          return Map.of("one", new SecretOutcome.Found(late));
        })),
        timeout,
        nanos::get);

    assertThat(calls.ask("default", Set.of("one")).join().get("one"))
        .as("what took just as long as it may counts")
        .isEqualTo(new SecretOutcome.Found(late));
    BackendCalls tooSlow = new DirectCalls(
        new GuardedBackend(backend(names -> {
          nanos.addAndGet(timeout.toNanos() + 1);
          return Map.of("one", new SecretOutcome.Found(late));
        })),
        timeout,
        nanos::get);
    assertThat(tooSlow.ask("default", Set.of("one")).join().get("one"))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretTimeoutException.class)
                .hasMessageContaining("read one from the vault default"));
    assertThat(isOpen(late)).as("what came too late").isFalse();
    assertThat(callers).containsExactly(Thread.currentThread());
  }

  @Test
  void onTheReadingThread_isHeldToTheContractToo() {
    SecretManager manager = SecretManagers.builder(backend(names -> {
          throw new IllegalArgumentException("canary-value");
        }))
        .callsOnReadingThread()
        .build();

    assertThatExceptionOfType(SecretProtocolException.class)
        .isThrownBy(() -> manager.getSecret("default", "one"))
        .withNoCause()
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("canary"));
    manager.close();
  }

  @Test
  void isAProtocolFailure_whenItFailsToClose() {
    SecretManager manager = SecretManagers.open(new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        return Map.of();
      }

      @Override
      public void close() {
        throw new IllegalArgumentException("canary-value");
      }
    });

    assertThatExceptionOfType(SecretProtocolException.class)
        .isThrownBy(manager::close)
        .withNoCause()
        .satisfies(e -> assertThat(e.getMessage()).contains("close").doesNotContain("canary"));
    manager.close();
  }

  @Test
  void isAProtocolFailure_whenItThrowsACheckedExceptionUndeclared() {
    assertProtocolFailure(names -> {
      throw GuardedBackendTest.<RuntimeException>undeclared(new IOException("canary-value"));
    });
  }

  @Test
  void namesItIsGiven_areNotItsToChange() {
    AtomicInteger calls = new AtomicInteger();
    assertProtocolFailure(names -> {
      calls.incrementAndGet();
      names.clear();
      return Map.of();
    });

    assertThat(calls).hasValue(1);
  }

  @SuppressWarnings("unchecked")
  private static <X extends Exception> X undeclared(Exception exception) throws X {
    throw (X) exception;
  }

  @Test
  void unaskedValues_areWiped() {
    SecretValue unasked = SecretValue.of("canary-value");
    assertProtocolFailure(names -> Map.of("unasked", new SecretOutcome.Found(unasked)));

    assertThatIllegalStateException().isThrownBy(unasked::revealString);
  }

  private void assertProtocolFailure(
      java.util.function.Function<Set<String>, Map<String, SecretOutcome>> answer) {
    SecretManager manager = SecretManagers.open(backend(answer::apply));

    assertThatExceptionOfType(SecretProtocolException.class)
        .isThrownBy(() -> manager.getSecret("default", "one"))
        .withNoCause()
        .satisfies(e ->
            assertThat(e.getMessage()).contains("GuardedBackendTest").doesNotContain("canary"));
  }

  /** A cache that remembers nothing. */
  private static SecretCache cache(Duration fetchTimeout, Answer answer) {
    return new CacheFixture()
        .withFetchTimeout(fetchTimeout)
        .withNegativeTimeToLive(Duration.ZERO)
        .open(backend(answer));
  }

  private interface Answer {
    Map<String, SecretOutcome> to(Set<String> names) throws InterruptedException;
  }

  private static SecretBackend backend(Answer answer) {
    return new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        try {
          return answer.to(names);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void close() {}
    };
  }

  private static boolean isOpen(SecretValue value) {
    try {
      return !value.revealString().isEmpty();
    } catch (IllegalStateException e) {
      return false;
    }
  }
}
