package tech.tailor.secretmanager.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tech.tailor.secretmanager.benchmarks.Growth.Line;

/**
 * A chart of lines over the number of secrets, both axes logarithmic, as SVG that follows the
 * reader's light or dark colours.
 */
final class GrowthChart {

  private static final int LEFT = 76;
  private static final int TOP = 52;
  private static final int WIDTH = 470;
  private static final int HEIGHT = 300;
  private static final int LEGEND = LEFT + WIDTH + 24;
  private static final int LEGEND_STEP = 26;

  /** The looks of the other images of the documents. */
  private static final String STYLE = """
      :root{--fg:#1f2937;--muted:#6b7280;--line:#d1d5db;--bg:#ffffff;--memory:#7c3aed;--file:#d97706;--postgresql:#2563eb;--etcd:#16a34a}
      @media (prefers-color-scheme:dark){:root{--fg:#e5e7eb;--muted:#9ca3af;--line:#374151;--bg:#111827;--memory:#a78bfa;--file:#fbbf24;--postgresql:#60a5fa;--etcd:#4ade80}}
      text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--fg)}
      .b{font-weight:600;font-size:15px}.s{font-size:12px;fill:var(--muted)}.m{text-anchor:middle}.e{text-anchor:end}
      .bg{fill:var(--bg)}.grid{stroke:var(--line)}.l{fill:none;stroke-width:2}.hand{stroke-dasharray:5 4}
      .memory{stroke:var(--memory)}.file{stroke:var(--file)}.postgresql{stroke:var(--postgresql)}.etcd{stroke:var(--etcd)}
      circle{fill:var(--bg);stroke-width:2}
      """;

  private final String operation;
  private final List<Line> lines;
  private final int lowest;
  private final int highest;
  private final StringBuilder svg = new StringBuilder();

  GrowthChart(String operation, List<Line> lines) {
    this.operation = operation;
    this.lines = lines;
    List<Double> all = lines.stream().flatMap(line -> line.millis().stream()).toList();
    this.lowest = (int) Math.floor(Math.log10(all.stream().min(Double::compare).orElse(1.0)));
    this.highest = (int) Math.ceil(Math.log10(all.stream().max(Double::compare).orElse(10.0)));
  }

  String draw() {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 420\" width=\"760\""
        + " height=\"420\" role=\"img\" aria-labelledby=\"t d\">");
    add("<title id=\"t\">%s: milliseconds over the number of secrets</title>", operation);
    add(
        "<desc id=\"d\">%s</desc>",
        lines.stream().map(GrowthChart::described).collect(Collectors.joining("; ")));
    svg.append("<style>\n").append(STYLE).append("</style>\n");
    add("<rect class=\"bg\" width=\"760\" height=\"420\" rx=\"8\"/>");
    add("<text class=\"b\" x=\"%d\" y=\"28\">%s</text>", LEFT, operation);
    addAxes();
    for (int i = 0; i < lines.size(); i++) {
      add(lines.get(i), TOP + 8 + LEGEND_STEP * i);
    }
    add("</svg>");
    return svg.toString();
  }

  private static String described(Line line) {
    return line.text() + ": "
        + line.millis().stream().map(Growth::digits).collect(Collectors.joining(", ")) + " ms";
  }

  private void addAxes() {
    for (int decade = lowest; decade <= highest; decade++) {
      double y = y(Math.pow(10, decade));
      add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, LEFT + WIDTH);
      String value = decade < 0
          ? String.format(Locale.ROOT, "%." + -decade + "f", Math.pow(10, decade))
          : String.format(Locale.ROOT, "%,.0f", Math.pow(10, decade));
      add("<text class=\"s e\" x=\"%d\" y=\"%.1f\">%s ms</text>", LEFT - 8, y + 4, value);
    }
    for (int i = 0; i < Growth.COUNTS.size(); i++) {
      add("<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x(i), TOP, TOP + HEIGHT);
      add(
          "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%,d</text>",
          x(i), TOP + HEIGHT + 20, Growth.COUNTS.get(i));
    }
    add(
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
    add("<path class=\"l %s%s\" d=\"%s\"/>", looks, dashes, path);
    for (int i = 0; i < line.millis().size(); i++) {
      double millis = line.millis().get(i);
      add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", looks, x(i), y(millis));
    }
    add("<path class=\"l %s%s\" d=\"M%d %dh28\"/>", looks, dashes, LEGEND, legend);
    add("<text x=\"%d\" y=\"%d\">%s</text>", LEGEND + 36, legend + 4, line.text());
  }

  private static double x(int index) {
    return LEFT + (double) WIDTH * index / (Growth.COUNTS.size() - 1);
  }

  private double y(double millis) {
    return TOP + HEIGHT * (highest - Math.log10(millis)) / (highest - lowest);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
