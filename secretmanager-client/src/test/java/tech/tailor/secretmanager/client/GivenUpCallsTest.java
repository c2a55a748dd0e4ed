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
  private final Calls calls = gated.calls;

  @AfterEach
  void letThemEnd() {
    gated.close();
  }

  @Test
  void callsThatHangAndAreGivenUp_keepNobodyWaiting() {
    List<Calls.Request> hanging = gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    Calls.Request waiting = calls.ask("vault", Set.of("waiting"));
    assertThat(hanging.get(0).giveUp()).isTrue();
    gated.awaitMade(Calls.MOST_OF_A_VAULT + 1);
    hanging.subList(1, hanging.size()).forEach(Calls.Request::giveUp);
    gated.occupy("vault", Calls.MOST_OF_A_VAULT - 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(2 * Calls.MOST_OF_A_VAULT);
    gated.gate.release(1_000);

    assertAnswered(waiting);
    assertThat(gated.made).contains(Set.of("waiting"));
  }

  @Test
  void callThatWasGivenUp_leavesItsVaultOnce() {
    Calls.Request given = gated.occupy("vault", Calls.MOST_OF_A_VAULT).get(0);
    given.giveUp();
    given.giveUp();
    gated.occupy("vault", 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(Calls.MOST_OF_A_VAULT + 1);

    gated.gate.release(1_000);
    gated.awaitEnd();
    gated.begun.set(0);
    gated.gate.drainPermits();
    gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("one too many"));
    assertThat(gated.begun).hasValue(Calls.MOST_OF_A_VAULT);
  }

  @Test
  void joinedCallForWhichOneStillWaits_keepsItsPlace() {
    gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    Calls.Request one = calls.ask("vault", Set.of("one"));
    Calls.Request two = calls.ask("vault", Set.of("two"));
    gated.gate.release(1);
    gated.awaitMade(Calls.MOST_OF_A_VAULT + 1);
    one.giveUp();
    calls.ask("vault", Set.of("three"));
    assertThat(gated.begun).hasValue(Calls.MOST_OF_A_VAULT);

    two.giveUp();
    gated.awaitMade(Calls.MOST_OF_A_VAULT + 2);
  }

  @Test
  void callOfWhichAllWereGivenUpWhileItWaited_getsNoThread() {
    List<Calls.Request> busy = gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("one")).giveUp();
    busy.get(0).giveUp();

    assertThat(gated.begun).hasValue(Calls.MOST_OF_A_VAULT);
  }

  @Test
  void requestThatIsGivenUpTwice_doesNotTakeTheNameOfAnother() {
    gated.occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("other"));
    Calls.Request one = calls.ask("vault", Set.of("name"));
    one.giveUp();
    Calls.Request again = calls.ask("vault", Set.of("name"));
    one.giveUp();
    gated.gate.release(1_000);

    assertAnswered(again);
  }

  @Test
  void callsThatHangAndAreGivenUp_keepTheirThreads() {
    gated.occupyAll().forEach(Calls.Request::giveUp);
    calls.ask("vault", Set.of("name"));

    assertThat(gated.begun).hasValue(Calls.MOST);
  }

  @Test
  void whatIsGivenUpWhileItWaits_isNotAskedFor() {
    gated.occupyAll();
    Calls.Request alone = calls.ask("vault", Set.of("alone"));
    assertThat(alone.giveUp()).isTrue();
    Calls.Request one = calls.ask("vault", Set.of("one"));
    Calls.Request two = calls.ask("vault", Set.of("two"));
    assertThat(one.giveUp()).isTrue();
    Calls.Request again = calls.ask("vault", Set.of("one"));
    gated.gate.release(1_000);

    assertAnswered(two);
    assertAnswered(again);
    assertThat(gated.made)
        .hasSize(Calls.MOST + 1)
        .contains(Set.of("one", "two"))
        .noneMatch(names -> names.contains("alone"));
  }

  @Test
  void whatIsGivenUpWhileItIsAskedFor_isWiped() {
    ConcurrentLinkedQueue<SecretValue> values = new ConcurrentLinkedQueue<>();
    CountDownLatch asked = new CountDownLatch(1);
    CompletableFuture<Void> thread = new CompletableFuture<>();
    Calls slow = new Calls(
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
    Calls.Request request = slow.ask("vault", Set.of("name"));
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
