package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

@Timeout(120)
class SecretCacheTogetherTest {

  private static final SecretRef USER = SecretRef.of("default", "user");
  private static final Set<String> BOTH = Set.of("user", "password");

  private final StubBackend backend =
      new StubBackend().with("user", "user-1").with("password", "password-1");
  private final AtomicLong nanos = new AtomicLong();
  private final SecretCache cache = new CacheFixture()
      .withTicker(nanos::get)
      .withRefreshAhead(Duration.ZERO)
      .withJitter(() -> 0)
      .open(backend);

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void valuesOfOneAnswer_areGivenFromTheCache() {
    assertThat(together()).containsEntry("user", "user-1").containsEntry("password", "password-1");
    rotate();

    assertThat(together()).containsEntry("user", "user-1").containsEntry("password", "password-1");
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void namesOfARead_areCountedAsHitsOrMisses_allOfThem() {
    together();
    assertThat(cache.stats().misses()).isEqualTo(2);
    assertThat(cache.stats().hits()).isZero();

    together();
    assertThat(cache.stats().misses()).isEqualTo(2);
    assertThat(cache.stats().hits()).isEqualTo(2);
  }

  @Test
  void backendThatHangs_failsEachNameInTime() {
    CountDownLatch release = new CountDownLatch(1);
    SecretCache impatient = impatient(new CacheFixture());
    backend.beforeAnswer = () -> awaitQuietly(release);

    assertThat(failures(impatient.getTogether("default", BOTH)))
        .hasSize(2)
        .allSatisfy(failure -> assertThat(failure).isInstanceOf(SecretTimeoutException.class));
    release.countDown();
    impatient.close();
  }

  @Test
  void backendThatHangs_isAnsweredInTimeWithStaleValuesOfOneAnswer() {
    CountDownLatch release = new CountDownLatch(1);
    SecretCache impatient = impatient(new CacheFixture());
    Outcomes.discardAll(impatient.getTogether("default", BOTH));
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    backend.beforeAnswer = () -> awaitQuietly(release);

    assertStale(impatient.getTogether("default", BOTH));
    release.countDown();
    impatient.close();
  }

  /** A call on a reading thread is not given up, so the other one's load goes on. */
  @Test
  void readerThatWaitsForAnother_endsInTime_withAFailure_orStaleValues() throws Exception {
    for (boolean known : new boolean[] {false, true}) {
      SecretCache impatient = impatient(new CacheFixture().withCallsOnReadingThread());
      if (known) {
        Outcomes.discardAll(impatient.getTogether("default", BOTH));
        nanos.addAndGet(Duration.ofMinutes(6).toNanos());
      }
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        asked.countDown();
        awaitQuietly(release);
      };
      CompletableFuture<Map<String, SecretOutcome>> first =
          CompletableFuture.supplyAsync(() -> impatient.getTogether("default", BOTH));
      asked.await();
      int calls = backend.calls();

      Map<String, SecretOutcome> outcomes = impatient.getTogether("default", BOTH);
      if (known) {
        assertStale(outcomes);
      } else {
        assertThat(failures(outcomes))
            .hasSize(2)
            .allSatisfy(failure -> assertThat(failure).isInstanceOf(SecretTimeoutException.class));
      }
      assertThat(backend.calls()).as("it waits, and does not ask too").isEqualTo(calls);
      release.countDown();
      Outcomes.discardAll(first.join());
      backend.beforeAnswer = () -> {};
      impatient.close();
    }
  }

