package tech.tailor.secretmanager.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.testing.FakeBackend.FetchRecord;

class FakeBackendTest {

  private final InMemorySecretStore store = InMemorySecretStore.create();
  private final FakeBackend backend = FakeBackend.over(store);

  @BeforeEach
  void fill() {
    store.createVault("default");
    store.put("default", "greeting", "hello");
    store.put("default", "farewell", "bye");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void answersAsTheBackendBehind_untilToldOtherwise() {
    assertThat(fetch("greeting", "not-there"))
        .hasEntrySatisfying(
            "greeting", outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Found.class))
        .containsEntry(
            "not-there", new SecretOutcome.Missing(SecretNotFoundException.Missing.SECRET));
  }

  @Test
  void failWith_lastsUntilRecovery() {
    backend.failWithUnavailable();
    assertFails(SecretUnavailableException.class);
    assertFails(SecretUnavailableException.class);
    backend.failWithAccessDenied();
    assertFails(SecretAccessDeniedException.class);
    backend.failWith(new SecretIntegrityException("scripted"));
    assertFails(SecretIntegrityException.class);
    backend.recover();
    assertAnswers();
  }

  @Test
  void failNext_lastsForSoManyFetches_inTheOrderGiven() {
    backend.failNext(2, new SecretUnavailableException("scripted"));
    backend.failNext(1, new SecretStorageException("scripted"));
    assertFails(SecretUnavailableException.class);
    assertFails(SecretUnavailableException.class);
    assertFails(SecretStorageException.class);
    assertAnswers();
  }

  @Test
  void failNext_comesBeforeWhatLasts() {
    backend.failWithUnavailable();
    backend.failNext(1, new SecretRateLimitedException("scripted"));
    assertFails(SecretRateLimitedException.class);
    assertFails(SecretUnavailableException.class);
  }

  @Test
  void fail_isForOneName() {
    backend.fail("default", "greeting", new SecretAccessDeniedException("scripted"));
    Map<String, SecretOutcome> outcomes = fetch("greeting", "farewell");
    assertThat(outcomes.get("greeting")).isInstanceOf(SecretOutcome.Failed.class);
    assertThat(outcomes.get("farewell")).isInstanceOf(SecretOutcome.Found.class);
    backend.recover();
    assertAnswers();
  }

  @Test
  void recover_endsEverything() {
    backend.failWithUnavailable();
    backend.failNext(3, new SecretStorageException("scripted"));
    backend.fail("default", "greeting", new SecretAccessDeniedException("scripted"));
    backend.recover();
    assertAnswers();
  }

  @Test
  void eachFetch_throwsAnExceptionOfItsOwn() {
    SecretManagerException scripted = new SecretStorageException("scripted");
    backend.failWith(scripted);
    Throwable first = catchThrowable(() -> fetch("greeting"));
    Throwable second = catchThrowable(() -> fetch("greeting"));
    assertThat(first).hasMessage("scripted").isNotSameAs(scripted).isNotSameAs(second);
    backend.recover();
    backend.fail("default", "greeting", scripted);
    assertThat(((SecretOutcome.Failed) fetch("greeting").get("greeting")).failure())
        .isNotSameAs(scripted)
        .isExactlyInstanceOf(SecretStorageException.class);
  }

  @Test
  void fetches_areRecorded_failedOnesIncluded_withoutValues() {
    fetch("greeting", "farewell");
    backend.failWithUnavailable();
    assertFails(SecretUnavailableException.class);
    assertThat(backend.fetches())
        .containsExactly(
            new FetchRecord("default", Set.of("greeting", "farewell")),
            new FetchRecord("default", Set.of("greeting")));
    assertThat(backend.fetches().toString()).doesNotContain("hello").doesNotContain("bye");
  }

