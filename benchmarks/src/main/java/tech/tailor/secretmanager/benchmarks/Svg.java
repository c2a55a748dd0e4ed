package tech.tailor.secretmanager.benchmarks;

import java.util.Locale;

/**
 * A chart as SVG that follows the reader's light or dark colours, with the looks of the other
 * images of the documents.
 */
final class Svg {

  private static final String STYLE = """
      :root{--fg:#1f2937;--muted:#6b7280;--line:#d1d5db;--bg:#ffffff;--memory:#7c3aed;--file:#d97706;--postgresql:#2563eb;--etcd:#16a34a}
      @media (prefers-color-scheme:dark){:root{--fg:#e5e7eb;--muted:#9ca3af;--line:#374151;--bg:#111827;--memory:#a78bfa;--file:#fbbf24;--postgresql:#60a5fa;--etcd:#4ade80}}
      text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--fg)}
      .b{font-weight:600;font-size:15px}.s{font-size:12px;fill:var(--muted)}.m{text-anchor:middle}.e{text-anchor:end}
      .bg{fill:var(--bg)}.grid{stroke:var(--line)}.l{fill:none;stroke-width:2}.hand{stroke-dasharray:5 4}
      .memory{stroke:var(--memory)}.file{stroke:var(--file)}.postgresql{stroke:var(--postgresql)}.etcd{stroke:var(--etcd)}
      circle{fill:var(--bg);stroke-width:2}.ours{fill:var(--postgresql)}.other{fill:var(--line)}.one{stroke:var(--fg);stroke-width:1.5}
      """;

  private final StringBuilder svg = new StringBuilder();

  /**
   * Begins an image.
   *
   * @param title what a screen reader says of it
   * @param description all that it shows, as text
   */
  Svg(int width, int height, String title, String description) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " height=\"%d\" role=\"img\" aria-labelledby=\"t d\">",
        width, height, width, height);
    add("<title id=\"t\">%s</title>", title);
    add("<desc id=\"d\">%s</desc>", description);
    svg.append("<style>\n").append(STYLE).append("</style>\n");
    add("<rect class=\"bg\" width=\"%d\" height=\"%d\" rx=\"8\"/>", width, height);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  /** Ends the image. */
  String end() {
    return svg + "</svg>\n";
  }
}
