package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * CallScheduler whose backend answers each once the gate lets it, and tells what it was asked for.
 * Of the vault {@code failing} it answers that it is down, of the vault {@code broken} it throws an
 * error, and the name {@code forbidden} makes it refuse all that is asked for with it.
 */
final class GatedCalls implements AutoCloseable {

  final ExecutorService threads = Executors.newCachedThreadPool();
  final ConcurrentLinkedQueue<Set<String>> made = new ConcurrentLinkedQueue<>();
  final Semaphore gate = new Semaphore(0);

  /** Threads that were asked for: as many as calls that began, unless one made several. */
  final AtomicInteger begun = new AtomicInteger();

  final CallScheduler calls = new CallScheduler(this::answer, this::begin);

  @Override
  public void close() {
    gate.release(1_000_000);
    threads.shutdown();
  }

  void begin(Runnable task) {
    begun.incrementAndGet();
    threads.execute(task);
  }

  /** Begins as many calls of each vault as may be under way, which the gate holds. */
  List<CallScheduler.Request> occupyAll(String... vaults) {
    return occupyAll(calls, vaults);
  }

  List<CallScheduler.Request> occupyAll(CallScheduler all, String... vaults) {
    List<CallScheduler.Request> requests = new ArrayList<>();
    for (String vault : vaults) {
      for (int i = 0; i < CallScheduler.MOST_OF_A_VAULT; i++) {
        requests.add(all.ask(vault, Set.of("busy-user-" + i, "busy-password-" + i)));
      }
    }
    awaitMade(requests.size());
    return requests;
  }

  /** Starts {@code count} more calls for single names of one vault, which the gate holds. */
  List<CallScheduler.Request> occupy(String vault, int count) {
    int before = made.size();
    List<CallScheduler.Request> requests = IntStream.range(before, before + count)
        .mapToObj(i -> calls.ask(vault, Set.of("busy-" + i)))
        .toList();
    awaitMade(before + count);
    return requests;
  }

  void awaitMade(int count) {
    await(() -> made.size() >= count);
  }

  /** Waits until no call is under way. */
  void awaitEnd() {
    await(() -> ((ThreadPoolExecutor) threads).getActiveCount() == 0);
  }

  static void await(BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - startNanos).isLessThan(SECONDS.toNanos(30));
      Thread.onSpinWait();
    }
  }

  Map<String, SecretOutcome> answer(String vault, Set<String> names) {
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

  static Map<String, SecretOutcome> refused(Set<String> names) {
    SecretManagerException failure = new SecretAccessDeniedException("not that one");
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, new SecretOutcome.Failed(failure)));
    return outcomes;
  }

  static Map<String, SecretOutcome> outcomes(String vault, Set<String> names) {
    SecretManagerException failure = new SecretUnavailableException("down");
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(
        name,
        vault.equals("failing")
            ? new SecretOutcome.Failed(failure)
            : new SecretOutcome.Found(SecretValue.of(vault + "/" + name))));
    return outcomes;
  }

  static void assertAnswered(CallScheduler.Request request) {
    assertThat(request).succeedsWithin(30, SECONDS);
    assertThat(request.join())
        .isNotEmpty()
        .allSatisfy(
            (name, outcome) -> assertThat(value(outcome).revealString()).endsWith("/" + name));
  }

  static Throwable error(CallScheduler.Request request) {
    return assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> request.get(30, SECONDS))
        .actual()
        .getCause();
  }

  static SecretValue value(SecretOutcome outcome) {
    return ((SecretOutcome.Found) outcome).value();
  }
}
