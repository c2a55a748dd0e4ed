package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.client.GatedCalls.assertAnswered;
import static tech.tailor.secretmanager.client.GatedCalls.value;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Requests of which nobody wants the answer any more, before and while it is asked for. */
@Timeout(60)
class GivenUpCallsTest {

  private final GatedCalls gated = new GatedCalls();
  private final CallScheduler calls = gated.calls;

  @AfterEach
  void letThemEnd() {
    gated.close();
  }

  @Test
  void callsThatHangAndAreGivenUp_keepNobodyWaiting() {
    List<CallScheduler.Request> hanging = gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    CallScheduler.Request waiting = calls.ask("vault", Set.of("waiting"));
    assertThat(hanging.get(0).giveUp()).isTrue();
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES + 1);
    hanging.subList(1, hanging.size()).forEach(CallScheduler.Request::giveUp);
    gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES - 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(2 * CallScheduler.MOST_FOR_SINGLES);
    gated.gate.release(1_000);

    assertAnswered(waiting);
    assertThat(gated.made).contains(Set.of("waiting"));
  }

  @Test
  void callThatWasGivenUp_leavesItsVaultOnce() {
    CallScheduler.Request given =
        gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES).get(0);
    given.giveUp();
    given.giveUp();
    gated.occupy("vault", 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(CallScheduler.MOST_FOR_SINGLES + 1);

    gated.gate.release(1_000);
    gated.awaitEnd();
    gated.begun.set(0);
    gated.gate.drainPermits();
    gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(CallScheduler.MOST_FOR_SINGLES);
  }

  @Test
  void joinedCallForWhichOneStillWaits_keepsItsPlace() {
    gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    CallScheduler.Request one = calls.ask("vault", Set.of("one"));
    CallScheduler.Request two = calls.ask("vault", Set.of("two"));
    gated.gate.release(1);
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES + 1);
    one.giveUp();
    calls.ask("vault", Set.of("three"));
    assertThat(gated.begun).hasValue(CallScheduler.MOST_FOR_SINGLES);

    two.giveUp();
    gated.awaitMade(CallScheduler.MOST_FOR_SINGLES + 2);
  }

  @Test
  void callOfWhichAllWereGivenUpWhileItWaited_getsNoThread() {
    List<CallScheduler.Request> busy = gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    calls.ask("vault", Set.of("one")).giveUp();
    busy.get(0).giveUp();

    assertThat(gated.begun).hasValue(CallScheduler.MOST_FOR_SINGLES);
  }

  @Test
  void requestThatIsGivenUpTwice_doesNotTakeTheNameOfAnother() {
    gated.occupy("vault", CallScheduler.MOST_FOR_SINGLES);
    calls.ask("vault", Set.of("other"));
    CallScheduler.Request one = calls.ask("vault", Set.of("name"));
    one.giveUp();
    CallScheduler.Request again = calls.ask("vault", Set.of("name"));
    one.giveUp();
    gated.gate.release(1_000);

    assertAnswered(again);
  }

  @Test
  void callsThatHangAndAreGivenUp_keepTheirThreads() {
    gated.occupyAll("vault").forEach(CallScheduler.Request::giveUp);
    calls.ask("vault", Set.of("name"));

    assertThat(gated.begun).hasValue(CallScheduler.MOST_OF_A_VAULT);
    gated.occupy("other", 1); // which a vault that hangs does not keep waiting
  }

  @Test
  void whatIsGivenUpWhileItWaits_isNotAskedFor() {
    gated.occupyAll("vault");
    CallScheduler.Request alone = calls.ask("vault", Set.of("alone"));
    assertThat(alone.giveUp()).isTrue();
    CallScheduler.Request one = calls.ask("vault", Set.of("one"));
    CallScheduler.Request two = calls.ask("vault", Set.of("two"));
    assertThat(one.giveUp()).isTrue();
    CallScheduler.Request again = calls.ask("vault", Set.of("one"));
    gated.gate.release(1_000);

    assertAnswered(two);
    assertAnswered(again);
    assertThat(gated.made)
        .hasSize(CallScheduler.MOST_OF_A_VAULT + 1)
        .contains(Set.of("one", "two"))
        .noneMatch(names -> names.contains("alone"));
  }

  @Test
  void whatIsGivenUpWhileItIsAskedFor_isWiped() {
    ConcurrentLinkedQueue<SecretValue> values = new ConcurrentLinkedQueue<>();
    CountDownLatch asked = new CountDownLatch(1);
    CompletableFuture<Void> thread = new CompletableFuture<>();
    CallScheduler slow = new CallScheduler(
        (vault, names) -> {
          asked.countDown();
          gated.gate.acquireUninterruptibly();
          values.add(SecretValue.of("late"));
          return Map.of("name", new SecretOutcome.Found(values.element()));
        },
        task -> gated.threads.execute(() -> {
          task.run();
          thread.complete(null);
        }));
    CallScheduler.Request request = slow.ask("vault", Set.of("name"));
    GatedCalls.await(() -> asked.getCount() == 0);
    request.giveUp();
    gated.gate.release();

    thread.join();
    assertThat(values)
        .singleElement()
        .satisfies(value ->
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(value::revealString));
  }
}
