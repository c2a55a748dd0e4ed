package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
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

@Timeout(60)
class CallsTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<Set<String>> made = new ConcurrentLinkedQueue<>();
  private final Semaphore gate = new Semaphore(0);

  /** Threads that were asked for: as many as calls that began, unless one made several. */
  private final AtomicInteger begun = new AtomicInteger();

  private final Calls calls = new Calls(this::answer, this::begin);

  @AfterEach
  void letThemEnd() {
    gate.release(1_000_000);
    threads.shutdown();
  }

  @Test
  void beyondThoseUnderWay_singleNamesOfAVault_areAskedForTogether() {
    List<Calls.Request> busy = occupyAll();
    List<Calls.Request> waiting = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      waiting.add(calls.ask("one", Set.of("name-" + i)));
      waiting.add(calls.ask("two", Set.of("name-" + i)));
    }
    gate.release(1_000);

    busy.forEach(CallsTest::assertAnswered);
    waiting.forEach(CallsTest::assertAnswered);
    assertThat(made)
        .as("150 names of each of two vaults, 32 a call")
        .hasSize(Calls.MOST + 5 + 5)
        .allSatisfy(names -> assertThat(names).hasSizeLessThanOrEqualTo(Calls.MOST_NAMES));
  }

  @Test
  void beyondThoseOfItsVault_singleNamesAreAskedForTogether_andOtherVaultsDoNotWait() {
    List<Calls.Request> busy = occupy("one", Calls.MOST_OF_A_VAULT);
    List<Calls.Request> waiting = IntStream.range(0, Calls.MOST_NAMES)
        .mapToObj(i -> calls.ask("one", Set.of("waiting-" + i)))
        .toList();
    occupy("two", 1);
    gate.release(1_000);

    busy.forEach(CallsTest::assertAnswered);
    waiting.forEach(CallsTest::assertAnswered);
    assertThat(made).hasSize(Calls.MOST_OF_A_VAULT + 1 + 1);
  }

  @Test
  void severalNamesOfOneRequest_doNotWaitForTheirVault_norKeepItWaiting() {
    for (int i = 0; i < Calls.MOST_OF_A_VAULT; i++) {
      calls.ask("vault", Set.of("user-" + i, "password-" + i));
    }
    awaitMade(Calls.MOST_OF_A_VAULT);
    occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("user", "password"));

    awaitMade(2 * Calls.MOST_OF_A_VAULT + 1);
  }

  @Test
  void callsThatHangAndAreGivenUp_keepNobodyWaiting() {
    List<Calls.Request> hanging = occupy("vault", Calls.MOST_OF_A_VAULT);
    Calls.Request waiting = calls.ask("vault", Set.of("waiting"));
    assertThat(hanging.get(0).giveUp()).isTrue();
    awaitMade(Calls.MOST_OF_A_VAULT + 1);
    hanging.subList(1, hanging.size()).forEach(Calls.Request::giveUp);
    occupy("vault", Calls.MOST_OF_A_VAULT - 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(begun).hasValue(2 * Calls.MOST_OF_A_VAULT);
    gate.release(1_000);

    assertAnswered(waiting);
    assertThat(made).contains(Set.of("waiting"));
  }

  @Test
  void callThatWasGivenUp_leavesItsVaultOnce() {
    Calls.Request given = occupy("vault", Calls.MOST_OF_A_VAULT).get(0);
    given.giveUp();
    given.giveUp();
    occupy("vault", 1);
    calls.ask("vault", Set.of("one too many"));
    assertThat(begun).hasValue(Calls.MOST_OF_A_VAULT + 1);

    gate.release(1_000);
    awaitEnd();
    begun.set(0);
    gate.drainPermits();
    occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("one too many"));
    assertThat(begun).hasValue(Calls.MOST_OF_A_VAULT);
  }

  @Test
  void joinedCallForWhichOneStillWaits_keepsItsPlace() {
    occupy("vault", Calls.MOST_OF_A_VAULT);
    Calls.Request one = calls.ask("vault", Set.of("one"));
    Calls.Request two = calls.ask("vault", Set.of("two"));
    gate.release(1);
    awaitMade(Calls.MOST_OF_A_VAULT + 1);
    one.giveUp();
    calls.ask("vault", Set.of("three"));
    assertThat(begun).hasValue(Calls.MOST_OF_A_VAULT);

    two.giveUp();
    awaitMade(Calls.MOST_OF_A_VAULT + 2);
  }

  @Test
  void callOfWhichAllWereGivenUpWhileItWaited_getsNoThread() {
    List<Calls.Request> busy = occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("one")).giveUp();
    busy.get(0).giveUp();

    assertThat(begun).hasValue(Calls.MOST_OF_A_VAULT);
  }

  @Test
  void requestThatIsGivenUpTwice_doesNotTakeTheNameOfAnother() {
    occupy("vault", Calls.MOST_OF_A_VAULT);
    calls.ask("vault", Set.of("other"));
    Calls.Request one = calls.ask("vault", Set.of("name"));
    one.giveUp();
    Calls.Request again = calls.ask("vault", Set.of("name"));
    one.giveUp();
    gate.release(1_000);

    assertAnswered(again);
  }

  @Test
  void severalNamesOfOneRequest_haveACallOfTheirOwn_sinceTheyMayHaveToBeOfOneAnswer() {
    occupyAll();
    Calls.Request before = calls.ask("vault", Set.of("before"));
    Calls.Request pair = calls.ask("vault", Set.of("user", "password"));
    Calls.Request after = calls.ask("vault", Set.of("after"));
    gate.release(1_000);

    List.of(before, pair, after).forEach(CallsTest::assertAnswered);
    assertThat(made).contains(Set.of("user", "password"), Set.of("before", "after"));
  }

  @Test
  void neverMoreThanTheMost_areUnderWay() {
    occupyAll();
    IntStream.range(0, 50).forEach(i -> calls.ask("vault-" + i, Set.of("name")));

    assertThat(begun).hasValue(Calls.MOST);
  }

  @Test
  void callsThatHangAndAreGivenUp_keepTheirThreads() {
    occupyAll().forEach(Calls.Request::giveUp);
    calls.ask("vault", Set.of("name"));

    assertThat(begun).hasValue(Calls.MOST);
  }

  @Test
  void nameThatWaitsTwice_isAskedForTwice_soThatEachOwnsItsValue() {
    occupyAll();
    Calls.Request one = calls.ask("vault", Set.of("name"));
    Calls.Request two = calls.ask("vault", Set.of("name"));
    gate.release(1_000);

    SecretValue ofOne = value(one.join().get("name"));
    SecretValue ofTwo = value(two.join().get("name"));
    ofOne.close();
    assertThat(ofTwo.revealString()).isEqualTo("vault/name");
    assertThat(made).hasSize(Calls.MOST + 2);
  }

  @Test
  void passingFailureOfACallForSeveral_isAnExceptionForEach() {
    occupyAll();
    Calls.Request one = calls.ask("failing", Set.of("one"));
    Calls.Request two = calls.ask("failing", Set.of("two"));
    gate.release(1_000);

    SecretManagerException ofOne = ((SecretOutcome.Failed) one.join().get("one")).failure();
    SecretManagerException ofTwo = ((SecretOutcome.Failed) two.join().get("two")).failure();
    assertThat(ofTwo).isNotSameAs(ofOne).hasSameClassAs(ofOne).hasMessage(ofOne.getMessage());
    assertThat(made).hasSize(Calls.MOST + 1);
  }

  @Test
  void refusalOfACallForSeveral_isNoAnswerToEach_soTheyAreAskedForOneByOne() {
    occupyAll();
    Calls.Request good = calls.ask("guarded", Set.of("good"));
    Calls.Request forbidden = calls.ask("guarded", Set.of("forbidden"));
    Calls.Request better = calls.ask("guarded", Set.of("better"));
    gate.release(1_000);

    assertAnswered(good);
    assertAnswered(better);
    assertThat(forbidden).succeedsWithin(30, SECONDS);
    assertThat(((SecretOutcome.Failed) forbidden.join().get("forbidden")).failure())
        .isInstanceOf(SecretAccessDeniedException.class);
    assertThat(made).hasSize(Calls.MOST + 1 + 3);
  }

  @Test
  void refusedVault_keepsToItsPlaces_alsoWhereItsNamesAreAskedForOneByOne() {
    Calls refusing = new Calls(
        (vault, names) -> names.size() > 1 ? refused(names) : answer(vault, names), this::begin);
    for (int i = 0; i < Calls.MOST_OF_A_VAULT; i++) {
      refusing.ask("vault", Set.of("busy-" + i));
    }
    awaitMade(Calls.MOST_OF_A_VAULT);
    List<Calls.Request> waiting = IntStream.range(0, 3)
        .mapToObj(i -> refusing.ask("vault", Set.of("name-" + i)))
        .toList();
    gate.release(1); // of the eight; the other seven stay
    awaitMade(Calls.MOST_OF_A_VAULT + 1);

    assertThat(begun).hasValue(Calls.MOST_OF_A_VAULT);
    gate.release(1_000);
    waiting.forEach(CallsTest::assertAnswered);
  }

  @Test
  void errorOfACall_isAnErrorOfItsOwnForEachWhoWaitsForIt_andForNobodyElse() {
    occupyAll();
    Calls.Request one = calls.ask("broken", Set.of("one"));
    Calls.Request two = calls.ask("broken", Set.of("two"));
    Calls.Request other = calls.ask("vault", Set.of("name"));
    gate.release(1_000);

    Throwable ofOne = error(one);
    assertThat(ofOne).isInstanceOf(StackOverflowError.class);
    assertThat(error(two)).isInstanceOf(StackOverflowError.class).isNotSameAs(ofOne);
    assertAnswered(other);
  }

  @Test
  void whatWaitsWhenClosed_fails_andIsNotAskedFor() {
    List<Calls.Request> busy = occupyAll();
    Calls.Request waiting = calls.ask("vault", Set.of("name"));
    calls.close();

    assertThat(error(waiting)).isInstanceOf(IllegalStateException.class);
    assertThat(error(calls.ask("vault", Set.of("later"))))
        .isInstanceOf(IllegalStateException.class);
    gate.release(1_000);
    busy.forEach(CallsTest::assertAnswered);
    assertThat(made).hasSize(Calls.MOST);
  }

  @Test
  void callThatHasNoThreadYetWhenClosed_isNotMade() {
    List<Runnable> tasks = new ArrayList<>();
    Calls slow = new Calls(this::answer, tasks::add);
    Calls.Request request = slow.ask("vault", Set.of("name"));
    slow.close();
    tasks.forEach(Runnable::run);

    assertThat(error(request)).isInstanceOf(IllegalStateException.class);
    assertThat(made).isEmpty();
  }

  @Test
  void interruptThatOneCallLeavesBehind_isNotTheNextOnes() {
    ConcurrentLinkedQueue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
    Calls interrupting = new Calls(
        (vault, names) -> {
          interrupted.add(Thread.currentThread().isInterrupted());
          Map<String, SecretOutcome> outcomes = answer(vault, names);
          Thread.currentThread().interrupt();
          return outcomes;
        },
        threads);
    occupyAll(interrupting);
    List<Calls.Request> waiting = IntStream.range(0, 20)
        .mapToObj(i -> interrupting.ask("vault-" + i, Set.of("name")))
        .toList();
    gate.release(1_000);

    waiting.forEach(CallsTest::assertAnswered);
    assertThat(interrupted).hasSize(Calls.MOST + 20).doesNotContain(true);
  }

  @Test
  void whatIsGivenUpWhileItWaits_isNotAskedFor() {
    occupyAll();
    Calls.Request alone = calls.ask("vault", Set.of("alone"));
    assertThat(alone.giveUp()).isTrue();
    Calls.Request one = calls.ask("vault", Set.of("one"));
    Calls.Request two = calls.ask("vault", Set.of("two"));
    assertThat(one.giveUp()).isTrue();
    Calls.Request again = calls.ask("vault", Set.of("one"));
    gate.release(1_000);

    assertAnswered(two);
    assertAnswered(again);
    assertThat(made)
        .hasSize(Calls.MOST + 1)
        .contains(Set.of("one", "two"))
        .noneMatch(names -> names.contains("alone"));
  }

  @Test
  void whatIsGivenUpWhileItIsAskedFor_isWiped() {
    ConcurrentLinkedQueue<SecretValue> values = new ConcurrentLinkedQueue<>();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Void> thread = new CompletableFuture<>();
    Calls slow = new Calls(
        (vault, names) -> {
          begun.countDown();
          gate.acquireUninterruptibly();
          values.add(SecretValue.of("late"));
          return Map.of("name", new SecretOutcome.Found(values.element()));
        },
        task -> threads.execute(() -> {
          task.run();
          thread.complete(null);
        }));
    Calls.Request request = slow.ask("vault", Set.of("name"));
    awaitUninterruptibly(begun);
    request.giveUp();
    gate.release();

    thread.join();
    assertThat(values)
        .singleElement()
        .satisfies(value ->
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(value::revealString));
  }

  @Test
  void callThatGetsNoThread_isNotUnderWay() {
    AtomicInteger refusals = new AtomicInteger(2 * Calls.MOST);
    Calls short1 = new Calls(this::answer, task -> {
      if (refusals.getAndDecrement() > 0) {
        throw new RejectedExecutionException("no more threads");
      }
      task.run();
    });
    gate.release(1_000);
    for (int i = 0; i < 2 * Calls.MOST; i++) {
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
    Calls few = new Calls(this::answer, task -> {
      if (noMore.get()) {
        throw new OutOfMemoryError("no more threads");
      }
      threads.execute(task);
    });
    List<Calls.Request> busy = IntStream.range(0, Calls.MOST_OF_A_VAULT)
        .mapToObj(i -> few.ask("vault", Set.of("busy-" + i)))
        .toList();
    awaitMade(Calls.MOST_OF_A_VAULT);
    List<Calls.Request> waiting = IntStream.range(0, 10 * Calls.MOST_NAMES)
        .mapToObj(i -> few.ask("vault", Set.of("waiting-" + i)))
        .toList();
    noMore.set(true);

    assertThat(error(few.ask("other", Set.of("name")))).isInstanceOf(OutOfMemoryError.class);
    busy.get(0).giveUp();
    gate.release(1_000);
    waiting.forEach(CallsTest::assertAnswered);
  }

  @Test
  void executorThatFailsAfterItMadeTheCall_givesBackOnePlace() {
    AtomicBoolean odd = new AtomicBoolean(true);
    Calls strange = new Calls(this::answer, task -> {
      if (odd.get()) {
        task.run();
        throw new IllegalStateException("after it was made");
      }
      begin(task);
    });
    gate.release(10);
    for (int i = 0; i < 10; i++) {
      assertAnswered(strange.ask("vault", Set.of("name")));
    }
    odd.set(false);
    IntStream.range(0, Calls.MOST + 5).forEach(i -> strange.ask("vault-" + i, Set.of("name")));

    assertThat(begun).hasValue(Calls.MOST);
  }

  @Test
  void errorWhileEachIsGivenItsOwn_failsWhoHasNoneYet_andLeavesNoValueOpen() {
    AtomicReference<SecretValue> ofTwo = new AtomicReference<>();
    Calls forgetful = new Calls(
        (vault, names) -> {
          Map<String, SecretOutcome> outcomes = answer(vault, names);
          if (names.size() == 2) {
            Outcomes.discard(outcomes.remove("one"));
            ofTwo.set(value(outcomes.get("two")));
          }
          return outcomes;
        },
        threads);
    for (int i = 0; i < Calls.MOST_OF_A_VAULT; i++) {
      forgetful.ask("vault", Set.of("busy-" + i));
    }
    awaitMade(Calls.MOST_OF_A_VAULT);
    Calls.Request one = forgetful.ask("vault", Set.of("one"));
    Calls.Request two = forgetful.ask("vault", Set.of("two"));
    gate.release(1_000);

    assertThat(error(one)).isInstanceOf(NullPointerException.class);
    assertThat(error(two)).isInstanceOf(NullPointerException.class);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> ofTwo.get().revealString());
  }

  @Test
  void whatWaitsWhenNoCallGetsAThread_fails() {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<Calls> all = new AtomicReference<>();
    AtomicReference<Calls.@Nullable Request> waiting = new AtomicReference<>();
    all.set(new Calls(this::answer, task -> {
      if (asked.incrementAndGet() < Calls.MOST) {
        all.get().ask("vault-" + asked, Set.of("name")); // as others do at the same time
      } else if (waiting.get() == null) {
        waiting.set(all.get().ask("vault", Set.of("name")));
      }
      throw new RejectedExecutionException("no more threads");
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
    for (int i = 0; i < Calls.MOST; i++) {
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(() -> calls.ask("vault", noMemory));
    }
    gate.release(1_000);

    assertAnswered(calls.ask("vault", Set.of("name")));
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
        threads);
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
          threads));
    }
    for (CompletableFuture<Void> asker : askers) {
      asker.get(60, SECONDS);
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(30, SECONDS)).isTrue();

    System.out.printf(
        "calls: %,d requests, %,d given up: %,d calls%n",
        answered.get() + givenUp.get(), givenUp.get(), backendCalls.get());
    assertThat(answered.get() + givenUp.get()).isEqualTo(4 * 50 * 200);
    assertThat(backendCalls).as("some were joined").hasValueLessThan(answered.get());
    assertThat(given)
        .allSatisfy(value ->
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(value::revealString));
  }

  private void begin(Runnable task) {
    begun.incrementAndGet();
    threads.execute(task);
  }

  /** Begins calls that the gate holds, each of a vault of its own. */
  private List<Calls.Request> occupyAll() {
    return occupyAll(calls);
  }

  private List<Calls.Request> occupyAll(Calls all) {
    List<Calls.Request> requests = new ArrayList<>();
    for (int i = 0; i < Calls.MOST; i++) {
      requests.add(all.ask("busy-" + i, Set.of("name")));
    }
    awaitMade(Calls.MOST);
    return requests;
  }

  /** Begins so many calls more for single names of one vault, which the gate holds. */
  private List<Calls.Request> occupy(String vault, int count) {
    int before = made.size();
    List<Calls.Request> requests = IntStream.range(before, before + count)
        .mapToObj(i -> calls.ask(vault, Set.of("busy-" + i)))
        .toList();
    awaitMade(before + count);
    return requests;
  }

  private void awaitMade(int count) {
    await(() -> made.size() >= count);
  }

  /** Waits until no call is under way. */
  private void awaitEnd() {
    await(() -> ((ThreadPoolExecutor) threads).getActiveCount() == 0);
  }

  private static void await(BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - startNanos).isLessThan(SECONDS.toNanos(30));
      Thread.onSpinWait();
    }
  }

  private Map<String, SecretOutcome> answer(String vault, Set<String> names) {
    made.add(Set.copyOf(names));
    gate.acquireUninterruptibly();
    if (vault.equals("broken")) {
      throw new StackOverflowError();
    }
    if (names.contains("forbidden")) {
      return refused(names);
    }
    return outcomes(vault, names);
  }

  private static Map<String, SecretOutcome> refused(Set<String> names) {
    SecretManagerException failure = new SecretAccessDeniedException("not that one");
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, new SecretOutcome.Failed(failure)));
    return outcomes;
  }

  private static Map<String, SecretOutcome> outcomes(String vault, Set<String> names) {
    SecretManagerException failure = new SecretUnavailableException("down");
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(
        name,
        vault.equals("failing")
            ? new SecretOutcome.Failed(failure)
            : new SecretOutcome.Found(SecretValue.of(vault + "/" + name))));
    return outcomes;
  }

  private static void assertAnswered(Calls.Request request) {
    assertThat(request).succeedsWithin(30, SECONDS);
    assertThat(request.join())
        .isNotEmpty()
        .allSatisfy(
            (name, outcome) -> assertThat(value(outcome).revealString()).endsWith("/" + name));
  }

  private static Throwable error(Calls.Request request) {
    return assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> request.get(30, SECONDS))
        .actual()
        .getCause();
  }

  private static SecretValue value(SecretOutcome outcome) {
    return ((SecretOutcome.Found) outcome).value();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
