package tech.tailor.secretmanager.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * Measures how the cost of each operation grows with the number of secrets, in one run and one JVM,
 * and prints tables and draws charts. They show orders of magnitude; for exact ratios there is
 * {@link Report}.
 *
 * <p>System properties: {@code benchmarks.charts} (the directory of the charts; without it there
 * are none), {@code benchmarks.warmups}, {@code benchmarks.iterations} and
 * {@code benchmarks.milliseconds} (of one iteration).
 */
public final class Growth {

  static final List<Integer> COUNTS = List.of(10, 100, 1_000, 10_000, 100_000);

  private static final List<String> OPERATIONS = List.of("open", "read", "update", "list", "plan");
  private static final int WARMUPS = Integer.getInteger("benchmarks.warmups", 3);
  private static final int ITERATIONS = Integer.getInteger("benchmarks.iterations", 5);
  private static final int MILLISECONDS = Integer.getInteger("benchmarks.milliseconds", 1_000);

  /**
   * One line of a chart.
   *
   * @param byHand whether it is what the same costs by hand
   * @param millis of one operation, in the fastest iteration, for as many of the counts as there
   *     are
   */
  record Line(GrowthStores.Kind kind, boolean byHand, List<Double> millis) {

    String text() {
      return kind.text() + (byHand ? ", by hand" : "");
    }
  }

  /** What one operation costs. */
  private record Measured(GrowthStores.Kind kind, int count, String method, double millis) {}

  private Growth() {}

  public static void main(String[] args) throws Exception {
    List<Measured> all = new ArrayList<>();
    for (GrowthStores.Kind kind : GrowthStores.Kind.values()) {
      if (kind == GrowthStores.Kind.ETCD && !Tools.has("etcd")) {
        System.out.println("SKIPPED: etcd: needs etcd, such as Debian's package etcd-server");
        continue;
      }
      measure(kind, COUNTS.get(0)); // or the first sizes would pay for what is compiled
      GrowthStores.end(); // it was changed
      for (int count : COUNTS) {
        if (count <= kind.most()) {
          System.out.printf(Locale.ROOT, "Measuring %s, %,d secrets%n", kind.text(), count);
          measure(kind, count).forEach(result -> all.add(measured(kind, count, result)));
        }
      }
    }
    GrowthStores.end();
    System.out.printf(
        "%nJDK %s, %d cores; warm-ups: %d, iterations: %d of %d ms; milliseconds that passed in the"
            + " fastest%n%n",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        WARMUPS,
        ITERATIONS,
        MILLISECONDS);
    Optional<Path> charts =
        Optional.ofNullable(System.getProperty("benchmarks.charts")).map(Path::of);
    for (String operation : OPERATIONS) {
      List<Line> lines = lines(all, operation);
      print(operation, lines);
      if (charts.isPresent()) {
        draw(charts.get(), operation, lines);
      }
    }
  }

  /** In this JVM, for the store is shared between the benchmarks. */
  private static Collection<RunResult> measure(GrowthStores.Kind kind, int count)
      throws RunnerException {
    TimeValue time = TimeValue.milliseconds(MILLISECONDS);
    String methods = kind.methods().stream().collect(Collectors.joining("|", "\\.(", ")$"));
    return new Runner(new OptionsBuilder()
            .include(GrowthBenchmark.class.getName() + methods)
            .param("kind", kind.name())
            .param("count", String.valueOf(count))
            .warmupIterations(WARMUPS)
            .warmupTime(time)
            .measurementIterations(ITERATIONS)
            .measurementTime(time)
            .forks(0)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build())
        .run();
  }

  private static Measured measured(GrowthStores.Kind kind, int count, RunResult result) {
    Figure figure = Figure.of(result);
    String method = figure.benchmark().substring(figure.benchmark().indexOf('.') + 1);
    return new Measured(kind, count, method, figure.time() / 1e6);
  }

  private static List<Line> lines(List<Measured> all, String operation) {
    List<Line> lines = new ArrayList<>();
    for (GrowthStores.Kind kind : GrowthStores.Kind.values()) {
      for (boolean byHand : List.of(false, true)) {
        String method = operation + (byHand ? "ByHand" : "");
        List<Double> millis = all.stream()
            .filter(each -> each.kind == kind && each.method.equals(method))
            .map(Measured::millis)
            .toList();
        if (!millis.isEmpty()) {
          lines.add(new Line(kind, byHand, millis));
        }
      }
    }
    return lines;
  }

  private static void print(String operation, List<Line> lines) {
    StringBuilder table = new StringBuilder("| " + operation + ", ms |");
    COUNTS.forEach(count -> table.append(String.format(Locale.ROOT, " %,d |", count)));
    table.append("\n|---|").append("---|".repeat(COUNTS.size())).append('\n');
    for (Line line : lines) {
      table.append("| ").append(line.text()).append(" |");
      for (int i = 0; i < COUNTS.size(); i++) {
        table.append(i < line.millis.size() ? " " + digits(line.millis.get(i)) + " |" : " |");
      }
      table.append('\n');
    }
    System.out.println(table);
  }

  /** Two digits that count. */
  static String digits(double millis) {
    int places = Math.max(0, 1 - (int) Math.floor(Math.log10(millis)));
    return String.format(Locale.ROOT, "%,." + places + "f", millis);
  }

  private static void draw(Path directory, String operation, List<Line> lines) throws IOException {
    Files.writeString(
        directory.resolve("growth-" + operation + ".svg"),
        new GrowthChart(operation, lines).draw());
  }
}
