package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.client.GatedCalls.assertAnswered;
import static tech.tailor.secretmanager.client.GatedCalls.error;
import static tech.tailor.secretmanager.client.GatedCalls.outcomes;
import static tech.tailor.secretmanager.client.GatedCalls.refused;
import static tech.tailor.secretmanager.client.GatedCalls.value;

import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Backends that fail or refuse, threads that there are none of, and the end of all calls. */
@Timeout(60)
class FailedCallsTest {

  private final GatedCalls gated = new GatedCalls();
  private final CallScheduler calls = gated.calls;

  @AfterEach
  void letThemEnd() {
    gated.close();
  }

  @Test
  void passingFailureOfACallForSeveral_isAnExceptionForEach() {
    gated.occupyAll("failing");
    CallScheduler.Request one = calls.ask("failing", Set.of("one"));
    CallScheduler.Request two = calls.ask("failing", Set.of("two"));
    gated.gate.release(1_000);

    SecretManagerException ofOne = ((SecretOutcome.Failed) one.join().get("one")).failure();
    SecretManagerException ofTwo = ((SecretOutcome.Failed) two.join().get("two")).failure();
    assertThat(ofTwo).isNotSameAs(ofOne).hasSameClassAs(ofOne).hasMessage(ofOne.getMessage());
    assertThat(gated.made).hasSize(CallScheduler.MOST_OF_A_VAULT + 1);
  }

  @Test
  void refusalOfACallForSeveral_isNoAnswerToEach_soTheyAreAskedForOneByOne() {
    gated.occupyAll("guarded");
    CallScheduler.Request good = calls.ask("guarded", Set.of("good"));
    CallScheduler.Request forbidden = calls.ask("guarded", Set.of("forbidden"));
    CallScheduler.Request better = calls.ask("guarded", Set.of("better"));
    gated.gate.release(1_000);

    assertAnswered(good);
    assertAnswered(better);
    assertThat(forbidden).succeedsWithin(30, SECONDS);
    assertThat(((SecretOutcome.Failed) forbidden.join().get("forbidden")).failure())
        .isInstanceOf(SecretAccessDeniedException.class);
    assertThat(gated.made).hasSize(CallScheduler.MOST_OF_A_VAULT + 1 + 3);
  }