  @Test
  void absence_isNoFailure() {
    SecretNotFoundException notFound = SecretNotFoundException.vault("default");
    List<ThrowingCallable> orders = List.of(
        () -> backend.failWith(notFound),
        () -> backend.failNext(1, notFound),
        () -> backend.fail("default", "greeting", notFound));
    assertThat(orders)
        .allSatisfy(order -> assertThatThrownBy(order)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("don't put it there"));
    assertAnswers();
  }

  @Test
  void badOrders_areRefused() {
    assertThatThrownBy(() -> backend.failNext(0, new SecretStorageException("scripted")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0");
    assertThatThrownBy(() -> backend.failWith(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("failure");
    assertThatThrownBy(() -> backend.fail("default", "BAD", new SecretStorageException("scripted")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FakeBackend.over(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("backend");
  }

  @Test
  void hide_isForOneName() {
    backend.hide("default", "greeting");
    assertThat(fetch("greeting", "farewell"))
        .containsEntry(
            "greeting", new SecretOutcome.Missing(SecretNotFoundException.Missing.SECRET))
        .hasEntrySatisfying(
            "farewell", outcome -> assertThat(outcome).isInstanceOf(SecretOutcome.Found.class));
    backend.recover();
    assertAnswers();
  }

  @Test
  void duringNext_happensOnceAFetch_betweenTheAnswerAndItsBeingGiven() {
    List<String> happened = new ArrayList<>();
    backend.duringNext(() -> store.put("default", "greeting", "changed"));
    backend.duringNext(() -> happened.add("second"));
    try (SecretValue value = value(backend.fetch("default", Set.of("greeting")))) {
      assertThat(value.revealString()).isEqualTo("hello");
    }
    assertThat(happened).isEmpty();
    try (SecretValue value = value(backend.fetch("default", Set.of("greeting")))) {
      assertThat(value.revealString()).isEqualTo("changed");
    }
    assertThat(happened).containsExactly("second");
    assertAnswers();
  }

  @Test
  void duringNext_isNotUsedUpByAFailure_andItsOwnFailureIsThatOfTheFetch() {
    backend.failNext(1, new SecretUnavailableException("scripted"));
    backend.duringNext(() -> {
      throw new SecretStorageException("in the middle");
    });
    assertFails(SecretUnavailableException.class);
    assertFails(SecretStorageException.class);
    assertAnswers();
  }

  @Test
  void gate_holdsFetchesUntilItIsOpened() {
    FakeBackend.Gate gate = backend.hold();
    CompletableFuture<Map<String, SecretOutcome>> fetch =
        CompletableFuture.supplyAsync(() -> fetch("greeting"));
    gate.awaitFetches(1);
    assertThat(fetch).isNotDone();
    assertThat(backend.fetches()).hasSize(1);
    gate.open();
    assertThat(fetch.join()).containsOnlyKeys("greeting");
    assertAnswers();
  }

  @Test
  void gate_isOpenedByRecovery_byTheNextGate_andByClose() {
    List<Runnable> openers = List.of(backend::recover, backend::hold, backend::close);
    for (Runnable opener : openers) {
      FakeBackend.Gate gate = backend.hold();
      CompletableFuture<Throwable> fetch =
          CompletableFuture.supplyAsync(() -> catchThrowable(() -> fetch("greeting")));
      gate.awaitFetches(1);
      opener.run();
      if (fetch.join() != null) {
        assertThat(fetch.join()).as("closed").isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void gate_isInterruptible_onBothSides() {
    FakeBackend.Gate gate = backend.hold();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> fetch("greeting")).isInstanceOf(SecretUnavailableException.class);
    assertThat(Thread.interrupted()).as("the flag stays set").isTrue();
    gate.awaitFetches(1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> gate.awaitFetches(1)).isInstanceOf(IllegalStateException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(() -> gate.awaitFetches(0)).isInstanceOf(IllegalArgumentException.class);
    gate.close();
    assertAnswers();
  }

  @Test
  void watch_isPassedOn_andToldByHand() {
    List<Consumer<? super Set<SecretRef>>> behind = new ArrayList<>();
    AtomicInteger ended = new AtomicInteger();
    List<Set<SecretRef>> told = new ArrayList<>();
    SecretBackend source = new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        return Map.of();
      }

      @Override
      public Watch watch(Consumer<? super Set<SecretRef>> changed) {
        behind.add(changed);
        return ended::incrementAndGet;
      }

      @Override
      public void close() {}
    };
    Set<SecretRef> ofTheBackend = Set.of(SecretRef.of("default", "greeting"));
    try (FakeBackend watched = FakeBackend.over(source)) {
      SecretBackend.Watch watch = watched.watch(told::add);
      behind.get(0).accept(ofTheBackend);
      watched.tellChanged("default", "farewell");
      assertThat(told).containsExactly(ofTheBackend, Set.of(SecretRef.of("default", "farewell")));
      watch.close();
      watched.tellChanged("default", "farewell");
      assertThat(told).hasSize(2);
      assertThat(ended).hasValue(1);
    }
  }

  @Test
  void watch_ofAClosedOne_isRefused_andAFailureBehindLeavesNothing() {
    FakeBackend failing = FakeBackend.over(new SecretBackend() {
      @Override
      public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
        return Map.of();
      }

      @Override
      public Watch watch(Consumer<? super Set<SecretRef>> changed) {
        throw new SecretStorageException("no watch");
      }

      @Override
      public void close() {}
    });
    List<Set<SecretRef>> told = new ArrayList<>();
    assertThatThrownBy(() -> failing.watch(told::add)).isInstanceOf(SecretStorageException.class);
    failing.tellChanged("default", "greeting");
    assertThat(told).isEmpty();
    failing.close();
    assertThatThrownBy(() -> failing.watch(told::add)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void slow_needsAClock() {
    assertThatThrownBy(() -> backend.slow(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("FakeSecretManager");
    assertThatThrownBy(() -> backend.slow(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertAnswers();
  }

  @Test
  void clearFetches_forgetsThem() {
    fetch("greeting");
    backend.clearFetches();
    assertThat(backend.fetches()).isEmpty();
  }

  @Test
  void close_closesTheBackendBehind_once() {
    backend.close();
    backend.failWithUnavailable();
    assertThatThrownBy(() -> fetch("greeting"))
        .as("closed is closed, whatever was scripted")
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::listVaults).isInstanceOf(IllegalStateException.class);
    assertThatCode(backend::close).doesNotThrowAnyException();
  }

  @Test
  void failNext_isCountedOnce_amongManyThreads() {
    backend.failNext(30, new SecretUnavailableException("scripted"));
    AtomicInteger failures = new AtomicInteger();
    List<CompletableFuture<Void>> fetches = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      fetches.add(CompletableFuture.runAsync(() -> {
        try {
          fetch("greeting");
        } catch (SecretUnavailableException e) {
          failures.incrementAndGet();
        }
      }));
    }
    fetches.forEach(CompletableFuture::join);
    assertThat(failures).hasValue(30);
    assertThat(backend.fetches()).hasSize(100);
  }

  private static SecretValue value(Map<String, SecretOutcome> outcomes) {
    return ((SecretOutcome.Found) outcomes.get("greeting")).value();
  }

  private Map<String, SecretOutcome> fetch(String... names) {
    Map<String, SecretOutcome> outcomes = backend.fetch("default", Set.of(names));
    outcomes.values().forEach(outcome -> {
      if (outcome instanceof SecretOutcome.Found found) {
        found.value().close();
      }
    });
    return outcomes;
  }

  private void assertFails(Class<? extends SecretManagerException> type) {
    assertThatThrownBy(() -> fetch("greeting")).isExactlyInstanceOf(type);
  }

  private void assertAnswers() {
    assertThat(fetch("greeting").get("greeting")).isInstanceOf(SecretOutcome.Found.class);
  }
}
