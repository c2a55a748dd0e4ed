package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * C: a thousand threads that wait at a gate, then read at once through an empty cache from an
 * upstream that takes 5 ms. Measured from the gate's opening to the last answer.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(MILLISECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 15)
@State(Scope.Benchmark)
public class HerdBenchmark {

  /** What they read. */
  public enum Scenario {
    ONE_KEY,
    ONE_KEY_FAILING,
    DISTINCT_KEYS
  }

  /** How often the upstream was called. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Counters {
    public long upstreamCalls;
  }

  @Param
  public Loader loader = Loader.OURS;

  @Param
  public Scenario scenario = Scenario.ONE_KEY;

  @Param("1000")
  public int callers = 1_000;

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger answers = new AtomicInteger();
  private Upstream upstream;
  private Loader.Reader reader;
  private CountDownLatch gate;
  private CountDownLatch done;

  @Setup(Level.Invocation)
  public void gather() {
    upstream = new Upstream(MILLISECONDS.toNanos(5), scenario == Scenario.ONE_KEY_FAILING);
    reader = loader.open(upstream);
    gate = new CountDownLatch(1);
    done = new CountDownLatch(callers);
    CountDownLatch ready = new CountDownLatch(callers);
    for (int i = 0; i < callers; i++) {
      int key = scenario == Scenario.DISTINCT_KEYS ? i % Secrets.COUNT : 0;
      Thread thread = new Thread(() -> call(ready, Secrets.NAMES.get(key)));
      threads.add(thread);
      thread.start();
    }
    await(ready);
  }

  @Benchmark
  public int herd(Counters counters) {
    gate.countDown();
    await(done);
    counters.upstreamCalls += upstream.calls();
    return answers.get();
  }

  @TearDown(Level.Invocation)
  public void disperse() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
    reader.close();
    int expected = scenario == Scenario.ONE_KEY_FAILING ? 0 : callers;
    if (answers.getAndSet(0) != expected) {
      throw new IllegalStateException("A caller went without the answer it should have had");
    }
  }

  private void call(CountDownLatch ready, String name) {
    ready.countDown();
    await(gate);
    try {
      if (reader.read(name).length > 0) {
        answers.incrementAndGet();
      }
    } catch (RuntimeException e) {
      if (scenario != Scenario.ONE_KEY_FAILING) {
        throw e;
      }
    } finally {
      done.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while measuring", e);
    }
  }
}