  @Test
  void interruptedReader_getsAFailure_andNoStaleValue() throws Exception {
    together();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    Thread.currentThread().interrupt();
    try {
      assertThat(failures(cache.getTogether("default", BOTH)))
          .hasSize(2)
          .allSatisfy(failure -> assertThat(failure).hasMessageContaining("nterrupted"));
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(together()).as("the next reader").hasSize(2);
  }

  @Test
  void errorOfTheBackend_failsEachName_andLeavesNoLoadBehind() {
    backend.beforeAnswer = () -> {
      throw new StackOverflowError("of the backend");
    };
    assertThat(failures(cache.getTogether("default", BOTH)))
        .hasSize(2)
        .allSatisfy(failure -> assertThat(failure)
            .isInstanceOf(SecretUnavailableException.class)
            .hasMessageNotContaining("of the backend"));
    backend.beforeAnswer = () -> {};
    assertThat(cache.stats().inFlight()).isZero();

    nanos.addAndGet(Duration.ofSeconds(10).toNanos()); // until the failure is forgotten
    assertThat(together()).hasSize(2);
  }

  private SecretCache impatient(CacheFixture settings) {
    return settings
        .withTicker(nanos::get)
        .withRefreshAhead(Duration.ZERO)
        .withFetchTimeout(Duration.ofMillis(200))
        .open(backend);
  }

  private static List<SecretManagerException> failures(Map<String, SecretOutcome> outcomes) {
    return outcomes.values().stream()
        .map(outcome -> ((SecretOutcome.Failed) outcome).failure())
        .toList();
  }

  private static void assertStale(Map<String, SecretOutcome> outcomes) {
    assertThat(outcomes.values()).hasSize(2).allSatisfy(outcome -> {
      try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
        assertThat(value.freshness()).isInstanceOf(Freshness.Stale.class);
      }
    });
  }

  @Test
  void nothing_isNotAskedFor() {
    assertThat(cache.getTogether("default", List.of())).isEmpty();
    assertThat(backend.calls()).isZero();
  }

  @Test
  void valuesOfDifferentAnswers_areAskedForAgain_allOfThem() {
    together();
    rotate();
    cache.refresh(USER);

    assertThat(together()).containsEntry("user", "user-2").containsEntry("password", "password-2");
    assertThat(backend.fetches).last().isEqualTo(BOTH);
    assertThat(together()).containsEntry("user", "user-2");
    assertThat(backend.calls()).isEqualTo(3);
  }

  @Test
  void whatEachReadApart_doesNotCountAsTogether() {
    Outcomes.discardAll(cache.get("default", List.of("user")));
    Outcomes.discardAll(cache.get("default", List.of("password")));

    together();
    assertThat(backend.fetches).last().isEqualTo(BOTH);
  }

  @Test
  void aMissingName_isOfTheSameAnswerToo() {
    backend.without("password");
    assertThat(together()).containsOnlyKeys("user");
    backend.with("password", "password-2");
    assertThat(together()).containsOnlyKeys("user");

    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void outage_isAnsweredWithStaleValuesOfOneAnswer() {
    together();
    outage();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());

    Map<String, SecretOutcome> outcomes = cache.getTogether("default", BOTH);
    assertStale(outcomes);
    assertThat(together()).hasSize(2);
    assertThat(backend.calls()).as("not asked again in the pause").isEqualTo(2);
    assertThat(cache.stats().stale()).isEqualTo(4);
  }