  @Test
  void refusedVault_keepsToItsPlaces_alsoWhereItsNamesAreAskedForOneByOne() {
    CallScheduler refusing = new CallScheduler(
        (vault, names) -> names.size() > 1 ? refused(names) : gated.answer(vault, names),
        gated::begin);
    for (int i = 0; i < CallScheduler.MOST_FOR_SINGLES; i++) {
      refusing.ask("vault", Set.of("busy-" + i));
    }
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES);
    List<CallScheduler.Request> waiting = IntStream.range(0, 3)
        .mapToObj(i -> refusing.ask("vault", Set.of("name-" + i)))
        .toList();
    gated.gate.release(1); // of the eight; the other seven stay
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES + 1);

    assertThat(gated.begun).hasValue(CallScheduler.MOST_FOR_SINGLES);
    gated.gate.release(1_000);
    waiting.forEach(GatedCalls::assertAnswered);
  }

  @Test
  void errorOfACall_isAnErrorOfItsOwnForEachWhoWaitsForIt_andForNobodyElse() {
    gated.occupyAll("broken");
    CallScheduler.Request one = calls.ask("broken", Set.of("one"));
    CallScheduler.Request two = calls.ask("broken", Set.of("two"));
    CallScheduler.Request other = calls.ask("vault", Set.of("name"));
    gated.gate.release(1_000);

    Throwable ofOne = error(one);
    assertThat(ofOne).isInstanceOf(StackOverflowError.class);
    assertThat(error(two)).isInstanceOf(StackOverflowError.class).isNotSameAs(ofOne);
    assertAnswered(other);
  }

  @Test
  void whatWaitsWhenClosed_fails_andIsNotAskedFor() {
    List<CallScheduler.Request> busy = gated.occupyAll("vault");
    CallScheduler.Request waiting = calls.ask("vault", Set.of("name"));
    calls.close();

    assertThat(error(waiting)).isInstanceOf(SecretUnavailableException.class);
    assertThat(error(calls.ask("vault", Set.of("later"))))
        .isInstanceOf(SecretUnavailableException.class);
    assertThat(busy)
        .as("nobody waits for a call that hangs")
        .allSatisfy(
            request -> assertThat(error(request)).isInstanceOf(SecretUnavailableException.class));
    gated.gate.release(1_000);
    gated.awaitEnd();
    assertThat(gated.made).hasSize(CallScheduler.MOST_OF_A_VAULT);
  }

  @Test
  void callThatHasNoThreadYetWhenClosed_isNotMade() {
    List<Runnable> tasks = new ArrayList<>();
    CallScheduler slow = new CallScheduler(gated::answer, tasks::add);
    CallScheduler.Request request = slow.ask("vault", Set.of("name"));
    slow.close();
    tasks.forEach(Runnable::run);

    assertThat(error(request)).isInstanceOf(SecretUnavailableException.class);
    assertThat(gated.made).isEmpty();
  }

  @Test
  void callThatGetsNoThread_isNotUnderWay() {
    AtomicInteger refusals = new AtomicInteger(2 * CallScheduler.MOST_OF_A_VAULT);
    CallScheduler short1 = new CallScheduler(gated::answer, task -> {
      if (refusals.getAndDecrement() > 0) {
        throw new RejectedExecutionException("no more gated.threads");
      }
      task.run();
    });
    gated.gate.release(1_000);
    for (int i = 0; i < 2 * CallScheduler.MOST_OF_A_VAULT; i++) {
      assertThat(short1.ask("vault", Set.of("name")))
          .failsWithin(30, SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(RejectedExecutionException.class);
    }

    assertAnswered(short1.ask("vault", Set.of("name")));
  }

  @Test
  void callThatGetsNoThread_failsAlone_andIsLeftToThoseOfItsVault() {
    AtomicBoolean noMore = new AtomicBoolean();
    CallScheduler few = new CallScheduler(gated::answer, task -> {
      if (noMore.get()) {
        throw new OutOfMemoryError("no more gated.threads");
      }
      gated.threads.execute(task);
    });
    List<CallScheduler.Request> busy = IntStream.range(0, CallScheduler.MOST_FOR_SINGLES)
        .mapToObj(i -> few.ask("vault", Set.of("busy-" + i)))
        .toList();
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES);
    List<CallScheduler.Request> waiting = IntStream.range(0, 10 * CallScheduler.MOST_NAMES)
        .mapToObj(i -> few.ask("vault", Set.of("waiting-" + i)))
        .toList();
    noMore.set(true);

    assertThat(error(few.ask("other", Set.of("name")))).isInstanceOf(OutOfMemoryError.class);
    busy.get(0).giveUp();
    gated.gate.release(1_000);
    waiting.forEach(GatedCalls::assertAnswered);
  }

  @Test
  void executorThatFailsAfterItMadeTheCall_givesBackOnePlace() {
    AtomicBoolean odd = new AtomicBoolean(true);
    CallScheduler strange = new CallScheduler(gated::answer, task -> {
      if (odd.get()) {
        task.run();
        throw new IllegalStateException("after it was gated.made");
      }
      gated.begin(task);
    });
    gated.gate.release(10);
    for (int i = 0; i < 10; i++) {
      assertAnswered(strange.ask("vault", Set.of("name")));
    }
    odd.set(false);
    IntStream.range(0, CallScheduler.MOST_OF_A_VAULT + 5)
        .forEach(i -> strange.ask("vault", Set.of("user-" + i, "password-" + i)));

    assertThat(gated.begun).hasValue(CallScheduler.MOST_OF_A_VAULT);
  }

  @Test
  void errorWhileEachIsGivenItsOwn_failsWhoHasNoneYet_andLeavesNoValueOpen() {
    AtomicReference<SecretValue> ofTwo = new AtomicReference<>();
    CallScheduler forgetful = new CallScheduler(
        (vault, names) -> {
          Map<String, SecretOutcome> outcomes = gated.answer(vault, names);
          if (names.size() == 2) {
            Outcomes.discard(outcomes.remove("one"));
            ofTwo.set(value(outcomes.get("two")));
          }
          return outcomes;
        },
        gated.threads);
    for (int i = 0; i < CallScheduler.MOST_FOR_SINGLES; i++) {
      forgetful.ask("vault", Set.of("busy-" + i));
    }
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES);
    CallScheduler.Request one = forgetful.ask("vault", Set.of("one"));
    CallScheduler.Request two = forgetful.ask("vault", Set.of("two"));
    gated.gate.release(1_000);

    assertThat(error(one)).isInstanceOf(NullPointerException.class);
    assertThat(error(two)).isInstanceOf(NullPointerException.class);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> ofTwo.get().revealString());
  }

  @Test
  void whatWaitsWhenNoCallGetsAThread_fails() {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<CallScheduler> all = new AtomicReference<>();
    AtomicReference<CallScheduler.@Nullable Request> waiting = new AtomicReference<>();
    all.set(new CallScheduler(gated::answer, task -> {
      if (asked.incrementAndGet() < CallScheduler.MOST_OF_A_VAULT) {
        all.get().ask("vault-" + asked, Set.of("name")); // as others do at the same time
      } else if (waiting.get() == null) {
        waiting.set(all.get().ask("vault", Set.of("name")));
      }
      throw new RejectedExecutionException("no more gated.threads");
    }));

    assertThat(error(all.get().ask("vault-0", Set.of("name"))))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(error(waiting.get())).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void errorBeforeACallBegins_isNotUnderWay() {
    Set<String> noMemory = new AbstractSet<>() {
      @Override
      public Iterator<String> iterator() {
        throw new OutOfMemoryError("no memory to copy them");
      }

      @Override
      public int size() {
        return 1;
      }
    };
    for (int i = 0; i < CallScheduler.MOST_OF_A_VAULT; i++) {
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> calls.ask("vault", noMemory));
    }
    gated.gate.release(1_000);

    assertAnswered(calls.ask("vault", Set.of("name")));
  }
}
