package tech.tailor.secretmanager.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * Measures everything in one run, and prints the ratios, the targets, and whether they are met.
 *
 * <p>System properties: {@code benchmarks.include} (a regular expression on the classes' names),
 * {@code benchmarks.forks}, {@code benchmarks.warmups}, {@code benchmarks.iterations} and
 * {@code benchmarks.milliseconds} (of one iteration), and {@code benchmarks.charts} (the directory
 * of the charts, of which one is drawn if all that it shows was measured; without it there are
 * none). The herd has its own count of iterations.
 */
public final class Report {

  private static final Pattern INCLUDE =
      Pattern.compile(System.getProperty("benchmarks.include", ".*"));
  private static final int FORKS = Integer.getInteger("benchmarks.forks", 1);
  private static final int WARMUPS = Integer.getInteger("benchmarks.warmups", 3);
  private static final int ITERATIONS = Integer.getInteger("benchmarks.iterations", 5);
  private static final int MILLISECONDS = Integer.getInteger("benchmarks.milliseconds", 1_000);

  private Report() {}

  public static void main(String[] args) throws RunnerException, IOException {
    List<Figure> figures = new ArrayList<>();
    figures.addAll(measure(CachedReadBenchmark.class, 1, Keys.Choice.values()));
    figures.addAll(measure(CachedReadBenchmark.class, 2, Keys.Choice.values()));
    figures.addAll(measure(BatchBenchmark.class, 1, Keys.Choice.MANY));
    figures.addAll(measure(MissBenchmark.class, 1, Keys.Choice.MANY));
    figures.addAll(measureHerd());
    figures.addAll(measureProcess(HttpMissBenchmark.class));
    figures.addAll(measureInTurn());
    figures.addAll(measureProcess(FileBenchmark.class));
    figures.addAll(measurePassedTime(PostgresBenchmark.class));
    if (Tools.has("etcd")) {
      figures.addAll(measurePassedTime(EtcdBenchmark.class));
    } else {
      System.out.println(
          "SKIPPED: EtcdBenchmark: needs etcd, such as Debian's package etcd-server");
    }
    System.out.printf(
        "%nJDK %s, %d cores; forks: %d, warm-ups: %d, iterations: %d of %d ms, CPU time of the fastest%n%n",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        FORKS,
        WARMUPS,
        ITERATIONS,
        MILLISECONDS);
    Figures all = new Figures(figures);
    new Tables(all, System.out).print();
    String charts = System.getProperty("benchmarks.charts");
    if (charts != null) {
      write(Path.of(charts, "ratios-cached.svg"), RatioChart.ofCachedReads(all));
      write(Path.of(charts, "ratios-stores.svg"), RatioChart.ofStores(all));
    }
  }

  private static void write(Path file, Optional<String> chart) throws IOException {
    if (chart.isPresent()) {
      Files.writeString(file, chart.get());
    }
  }

  private static List<Figure> measure(Class<?> benchmarks, int threads, Keys.Choice... keys)
      throws RunnerException {
    String[] choices = List.of(keys).stream().map(Enum::name).toArray(String[]::new);
    TimeValue time = TimeValue.milliseconds(MILLISECONDS);
    return run(
        benchmarks,
        threads,
        new OptionsBuilder()
            .threads(threads)
            .param("keys", choices)
            .warmupIterations(WARMUPS)
            .warmupTime(time)
            .measurementIterations(ITERATIONS)
            .measurementTime(time)
            .addProfiler(GCProfiler.class)
            .addProfiler(CpuTime.class));
  }

  /**
   * A commit is done by a thread of its own, and so is a load; the CPU time of the worker would not
   * tell of them. All this has much to be compiled, and is warmed up longer; where the compiler's
   * threads can't be told apart their time is in it.
   */
  private static List<Figure> measureProcess(Class<?> benchmarks) throws RunnerException {
    TimeValue time = TimeValue.milliseconds(MILLISECONDS);
    return run(
        benchmarks,
        1,
        new OptionsBuilder()
            .param("keys", Keys.Choice.MANY.name())
            .warmupIterations(4 * WARMUPS)
            .warmupTime(time)
            .measurementIterations(ITERATIONS)
            .measurementTime(time)
            .addProfiler(GCProfiler.class)
            .addProfiler(ProcessCpuTime.class));
  }

  /** Another process does most of it. */
  private static List<Figure> measurePassedTime(Class<?> benchmarks) throws RunnerException {
    TimeValue time = TimeValue.milliseconds(MILLISECONDS);
    return run(
        benchmarks,
        1,
        new OptionsBuilder()
            .param("keys", Keys.Choice.MANY.name())
            .warmupIterations(4 * WARMUPS)
            .warmupTime(time)
            .measurementIterations(ITERATIONS)
            .measurementTime(time));
  }

  private static List<Figure> measureHerd() throws RunnerException {
    return run(HerdBenchmark.class, 1, new OptionsBuilder());
  }

  private static List<Figure> measureInTurn() throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options.param("keys", Keys.Choice.MANY.name());
    return results(HttpMissInTurnBenchmark.class, 1, options).stream()
        .flatMap(Figure::inTurn)
        .toList();
  }

  private static List<Figure> run(Class<?> benchmarks, int threads, ChainedOptionsBuilder options)
      throws RunnerException {
    return results(benchmarks, threads, options).stream().map(Figure::of).toList();
  }

  private static Collection<RunResult> results(
      Class<?> benchmarks, int threads, ChainedOptionsBuilder options) throws RunnerException {
    if (!INCLUDE.matcher(benchmarks.getSimpleName()).find()) {
      return List.of();
    }
    System.out.println("Measuring " + benchmarks.getSimpleName() + ", threads: " + threads);
    return new Runner(options
            .include(Pattern.quote(benchmarks.getName()) + "\\.")
            .forks(FORKS)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build())
        .run();
  }
}