  @Test
  void outage_isNotAnsweredWithValuesOfDifferentAnswers_andNotAskedAllTheTime() {
    together();
    rotate();
    cache.refresh(USER);
    outage();

    for (int i = 0; i < 10; i++) {
      assertThat(cache.getTogether("default", BOTH).values())
          .hasSize(2)
          .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Failed.class));
    }
    assertThat(backend.calls()).isEqualTo(3);
  }

  @Test
  void outage_isNotAnsweredWithAbsencesOfDifferentAnswers_andNotAskedAllTheTime() {
    backend.without("user").without("password");
    cache.get("default", List.of("user"));
    cache.get("default", List.of("password"));
    outage();

    for (int i = 0; i < 10; i++) {
      assertThat(cache.getTogether("default", BOTH).values())
          .hasSize(2)
          .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Failed.class));
    }
    assertThat(backend.calls()).isEqualTo(3);
    assertThat(cache.get(USER)).as("apart").isInstanceOf(SecretOutcome.Missing.class);
  }

  @Test
  void failureBesideAbsences_isForgottenAfterItsPause_whichGrows_andWithTheNextAnswer() {
    backend.without("user").without("password");
    cache.get("default", List.of("user"));
    cache.get("default", List.of("password"));
    outage();
    List<Integer> askedAt = new ArrayList<>();
    for (int tenth = 0; tenth < 50; tenth++) {
      int before = backend.calls();
      cache.getTogether("default", BOTH);
      if (backend.calls() > before) {
        askedAt.add(tenth);
      }
      nanos.addAndGet(Duration.ofMillis(100).toNanos());
    }
    assertThat(askedAt).containsExactly(0, 10, 30);

    nanos.addAndGet(Duration.ofMillis(2_500).toNanos()); // the pause is over, and still known
    backend.without("user").without("password");
    cache.get("default", List.of("user"));
    cache.get("default", List.of("password"));
    outage();
    int before = backend.calls();
    cache.getTogether("default", BOTH);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    cache.getTogether("default", BOTH);
    assertThat(backend.calls() - before)
        .as("the first pause is the shortest again")
        .isEqualTo(2);
  }

  @Test
  void outage_isAnsweredWithStaleValues_alsoWhereOnlyOneOfThemPauses() {
    together();
    outage();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    together();
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    Outcomes.discard(cache.get(USER)); // starts a new pause; the other's is over
    int before = backend.calls();
    long stale = cache.stats().stale();

    assertThat(together()).hasSize(2);
    assertThat(backend.calls()).isEqualTo(before);
    assertThat(cache.stats().stale() - stale).isEqualTo(2);
  }

  @Test
  void failureThatAllowsNoStaleValue_allowsNoneForTheSakeOfAnotherSecret() {
    for (List<String> names : List.of(List.of("user", "password"), List.of("password", "user"))) {
      cache.invalidateAll();
      backend.with("user", "user-1").with("password", "password-1");
      together();
      nanos.addAndGet(Duration.ofMinutes(6).toNanos());
      outage();
      backend.failing("password", new SecretStorageException("disk"));

      for (int second = 0; second < 3; second++) { // in its pause, and after it
        Map<String, SecretOutcome> outcomes = cache.getTogether("default", names);
        assertThat(outcomes.get("user"))
            .isInstanceOfSatisfying(
                SecretOutcome.Found.class, found -> found.value().close());
        assertThat(outcomes.get("password")).isInstanceOf(SecretOutcome.Failed.class);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        Outcomes.discard(cache.get(USER));
      }
    }
  }

  @Test
  void secretThatWasInvalidated_isAskedFor_whileTheOtherPauses() {
    together();
    outage();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    together();
    cache.invalidate(SecretRef.of("default", "password"));
    int before = backend.calls();

    assertThat(together()).containsOnlyKeys("user");
    assertThat(backend.calls()).isEqualTo(before + 1);
    assertThat(together()).containsOnlyKeys("user");
    assertThat(backend.calls()).as("now it pauses too").isEqualTo(before + 1);
  }

  @Test
  void refreshAhead_isOfAllOfThem_soThatTheyStayOfOneAnswer() {
    List<Runnable> queued = new ArrayList<>();
    SecretCache refreshing = new CacheFixture()
        .withTicker(nanos::get)
        .withCallsOnReadingThread()
        .withExecutor(queued::add)
        .open(backend);
    Outcomes.discardAll(refreshing.getTogether("default", BOTH));
    nanos.addAndGet(Duration.ofSeconds(299).toNanos());
    Outcomes.discardAll(refreshing.getTogether("default", BOTH));
    assertThat(queued).as("one refresh for both").hasSize(1);
    queued.forEach(Runnable::run);
    outage();
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());

    assertThat(refreshing.getTogether("default", BOTH).values())
        .hasSize(2)
        .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Found.class));
    assertThat(backend.fetches).containsExactly(BOTH, BOTH);
    refreshing.close();
  }

  @Test
  void valueThatIsBeingRefreshed_staysWhileAnotherCallBringsTheSame() throws Exception {
    together();
    CachedSecret user = cache.held(USER);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      backend.beforeAnswer = () -> {};
      asked.countDown();
      awaitQuietly(release);
    };
    CompletableFuture<Void> refresh = CompletableFuture.runAsync(() -> cache.refresh(USER));
    asked.await();
    cache.invalidate(SecretRef.of("default", "password"));
    assertThat(together()).hasSize(2);

    assertThat(cache.held(USER)).as("what nobody need wait for").isNotNull().isSameAs(user);
    release.countDown();
    refresh.join();
  }

  @Test
  void staleValuesThatAreNotGiven_areNotCounted() {
    together();
    rotate();
    cache.refresh(USER);
    outage();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    assertThat(cache.getTogether("default", BOTH).values())
        .hasSize(2)
        .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Failed.class));
    cache.getTogether("default", BOTH);

    assertThat(cache.stats().stale()).isZero();
    cache.invalidateAll();
    backend.with("user", "user-3").with("password", "password-3");
    together();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    BOTH.forEach(name -> backend.failing(name, new SecretStorageException("disk")));
    together();
    assertThat(together()).isEmpty();
    assertThat(cache.stats().stale()).as("a failure that allows no stale value").isZero();
    outage();
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    Outcomes.discard(cache.get(USER));
    assertThat(cache.stats().stale()).isEqualTo(1);
  }

  @Test
  void herd_makesOneCall() throws Exception {
    int readers = 30;
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      entered.countDown();
      awaitQuietly(release);
    };
    ExecutorService threads = Executors.newFixedThreadPool(readers);
    List<Future<Map<String, String>>> reads = new ArrayList<>();
    reads.add(threads.submit(this::together));
    entered.await();
    for (int i = 1; i < readers; i++) {
      reads.add(threads.submit(this::together));
    }
    release.countDown();
    for (Future<Map<String, String>> read : reads) {
      assertThat(read.get()).hasSize(2);
    }
    threads.shutdown();

    assertThat(backend.calls()).isEqualTo(1);
  }

  /** The two are being read, each by itself, so that their answers are of no use together. */
  @Test
  void herdThatWaitsForSingleReads_makesOneMoreCall() throws Exception {
    int readers = 30;
    CountDownLatch entered = new CountDownLatch(2);
    CountDownLatch release = new CountDownLatch(1);
    backend.beforeAnswer = () -> {
      entered.countDown();
      awaitQuietly(release);
    };
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> singles = new ArrayList<>();
    for (String name : BOTH) {
      singles.add(threads.submit(() -> Outcomes.discardAll(cache.get("default", Set.of(name)))));
    }
    entered.await();
    List<Thread> waiting = new ArrayList<>();
    List<CompletableFuture<Map<String, String>>> reads = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      CompletableFuture<Map<String, String>> read = new CompletableFuture<>();
      Thread thread = new Thread(() -> read.complete(together()));
      thread.start();
      waiting.add(thread);
      reads.add(read);
    }
    for (Thread thread : waiting) {
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }
    release.countDown();
    for (CompletableFuture<Map<String, String>> read : reads) {
      assertThat(read.get()).hasSize(2);
    }
    for (Future<?> single : singles) {
      single.get();
    }
    threads.shutdown();

    assertThat(backend.calls()).isEqualTo(3);
  }

  @Test
  void denialOrDeletion_isNotUndoneByALoadThatAskedBefore() throws Exception {
    for (Runnable end : List.<Runnable>of(
        () -> backend.failing("user", new SecretAccessDeniedException("denied")),
        () -> backend.without("user"))) {
      backend.with("user", "user-1");
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      backend.afterAnswer = () -> {
        backend.afterAnswer = () -> {};
        asked.countDown();
        awaitQuietly(release);
      };
      CompletableFuture<Void> reader =
          CompletableFuture.runAsync(() -> Outcomes.discard(cache.get(USER)));
      asked.await();
      end.run();
      assertThat(together()).doesNotContainKey("user");
      release.countDown();
      reader.join();

      assertThat(cache.held(USER)).as("what was asked before the end was known").isNull();
      assertThat(cache.get(USER)).isNotInstanceOf(SecretOutcome.Found.class);
      cache.invalidateAll();
    }
  }

  @Test
  void denialThatComesLate_endsNothingThatWasAskedForLater() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    backend.failing("user", new SecretAccessDeniedException("denied"));
    backend.afterAnswer = () -> {
      backend.afterAnswer = () -> {};
      asked.countDown();
      awaitQuietly(release);
    };
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(() -> Outcomes.discard(cache.get(USER)));
    asked.await();
    cache.invalidate(USER);
    backend.with("user", "user-2");
    Outcomes.discard(cache.get(USER));
    CachedSecret newer = cache.held(USER);
    release.countDown();
    late.join();

    assertThat(cache.held(USER)).isNotNull().isSameAs(newer);
  }

  /** A backend of which every answer is one pair; a single read gives half of one. */
  private static final class Rotating implements SecretBackend {

    private final AtomicInteger rotation = new AtomicInteger();

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      int current = rotation.incrementAndGet();
      Map<String, SecretOutcome> outcomes = new java.util.HashMap<>();
      names.forEach(name ->
          outcomes.put(name, new SecretOutcome.Found(SecretValue.of(name + "-" + current))));
      return outcomes;
    }

    @Override
    public void close() {}
  }

  @Test
  void readersBesideRotationsAndRefreshes_neverSeeHalfOfTwoPairs() throws Exception {
    AtomicInteger mixedTogether = new AtomicInteger();
    AtomicInteger mixedApart = new AtomicInteger();
    int rounds = 3_000;
    try (SecretManager manager = SecretManagers.open(new Rotating())) {
      Thread refresher = new Thread(() -> {
        for (int i = 0; i < rounds; i++) {
          manager.refresh(USER);
        }
      });
      refresher.start();
      do {
        mixedTogether.addAndGet(isMixed(manager.getSecretsTogether("default", BOTH)) ? 1 : 0);
        mixedApart.addAndGet(isMixed(manager.getSecrets("default", BOTH)) ? 1 : 0);
      } while (refresher.isAlive());
      refresher.join();
    }

    System.out.println("Pairs beside " + rounds + " refreshes of one half: " + mixedTogether
        + " mixed when read together; control, read with getSecrets: " + mixedApart);
    assertThat(mixedTogether).hasValue(0);
    assertThat(mixedApart).as("the control: getSecrets promises no pair").hasPositiveValue();
  }

  private static boolean isMixed(SecretBundle pair) {
    try (pair) {
      String user = pair.get("user").orElseThrow().revealString();
      String password = pair.get("password").orElseThrow().revealString();
      return !user.substring(user.indexOf('-')).equals(password.substring(password.indexOf('-')));
    }
  }

  private Map<String, String> together() {
    Map<String, String> texts = new java.util.HashMap<>();
    cache.getTogether("default", BOTH).forEach((name, outcome) -> {
      if (outcome instanceof SecretOutcome.Found found) {
        try (SecretValue value = found.value()) {
          texts.put(name, value.revealString());
        }
      }
    });
    return texts;
  }

  private void rotate() {
    backend.with("user", "user-2").with("password", "password-2");
  }

  private void outage() {
    SecretUnavailableException down = new SecretUnavailableException("down");
    backend.failing("user", down).failing("password", down);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
