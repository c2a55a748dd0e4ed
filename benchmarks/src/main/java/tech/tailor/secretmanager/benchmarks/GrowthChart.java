package tech.tailor.secretmanager.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tech.tailor.secretmanager.benchmarks.Growth.Line;

/** A chart of lines over the number of secrets, both axes logarithmic. */
final class GrowthChart {

  private static final int LEFT = 76;
  private static final int TOP = 52;
  private static final int WIDTH = 470;
  private static final int HEIGHT = 300;
  private static final int LEGEND = LEFT + WIDTH + 24;
  private static final int LEGEND_STEP = 26;

  private final String operation;
  private final List<Line> lines;
  private final int lowest;
  private final int highest;
  private final Svg svg;

  GrowthChart(String operation, List<Line> lines) {
    this.operation = operation;
    this.lines = lines;
    List<Double> all = lines.stream().flatMap(line -> line.millis().stream()).toList();
    this.lowest = (int) Math.floor(Math.log10(all.stream().min(Double::compare).orElse(1.0)));
    this.highest = (int) Math.ceil(Math.log10(all.stream().max(Double::compare).orElse(10.0)));
    this.svg = new Svg(
        760,
        420,
        operation + ": milliseconds over the number of secrets",
        lines.stream().map(GrowthChart::described).collect(Collectors.joining("; ")));
  }

  String draw() {
    svg.add("<text class=\"b\" x=\"%d\" y=\"28\">%s</text>", LEFT, operation);
    addAxes();
    for (int i = 0; i < lines.size(); i++) {
      add(lines.get(i), TOP + 8 + LEGEND_STEP * i);
    }
    return svg.end();
  }

  private static String described(Line line) {
    return line.text() + ": "
        + line.millis().stream().map(Growth::digits).collect(Collectors.joining(", ")) + " ms";
  }

  private void addAxes() {
    for (int decade = lowest; decade <= highest; decade++) {
      double y = y(Math.pow(10, decade));
      svg.add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, LEFT + WIDTH);
      String value = decade < 0
          ? String.format(Locale.ROOT, "%." + -decade + "f", Math.pow(10, decade))
          : String.format(Locale.ROOT, "%,.0f", Math.pow(10, decade));
      svg.add("<text class=\"s e\" x=\"%d\" y=\"%.1f\">%s ms</text>", LEFT - 8, y + 4, value);
    }
    for (int i = 0; i < Growth.COUNTS.size(); i++) {
      svg.add("<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(i), TOP, TOP + HEIGHT);
      svg.add(
          "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%,d</text>",
          x(i), TOP + HEIGHT + 20, Growth.COUNTS.get(i));
    }
    svg.add(
        "<text class=\"s m\" x=\"%d\" y=\"%d\">secrets</text>",
        LEFT + WIDTH / 2, TOP + HEIGHT + 42);
  }

  private void add(Line line, int legend) {
    String looks = line.kind().name().toLowerCase(Locale.ROOT);
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < line.millis().size(); i++) {
      path.append(String.format(
          Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : "L", x(i), y(line.millis().get(i))));
    }
    String dashes = line.byHand() ? " hand" : "";
    svg.add("<path class=\"l %s%s\" d=\"%s\"/>", looks, dashes, path);
    for (int i = 0; i < line.millis().size(); i++) {
      double millis = line.millis().get(i);
      svg.add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", looks, x(i), y(millis));
    }
    svg.add("<path class=\"l %s%s\" d=\"M%d %dh28\"/>", looks, dashes, LEGEND, legend);
    svg.add("<text x=\"%d\" y=\"%d\">%s</text>", LEGEND + 36, legend + 4, line.text());
  }

  private static double x(int index) {
    return LEFT + (double) WIDTH * index / (Growth.COUNTS.size() - 1);
  }

  private double y(double millis) {
    return TOP + HEIGHT * (highest - Math.log10(millis)) / (highest - lowest);
  }
}
