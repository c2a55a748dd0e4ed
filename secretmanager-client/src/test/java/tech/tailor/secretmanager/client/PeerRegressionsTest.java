package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.entry;
import static tech.tailor.secretmanager.client.ScriptedBackend.found;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Defects that other caches of secrets have had, each as a test that ours does not have it. The
 * comment says what theirs did.
 */
class PeerRegressionsTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  private static final Duration MAX_STALE = Duration.ofMinutes(30);

  private final AtomicLong nanos = new AtomicLong();
  private final ScriptedBackend backend = ScriptedBackend.giving("old");
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> events = new ArrayList<>();
  private final SecretManager manager = SecretManagers.builder(backend)
      .timeToLive(TIME_TO_LIVE)
      .maxStale(MAX_STALE)
      .ticker(nanos::get)
      .callsOnReadingThread()
      .executor(Runnable::run)
      .listener(new SecretListener() {
        @Override
        public void onRefreshed(SecretRef ref, SecretMetadata before, SecretMetadata current) {
          events.add("refreshed " + ref);
        }

        @Override
        public void onStale(SecretRef ref, Freshness.Stale staleness) {
          events.add("stale " + ref);
        }
      })
      .build();

  @AfterEach
  void close() throws InterruptedException {
    manager.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(30, SECONDS)).isTrue();
  }

  /** The first reader got the old value; the cache was empty for all others. */
  @Test
  void twoReadersDuringAnOutage_bothGetTheOldValue() {
    read();
    outage();
    pass(TIME_TO_LIVE);

    assertThat(read()).isEqualTo("old");
    assertThat(read()).isEqualTo("old");
    assertThat(threads.submit(this::read))
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo("old");
  }

  /** A first load that failed left emptiness in the cache for its whole time to live. */
  @Test
  void failedFirstLoad_isNotCachedAsAbsence() {
    outage();
    assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(this::read);
    backend.give("new");
    pass(Duration.ofSeconds(65)); // past any pause after a failure

    assertThat(read()).isEqualTo("new");
  }

  /** The map was cleared before it was filled, and readers came in between. */
  @Test
  void tenThousandRotations_neverShowAbsence() throws Exception {
    read();
    AtomicBoolean done = new AtomicBoolean();
    List<Future<Long>> readers = IntStream.range(0, 2)
        .mapToObj(i -> threads.submit(() -> {
          long present = 0;
          while (!done.get()) {
            try (SecretValue value = manager.getSecret(REF).orElseThrow()) {
              present += value.revealString().isEmpty() ? 0 : 1;
            }
          }
          return present;
        }))
        .toList();
    try {
      for (int rotation = 1; rotation <= 10_000; rotation++) {
        backend.give("rotation " + rotation);
        manager.refresh(REF);
      }
    } finally {
      done.set(true);
    }
    long present = 0;
    for (Future<Long> reader : readers) {
      present += reader.get(60, SECONDS);
    }
    System.out.printf("10,000 rotations: %,d reads, 0 of them absent%n", present);
    assertThat(read()).isEqualTo("rotation 10000");
    assertThat(backend.calls()).isGreaterThanOrEqualTo(10_001);
  }

  /** A failed rotation dropped the value, and was never tried again. */
  @Test
  void failedRotation_keepsTheValue_andIsTriedAgain() {
    read();
    outage();
    assertThatExceptionOfType(SecretUnavailableException.class)
        .isThrownBy(() -> manager.refresh(REF));
    assertThat(read()).isEqualTo("old");
    backend.give("new");
    pass(TIME_TO_LIVE);

    assertThat(read()).isEqualTo("new");
  }

  /** The retry of a failed renewal was scheduled a whole interval later, after the expiry. */
  @Test
  void failedRefreshAhead_isTriedAgainBeforeTheExpiry() {
    read();
    outage();
    pass(TIME_TO_LIVE.multipliedBy(9).dividedBy(10)); // the latest moment that jitter draws
    assertThat(read()).isEqualTo("old");
    backend.give("new");
    pass(Duration.ofSeconds(2));
    read();

    assertThat(read()).as("well before the time to live is over").isEqualTo("new");
  }

  /** A stale value was stored again as if it were new, time to live after time to live. */
  @Test
  void staleValue_isNotArmedAgain_andThreeTimesMaxStaleEndInAnError() {
    read();
    outage();
    long end = TIME_TO_LIVE.plus(MAX_STALE.multipliedBy(3)).toSeconds();
    long lastAnswer = 0;
    for (long second = 10; second <= end; second += 10) {
      pass(Duration.ofSeconds(10));
      try {
        read();
        lastAnswer = second;
      } catch (SecretUnavailableException e) {
        assertThat(second).isGreaterThan(lastAnswer);
      }
    }

    assertThat(lastAnswer).isEqualTo(TIME_TO_LIVE.plus(MAX_STALE).toSeconds() - 10);
    assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(this::read);
  }

  /** Stale data was returned without a sign that it was. */
  @Test
  void staleValue_saysSo_withItsAgeAndCause_andAListenerIsTold() {
    read();
    outage();
    pass(TIME_TO_LIVE.plusMinutes(7));

    try (SecretValue value = manager.requireSecret(REF)) {
      assertThat(value.freshness()).isInstanceOfSatisfying(Freshness.Stale.class, stale -> {
        assertThat(stale.age()).isEqualTo(TIME_TO_LIVE.plusMinutes(7));
        assertThat(stale.cause()).isInstanceOf(SecretUnavailableException.class);
      });
    }
    assertThat(events).contains("stale " + REF);
    assertThat(manager.cacheStats().stale()).isEqualTo(1);
  }

  /** N misses at the same time made N calls. */
  @Test
  void aHundredThreads_makeOneCall() throws Exception {
    CountDownLatch begun = new CountDownLatch(100);
    backend.script = ref -> {
      await(begun);
      return found("value");
    };
    List<Future<String>> readers = IntStream.range(0, 100)
        .mapToObj(i -> threads.submit(() -> {
          begun.countDown();
          return read();
        }))
        .toList();
    for (Future<String> reader : readers) {
      assertThat(reader.get(60, SECONDS)).isEqualTo("value");
    }
    assertThat(backend.calls()).isEqualTo(1);
  }

  /** Each reader of a secret waited for the network while one of them was there. */
  @Test
  void readersOfACachedValue_doNotWaitForARefreshThatHangs() throws Exception {
    read();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.script = ref -> {
      asked.countDown();
      await(release);
      return found("new");
    };
    Future<?> refresh = threads.submit(() -> manager.refresh(REF));
    await(asked);

    assertThat(read()).isEqualTo("old");
    release.countDown();
    refresh.get(30, SECONDS);
    assertThat(read()).isEqualTo("new");
  }

  /** Asked for bytes, a secret of text was a NullPointerException. */
  @Test
  void binaryReadAsText_isATypedError_andTextIsReadAsBytes() {
    backend.script =
        ref -> new SecretOutcome.Found(SecretValue.copyOf(new byte[] {(byte) 0xff, 0, 1}));
    assertThatExceptionOfType(SecretEncodingException.class).isThrownBy(this::read);
    byte[] bytes =
        manager.withSecret(REF, value -> value.<byte[], RuntimeException>withBytes(byte[]::clone));
    assertThat(bytes).containsExactly(0xff, 0, 1);
    backend.give("text");
    manager.refresh(REF);

    byte[] text =
        manager.withSecret(REF, value -> value.<byte[], RuntimeException>withBytes(byte[]::clone));
    assertThat(text).asString().isEqualTo("text");
  }

  /** Parts of a batch that were there were thrown away with the part that failed. */
  @Test
  void partialBatch_keepsItsSuccesses() {
    backend.script = ref -> ref.name().equals("denied-one")
        ? new SecretOutcome.Failed(new SecretAccessDeniedException("denied"))
        : ref.name().equals("missing-one")
            ? new SecretOutcome.Missing(Missing.SECRET)
            : found(ref.name());
    try (SecretBundle bundle = manager.getSecrets(
        "default", List.of("first-one", "denied-one", "missing-one", "last-one"))) {
      assertThat(bundle.names()).containsExactly("first-one", "last-one");
      assertThat(bundle.failures()).containsOnlyKeys("denied-one");
      assertThat(bundle.get("missing-one")).isEmpty();
    }
    long calls = backend.calls();
    try (SecretBundle again = manager.getSecrets("default", List.of("last-one", "first-one"))) {
      assertThat(again.revealAll())
          .containsExactly(entry("last-one", "last-one"), entry("first-one", "first-one"));
    }
    assertThat(backend.calls()).as("what succeeded is cached").isEqualTo(calls);
  }

  /** A name that the store did not answer for was left out, as if it did not exist. */
  @Test
  void nameThatTheBackendForgets_isAFailure_andNoAbsence() {
    SecretBackend forgetful = new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        return Map.of();
      }

      @Override
      public void close() {}
    };
    try (SecretManager own = SecretManagers.open(forgetful)) {
      assertThatExceptionOfType(SecretProtocolException.class).isThrownBy(() -> own.getSecret(REF));
    }
  }

  /** An option of one call was kept in a field, where another thread found it. */
  @Test
  void optionsOfACall_doNotRaceWithThoseOfAnother() throws Exception {
    try (SecretManager own =
        SecretManagers.builder(backend).rejectionTimeout(Duration.ZERO).build()) {
      List<Future<Integer>> callers = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        boolean accepts = caller % 2 == 0;
        callers.add(threads.submit(() -> {
          int wrong = 0;
          for (int i = 0; i < 500; i++) {
            AtomicReference<Exception> tested = new AtomicReference<>();
            ArithmeticException mine = new ArithmeticException();
            try {
              own.withSecret(
                  REF,
                  value -> {
                    throw mine;
                  },
                  e -> {
                    tested.set(e);
                    return accepts;
                  });
              wrong++;
            } catch (ArithmeticException e) {
              wrong += e == mine && tested.get() == mine ? 0 : 1;
            }
          }
          return wrong;
        }));
      }
      for (Future<Integer> caller : callers) {
        assertThat(caller.get(60, SECONDS)).isZero();
      }
    }
  }

  /** A sleep between attempts swallowed the interrupt. */
  @Test
  void interruptStatus_isKept() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.script = ref -> {
      asked.countDown();
      await(release);
      return found("value");
    };
    Future<String> loading = threads.submit(this::read);
    await(asked);
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(SecretUnavailableException.class).isThrownBy(this::read);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      release.countDown();
    }
    assertThat(loading.get(30, SECONDS)).isEqualTo("value");
    Thread.currentThread().interrupt();
    assertThat(read()).as("a hit waits for nothing").isEqualTo("value");
    assertThat(Thread.interrupted()).isTrue();
  }

  /** It slept for 2.5 to 5 seconds in the caller's thread, and longer after failures. */
  @Test
  @Timeout(120) // a thousand of such sleeps take an hour
  void refresh_returnsWithoutSleeping_afterFailuresToo() {
    for (int i = 0; i < 500; i++) {
      manager.refresh(REF);
    }
    outage();
    for (int i = 0; i < 500; i++) {
      assertThatExceptionOfType(SecretUnavailableException.class)
          .isThrownBy(() -> manager.refresh(REF));
    }
    backend.give("new");
    manager.refresh(REF);
    assertThat(read()).isEqualTo("new");
  }

  /** Users could not tell whether a refresh had happened. */
  @Test
  void refresh_showsInTheVersion_theEvents_andTheCounts() {
    backend.script = ref -> version(1);
    read();
    backend.script = ref -> version(2);
    manager.refresh(REF);

    try (SecretValue value = manager.requireSecret(REF)) {
      assertThat(value.version()).isEqualTo(2);
      assertThat(value.freshness()).isEqualTo(Freshness.fresh());
    }
    assertThat(events).containsExactly("refreshed " + REF);
    assertThat(manager.cacheStats().loads()).isEqualTo(2);
  }

  /** One stored exception was thrown in all threads, with the stack trace of another. */
  @Test
  void failure_isANewExceptionForEachCaller() {
    outage();
    SecretManagerException first = thrown();
    SecretManagerException second = thrown();

    assertThat(second).isNotSameAs(first).hasMessage(first.getMessage());
    assertThat(second.getStackTrace())
        .anySatisfy(
            frame -> assertThat(frame.getClassName()).isEqualTo(getClass().getName()));
  }

  /** An entry that was evicted between the put and the get was read as null. */
  @Test
  void entryEvictedAtOnce_isReadAllTheSame() {
    try (SecretManager tiny = SecretManagers.builder(backend)
        .maximumEntries(1)
        .maximumBytes(2)
        .executor(Runnable::run)
        .build()) {
      for (int i = 0; i < 1_000; i++) {
        assertThat(tiny.withSecret("default", "secret-" + i % 7, SecretValue::revealString))
            .isEqualTo("old");
      }
    }
  }

  /** That there is no such secret was cached as a value, for as long as one. */
  @Test
  void absence_isAskedOnceForItsOwnShortLife_andIsNoValue() {
    backend.script = ref -> new SecretOutcome.Missing(Missing.SECRET);
    for (int i = 0; i < 1_000; i++) {
      assertThat(manager.getSecret(REF)).isEmpty();
    }
    assertThat(backend.calls()).isEqualTo(1);
    backend.give("created");
    pass(Duration.ofSeconds(5));

    assertThat(read()).isEqualTo("created");
  }

  /** An outage longer than the time to live was an outage of the application. */
  @Test
  void outageLongerThanTheTimeToLive_isServed() {
    read();
    backend.fail(new SecretRateLimitedException("slow down"));
    pass(TIME_TO_LIVE.multipliedBy(2));

    assertThat(read()).isEqualTo("old");
  }

  /** Stale-if-error delayed a revocation. */
  @Test
  void revocation_isNotDelayedByStaleness() {
    read();
    outage();
    pass(TIME_TO_LIVE);
    assertThat(read()).isEqualTo("old");
    backend.fail(new SecretAccessDeniedException("revoked"));
    pass(Duration.ofSeconds(64));

    assertThatExceptionOfType(SecretAccessDeniedException.class).isThrownBy(this::read);
  }

  /** A number that a backend gave was cut to 32 bits. */
  @Test
  void largestVersion_roundTrips() {
    backend.script = ref -> version(Long.MAX_VALUE);
    read();

    try (SecretValue cached = manager.requireSecret(REF)) {
      assertThat(cached.version()).isEqualTo(Long.MAX_VALUE);
    }
  }

  /** Closing left the values in memory, and readable. */
  @Test
  void closedValue_isNotReadable_andTheCacheIsNoneTheWorse() {
    SecretValue value = manager.requireSecret(REF);
    value.close();

    assertThatIllegalStateException().isThrownBy(value::revealString);
    assertThat(read()).isEqualTo("old");
  }

  private static SecretOutcome version(long version) {
    return new SecretOutcome.Found(
        SecretSupport.adopt(new byte[] {'v'}, SecretMetadata.of(version, Instant.EPOCH)));
  }

  private SecretManagerException thrown() {
    try {
      read();
      throw new AssertionError("a failure was expected");
    } catch (SecretManagerException e) {
      return e;
    }
  }

  private String read() {
    return manager.withSecret(REF, SecretValue::revealString);
  }

  private void outage() {
    backend.fail(new SecretUnavailableException("down"));
  }

  private void pass(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
