package tech.tailor.secretmanager.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A chart of bars: how many times as long something takes as what it is held against. */
final class RatioChart {

  private static final int WIDTH = 760;
  private static final int LEFT = 310;
  private static final int RIGHT = 60;
  private static final int TOP = 48;
  private static final int STEP = 26;
  private static final int BAR = 16;

  private static final List<String> STORES =
      List.of("HttpMissInTurnBenchmark", "FileBenchmark", "PostgresBenchmark", "EtcdBenchmark");

  /** What stands in a chart: a bar, or with a ratio of 0 the heading of those that follow. */
  private record Bar(String label, double ratio, boolean isOurs) {}

  private final String title;
  private final List<Bar> bars = new ArrayList<>();

  private RatioChart(String title) {
    this.title = title;
  }

  /** The cached reads, if they were measured. */
  static Optional<String> ofCachedReads(Figures figures) {
    if (!figures.has("CachedReadBenchmark") || !figures.has("BatchBenchmark")) {
      return Optional.empty();
    }
    RatioChart chart = new RatioChart("Reading what is cached: CPU time, a naive safe cache = 1");
    String reads = "CachedReadBenchmark.";
    String baseline = reads + "caffeineAndCopy";
    chart.heading("One value");
    chart.other("a plain map, nothing copied", figures, reads + "plainMap", baseline);
    chart.other("Caffeine, and a copy for the reader", figures, baseline, baseline);
    chart.ours("getSecret", figures, reads + "getSecret", baseline);
    chart.ours("withSecret", figures, reads + "withSecret", baseline);
    chart.other("AWS caching client", figures, reads + "aws", baseline);
    String batches = "BatchBenchmark.";
    baseline = batches + "caffeineAndCopy";
    chart.heading("Ten values");
    chart.other("Caffeine, and ten copies", figures, baseline, baseline);
    chart.ours("getSecrets", figures, batches + "getSecrets", baseline);
    chart.other("AWS caching client, ten times", figures, batches + "aws", baseline);
    return Optional.of(chart.draw());
  }

  /** The stores, if all of them were measured. */
  static Optional<String> ofStores(Figures figures) {
    if (!STORES.stream().allMatch(figures::has)) {
      return Optional.empty();
    }
    RatioChart chart = new RatioChart("An operation of a store: the same by hand = 1");
    String http = "HttpMissInTurnBenchmark.";
    chart.heading("Tailor Platform, CPU time; by hand OkHttp, Jackson and Tink");
    chart.ours("read one", figures, http + "fetch", http + "okHttpJacksonAndTink");
    String file = "FileBenchmark.";
    chart.heading("File of 10,000, CPU time; by hand Jackson, Tink and the same syncs");
    chart.ours("open", figures, file + "open", file + "openByHand");
    chart.ours("read one", figures, file + "read", file + "lookAndReadByHand");
    chart.ours("update one", figures, file + "update", file + "updateByHand");
    String postgresql = "PostgresBenchmark.";
    chart.heading("PostgreSQL, time that passed; by hand plain JDBC, nothing sealed");
    chart.ours("read one", figures, postgresql + "fetch", postgresql + "select");
    chart.ours("read ten", figures, postgresql + "fetchTen", postgresql + "selectTen");
    chart.ours(
        "update one, on disk",
        figures,
        postgresql + "updateOnDisk",
        postgresql + "updateRowOnDisk");
    String etcd = "EtcdBenchmark.";
    chart.heading("etcd, time that passed; by hand jetcd, nothing sealed");
    chart.ours("read one", figures, etcd + "fetch", etcd + "get");
    chart.ours("read ten", figures, etcd + "fetchTen", etcd + "getTen");
    chart.ours("update one", figures, etcd + "update", etcd + "getAndCompareAndPut");
    return Optional.of(chart.draw());
  }

  private void heading(String text) {
    bars.add(new Bar(text, 0, false));
  }

  private void ours(String label, Figures figures, String benchmark, String baseline) {
    bars.add(new Bar(label, figures.ratio(benchmark, baseline, Keys.Choice.MANY, 1), true));
  }

  private void other(String label, Figures figures, String benchmark, String baseline) {
    bars.add(new Bar(label, figures.ratio(benchmark, baseline, Keys.Choice.MANY, 1), false));
  }

  private String draw() {
    int height = TOP + STEP * bars.size() + 12;
    double most = bars.stream().mapToDouble(Bar::ratio).max().orElseThrow();
    double scale = (WIDTH - LEFT - RIGHT) / Math.max(most, 1);
    String description = bars.stream()
        .map(bar -> bar.ratio == 0
            ? bar.label
            : String.format(Locale.ROOT, "%s: %.2f", bar.label, bar.ratio))
        .collect(Collectors.joining("; "));
    Svg svg = new Svg(WIDTH, height, title, description);
    svg.add("<text class=\"b\" x=\"16\" y=\"28\">%s</text>", title);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      int y = TOP + STEP * i;
      if (bar.ratio == 0) {
        svg.add("<text class=\"s\" x=\"16\" y=\"%d\">%s</text>", y + 17, bar.label);
        continue;
      }
      double width = bar.ratio * scale;
      double end = bar.ratio > 0.5 ? Math.max(width, scale) : width; // not across the line at 1
      svg.add("<text class=\"e\" x=\"%d\" y=\"%d\">%s</text>", LEFT - 10, y + 17, bar.label);
      svg.add(
          "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
          bar.isOurs ? "ours" : "other", LEFT, y + 5, width, BAR);
      svg.add(
          "<text class=\"s\" x=\"%.1f\" y=\"%d\">%.2f</text>", LEFT + end + 6, y + 17, bar.ratio);
    }
    double one = LEFT + scale;
    svg.add("<path class=\"one\" d=\"M%.1f %dV%d\"/>", one, TOP, height - 8);
    return svg.end();
  }
}
