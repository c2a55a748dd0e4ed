package tech.tailor.secretmanager.benchmarks;

import java.util.List;
import java.util.Optional;

/** All that was measured in one run. */
final class Figures {

  private final List<Figure> all;

  Figures(List<Figure> all) {
    this.all = List.copyOf(all);
  }

  boolean has(String benchmarkClass) {
    return all.stream().anyMatch(figure -> figure.benchmark().startsWith(benchmarkClass + "."));
  }

  Figure get(String benchmark, Enum<?> condition, int threads) {
    Optional<Figure> figure = all.stream()
        .filter(each -> each.benchmark().equals(benchmark)
            && each.condition().equals(condition.name())
            && each.threads() == threads)
        .findAny();
    return figure.orElseThrow(() -> new IllegalStateException(
        "Not measured: " + benchmark + " " + condition + " with " + threads + " threads"));
  }

  /** How many times as long the first takes as the second, under one condition. */
  double ratio(String benchmark, String baseline, Enum<?> condition, int threads) {
    return get(benchmark, condition, threads).time()
        / get(baseline, condition, threads).time();
  }

  /** How many times as long it takes with two threads as with one. */
  double scaling(String benchmark, Enum<?> condition) {
    return get(benchmark, condition, 2).time() / get(benchmark, condition, 1).time();
  }
}
