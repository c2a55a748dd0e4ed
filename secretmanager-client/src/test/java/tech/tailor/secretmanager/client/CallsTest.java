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
class CallsTest {

  private final GatedCalls gated = new GatedCalls();
  private final Calls calls = gated.calls;

  @AfterEach
  void letThemEnd() {
    gated.close();
  }

  @Test
  void beyondThoseUnderWay_singleNamesOfAVault_areAskedForTogether() {
    List<Calls.Request> busy = gated.occupyAll();
    List<Calls.Request> waiting = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      waiting.add(calls.ask("one", Set.of("name-" + i)));
      waiting.add(calls.ask("two", Set.of("name-" + i)));
    }
    gated.gate.release(1_000);

    busy.forEach(GatedCalls::assertAnswered);
    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(gated.made)
        .as("150 names of each of two vaults, 32 a call")
        .hasSize(Calls.MOST + 5 + 5)
        .allSatisfy(names -> assertThat(names).hasSizeLessThanOrEqualTo(Calls.MOST_NAMES));
  }

  @Test
  void beyondThoseOfItsVault_singleNamesAreAskedForTogether_andOtherVaultsDoNotWait() {
    List<Calls.Request> busy = gated.occupy("one", Calls.MOST_OF_A_VAULT);
    List<Calls.Request> waiting = IntStream.range(0, Calls.MOST_NAMES)
        .mapToObj(i -> calls.ask("one", Set.of("waiting-" + i)))
        .toList();
    gated.occupy("two", 1);
    gated.gate.release(1_000);

    busy.forEach(GatedCalls::assertAnswered);
    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(gated.made).hasSize(Calls.MOST_OF_A_VAULT + 1 + 1);
  }

  @Test
  void severalNamesOfOneRequest_doNotWaitForTheirVault_norKeepItWaiting() {
    for (int i = 0; i < Calls.MOST_OF_A_VAULT; i++) {
      calls.ask("vault", Set.of("user-" + i, "password-" + i));
    }
    gated.awaitMade(Calls.MOST_OF_A_VAULT);
    gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("user", "password"));

    gated.awaitMade(2 * Calls.MOST_OF_A_VAULT + 1);
  }

  @Test
  void severalNamesOfOneRequest_haveACallOfTheirOwn_sinceTheyMayHaveToBeOfOneAnswer() {
    gated.occupyAll();
    Calls.Request before = calls.ask("vault", Set.of("before"));
    Calls.Request pair = calls.ask("vault", Set.of("user", "password"));
    Calls.Request after = calls.ask("vault", Set.of("after"));
    gated.gate.release(1_000);

    List.of(before, pair, after).forEach(GatedCalls::assertAnswered);
    assertThat(gated.made).contains(Set.of("user", "password"), Set.of("before", "after"));
  }

  @Test
  void neverMoreThanTheMost_areUnderWay() {
    gated.occupyAll();
    IntStream.range(0, 50).forEach(i -> calls.ask("vault-" + i, Set.of("name")));

    assertThat(gated.begun).hasValue(Calls.MOST);
  }

  @Test
  void nameThatWaitsTwice_isAskedForTwice_soThatEachOwnsItsValue() {
    gated.occupyAll();
    Calls.Request one = calls.ask("vault", Set.of("name"));
    Calls.Request two = calls.ask("vault", Set.of("name"));
    gated.gate.release(1_000);

    SecretValue ofOne = value(one.join().get("name"));
    SecretValue ofTwo = value(two.join().get("name"));
    ofOne.close();
    assertThat(ofTwo.revealString()).isEqualTo("vault/name");
    assertThat(gated.made).hasSize(Calls.MOST + 2);
  }

  @Test
  void interruptThatOneCallLeavesBehind_isNotTheNextOnes() {
    ConcurrentLinkedQueue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
    Calls interrupting = new Calls(
        (vault, names) -> {
          interrupted.add(Thread.currentThread().isInterrupted());
          Map<String, SecretOutcome> outcomes = gated.answer(vault, names);
          Thread.currentThread().interrupt();
          return outcomes;
        },
        gated.threads);
    gated.occupyAll(interrupting);
    List<Calls.Request> waiting = IntStream.range(0, 20)
        .mapToObj(i -> interrupting.ask("vault-" + i, Set.of("name")))
        .toList();
    gated.gate.release(1_000);

    waiting.forEach(GatedCalls::assertAnswered);
    assertThat(interrupted).hasSize(Calls.MOST + 20).doesNotContain(true);
  }

  /** Whatever is asked for, waited for or given up: each gets its own, and nothing is left. */
  @Test
  void manyThreads_eachGetTheirOwn_andNoValueIsLeftBehind() throws Exception {
    ConcurrentLinkedQueue<SecretValue> given = new ConcurrentLinkedQueue<>();
    AtomicInteger backendCalls = new AtomicInteger();
    Calls busy = new Calls(
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
              List<Calls.Request> requests = new ArrayList<>();
              for (int i = 0; i < 200; i++) {
                Set<String> names = new HashSet<>();
                for (int n = random.nextInt(3); n >= 0; n--) {
                  names.add("name-" + random.nextInt(300));
                }
                requests.add(busy.ask("vault-" + random.nextInt(3), names));
              }
              for (Calls.Request request : requests) {
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
