package tech.tailor.secretmanager.benchmarks;

import java.util.Collection;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What was measured of one benchmark under one condition.
 *
 * @param benchmark the simple names of its class and method, with a dot
 * @param condition which keys it read, or what the herd did
 * @param threads how many threads ran it
 * @param time of one operation, in the fastest iteration, the one that the rest of the machine
 *     disturbed least, unless they were measured in turn: CPU time in nanoseconds, or of a herd the
 *     milliseconds that passed
 * @param p50 the time within which half of all operations ended, in nanoseconds, if each was timed
 * @param p99 the same of 99 of 100
 * @param bytes allocated by one operation
 * @param calls upstream, in the iteration with the most of them; not a number where not counted
 */
record Figure(
    String benchmark,
    String condition,
    int threads,
    double time,
    double p50,
    double p99,
    double bytes,
    double calls) {

  static Figure of(RunResult result) {
    BenchmarkParams params = result.getParams();
    String name = params.getBenchmark();
    String simpleName = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    String loader = params.getParam("loader");
    return new Figure(
        loader == null ? simpleName : "HerdBenchmark." + loader,
        loader == null ? params.getParam("keys") : params.getParam("scenario"),
        params.getThreads(),
        iterations(result, Figure::time).min().orElseThrow(),
        percentile(result, 50),
        percentile(result, 99),
        secondary(result.getSecondaryResults().get("gc.alloc.rate.norm")),
        iterations(
                result,
                iteration -> secondary(iteration.getSecondaryResults().get("upstreamCalls")))
            .max()
            .orElseThrow());
  }

  /** What was measured in turn, each in the median of the rounds: their clock goes in steps. */
  static Stream<Figure> inTurn(RunResult result) {
    return result.getAggregatedResult().getSecondaryResults().values().stream()
        .map(secondary -> secondary.getLabel())
        .map(method -> {
          double[] sorted = iterations(
                  result, iteration -> secondary(iteration.getSecondaryResults().get(method)))
              .sorted()
              .toArray();
          return new Figure(
              "HttpMissInTurnBenchmark." + method,
              result.getParams().getParam("keys"),
              1,
              sorted[sorted.length / 2],
              Double.NaN,
              Double.NaN,
              Double.NaN,
              Double.NaN);
        });
  }

  private static DoubleStream iterations(
      RunResult result, ToDoubleFunction<IterationResult> value) {
    return result.getBenchmarkResults().stream()
        .map(fork -> fork.getIterationResults())
        .flatMap(Collection::stream)
        .mapToDouble(value);
  }

  private static double percentile(RunResult result, double percent) {
    return result.getParams().getMode() == Mode.SampleTime
        ? result.getPrimaryResult().getStatistics().getPercentile(percent)
        : Double.NaN;
  }

  private static double time(IterationResult iteration) {
    Result<?> cpuTime = iteration.getSecondaryResults().get(CpuTime.LABEL);
    return (cpuTime == null ? iteration.getPrimaryResult() : cpuTime).getScore();
  }

  private static double secondary(Result<?> result) {
    return result == null ? Double.NaN : result.getScore();
  }
}
