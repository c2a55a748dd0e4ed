package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.client.GatedCalls.assertAnswered;
import static tech.tailor.secretmanager.client.GatedCalls.outcomes;
import static tech.tailor.secretmanager.client.GatedCalls.value;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What is asked for at once, what waits, and what is then asked for together. */
@Timeout(60)
class CallSchedulerTest {

  private final GatedCalls gated = new GatedCalls();
  private final CallScheduler calls = gated.calls;

  @AfterEach
  void letThemEnd() {
    gated.close();
  }

  @Test
  void beyondThoseUnderWay_singleNamesOfAVault_areAskedForTogether() {
    List<CallScheduler.Request> busy = gated.occupyAll("one", "two");
    List<CallScheduler.Request> waiting = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      waiting.add(calls.ask("one", Set.of("name-" + i)));
      waiting.add(calls.ask("two", Set.of("name-" + i)));
    }
    gated.gate.release(1_000);

    busy.forEach(GatedCalls::assertAnswered);
    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(gated.made)
        .as("150 names of each of two vaults, 32 a call")
        .hasSize(2 * CallScheduler.MOST_OF_A_VAULT + 5 + 5)
        .allSatisfy(names -> assertThat(names).hasSizeLessThanOrEqualTo(CallScheduler.MOST_NAMES));
  }

  @Test
  void beyondThoseOfItsVault_singleNamesAreAskedForTogether_andOtherVaultsDoNotWait() {
    List<CallScheduler.Request> busy = gated.occupy("one", CallScheduler.MOST_FOR_SINGLES);
    List<CallScheduler.Request> waiting = IntStream.range(0, CallScheduler.MOST_NAMES)
        .mapToObj(i -> calls.ask("one", Set.of("waiting-" + i)))
        .toList();
    gated.occupy("two", 1);
    gated.gate.release(1_000);

    busy.forEach(GatedCalls::assertAnswered);
    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(gated.made).hasSize(CallScheduler.MOST_FOR_SINGLES + 1 + 1);
  }

  @Test
  void severalNamesOfOneRequest_doNotWaitForTheirVault_norKeepItWaiting() {
    for (int i = 0; i < CallScheduler.MOST_FOR_SINGLES; i++) {
      calls.ask("vault", Set.of("user-" + i, "password-" + i));
    }
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES);
    gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    calls.ask("vault", Set.of("user", "password"));

    gated.awaitMade(2 * CallScheduler.MOST_FOR_SINGLES + 1);
  }

  @Test
  void severalNamesOfOneRequest_haveACallOfTheirOwn_sinceTheyMayHaveToBeOfOneAnswer() {
    gated.occupyAll("vault");
    CallScheduler.Request before = calls.ask("vault", Set.of("before"));
    CallScheduler.Request pair = calls.ask("vault", Set.of("user", "password"));
    CallScheduler.Request after = calls.ask("vault", Set.of("after"));
    gated.gate.release(1_000);

    List.of(before, pair, after).forEach(GatedCalls::assertAnswered);
    assertThat(gated.made).contains(Set.of("user", "password"), Set.of("before", "after"));
  }

  @Test
  void neverMoreThanTheMostOfAVault_areUnderWay_andOtherVaultsDoNotWait() {
    gated.occupyAll("vault");
    IntStream.range(0, 50).forEach(i -> calls.ask("vault", Set.of("user-" + i, "password-" + i)));

    assertThat(gated.begun).hasValue(CallScheduler.MOST_OF_A_VAULT);
    gated.occupy("other", 1);
  }

  @Test
  void nameThatWaitsTwice_isAskedForTwice_soThatEachOwnsItsValue() {
    gated.occupyAll("vault");
    CallScheduler.Request one = calls.ask("vault", Set.of("name"));
    CallScheduler.Request two = calls.ask("vault", Set.of("name"));
    gated.gate.release(1_000);

    SecretValue ofOne = value(one.join().get("name"));
    SecretValue ofTwo = value(two.join().get("name"));
    ofOne.close();
    assertThat(ofTwo.revealString()).isEqualTo("vault/name");
    assertThat(gated.made).hasSize(CallScheduler.MOST_OF_A_VAULT + 2);
  }

  @Test
  void interruptThatOneCallLeavesBehind_isNotTheNextOnes() {
    ConcurrentLinkedQueue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
    CallScheduler interrupting = new CallScheduler(
        (vault, names) -> {
          interrupted.add(Thread.currentThread().isInterrupted());
          Map<String, SecretOutcome> outcomes = gated.answer(vault, names);
          Thread.currentThread().interrupt();
          return outcomes;
        },
        gated.threads);
    gated.occupyAll(interrupting, "vault");
    List<CallScheduler.Request> waiting = IntStream.range(0, 20)
        .mapToObj(i -> interrupting.ask("vault", Set.of("user-" + i, "password-" + i)))
        .toList();
    gated.gate.release(1_000);

    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(interrupted).hasSize(CallScheduler.MOST_OF_A_VAULT + 20).doesNotContain(true);
  }

  /** Whatever is asked for, waited for or given up: each gets its own, and nothing is left. */
  @Test
  void manyThreads_eachGetTheirOwn_andNoValueIsLeftBehind() throws Exception {
    ConcurrentLinkedQueue<SecretValue> given = new ConcurrentLinkedQueue<>();
    AtomicInteger backendCalls = new AtomicInteger();
    CallScheduler busy = new CallScheduler(
        (vault, names) -> {
          backendCalls.incrementAndGet();
          Thread.yield();
          Map<String, SecretOutcome> outcomes = outcomes(vault, names);
          outcomes.values().forEach(outcome -> given.add(value(outcome)));
          return outcomes;
        },
        gated.threads);
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger givenUp = new AtomicInteger();
    List<CompletableFuture<Void>> askers = new ArrayList<>();
    for (int asker = 0; asker < 4; asker++) {
      Random random = new Random(asker);
      askers.add(CompletableFuture.runAsync(
          () -> {
            for (int round = 0; round < 50; round++) {
              List<CallScheduler.Request> requests = new ArrayList<>();
              for (int i = 0; i < 200; i++) {
                Set<String> names = new HashSet<>();
                for (int n = random.nextInt(3); n >= 0; n--) {
                  names.add("name-" + random.nextInt(300));
                }
                requests.add(busy.ask("vault-" + random.nextInt(3), names));
              }
              for (CallScheduler.Request request : requests) {
                if (random.nextInt(3) == 0 && request.giveUp()) {
                  givenUp.incrementAndGet();
                } else {
                  assertAnswered(request);
                  Outcomes.discardAll(request.join());
                  answered.incrementAndGet();
                }
              }
            }
          },
          gated.threads));
    }
    for (CompletableFuture<Void> asker : askers) {
      asker.get(60, SECONDS);
    }
    gated.threads.shutdown();
    assertThat(gated.threads.awaitTermination(30, SECONDS)).isTrue();

    System.out.printf(
        "calls: %,d requests, %,d given up: %,d calls%n",
        answered.get() + givenUp.get(), givenUp.get(), backendCalls.get());
    assertThat(answered.get() + givenUp.get()).isEqualTo(4 * 50 * 200);
    assertThat(backendCalls).as("some were joined").hasValueLessThan(answered.get());
    assertThat(given)
        .allSatisfy(value ->
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(value::revealString));
  }
}
