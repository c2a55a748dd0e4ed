package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.function.Supplier;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tech.tailor.secretmanager.benchmarks.HttpMissBenchmark.ByHand;
import tech.tailor.secretmanager.benchmarks.HttpMissBenchmark.Ours;

/**
 * C: the misses of {@link HttpMissBenchmark}, one after the other in one JVM, again and again. What
 * all of them share, the opening of the seal, is two thirds of a miss; in a JVM for each it is
 * compiled now well, now badly, which is more than the difference to be measured. Here it is the
 * same code for all, and what else the machine does disturbs all alike.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(MILLISECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 15)
@State(Scope.Benchmark)
public class HttpMissInTurnBenchmark {

  /** The clock of a process's CPU time goes in steps of 10 ms. */
  private static final int READS = 1_000;

  private final HttpMissBenchmark misses = new HttpMissBenchmark();
  private Object last = "";

  /** The CPU time of the process for each read of one round, in nanoseconds. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Nanos {
    public double okHttp;
    public double okHttpAndJackson;
    public double okHttpJacksonAndTink;
    public double fetch;
    public double fetchTen;
    public double getSecret;
    public double getSecretOnReadingThread;
    public double getSecretsOfTen;
  }

  @Benchmark
  public Object round(ByHand byHand, Ours ours, Keys keys, Nanos nanos) {
    nanos.okHttp = each(() -> misses.okHttp(byHand, keys));
    nanos.okHttpAndJackson = each(() -> misses.okHttpAndJackson(byHand, keys));
    nanos.okHttpJacksonAndTink = each(() -> misses.okHttpJacksonAndTink(byHand, keys));
    nanos.fetch = each(() -> misses.fetch(ours, keys));
    nanos.getSecretOnReadingThread = each(() -> misses.getSecretOnReadingThread(ours, keys));
    nanos.getSecret = each(() -> misses.getSecret(ours, keys));
    nanos.fetchTen = each(() -> misses.fetchTen(ours, keys));
    nanos.getSecretsOfTen = each(() -> misses.getSecretsOfTen(ours, keys));
    return last;
  }

  private double each(Supplier<Object> read) {
    long begun = ProcessCpuTime.nanos();
    for (int i = 0; i < READS; i++) {
      last = read.get();
    }
    return (double) (ProcessCpuTime.nanos() - begun) / READS;
  }
}
