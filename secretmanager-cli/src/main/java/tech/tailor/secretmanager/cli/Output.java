package tech.tailor.secretmanager.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * The one place that renders: data on standard output, as a table or as JSON; everything else on
 * standard error.
 */
final class Output {

  private final Io io;
  private final boolean json;

  Output(Io io, boolean json) {
    this.io = io;
    this.json = json;
  }

  /** Whether data is JSON. */
  boolean isJson() {
    return json;
  }

  /** Says that something was done. Not with JSON, which says it itself. */
  void done(String message, Map<String, @Nullable Object> object) {
    if (json) {
      json(object);
    } else {
      note("green", "✔", message);
    }
  }

  void info(String message) {
    note("cyan", "ℹ", message);
  }

  void warn(String message) {
    note("yellow", "⚠", message);
  }

  void fail(CliException failure) {
    if (json) {
      Map<String, @Nullable Object> error =
          Json.object("code", failure.code(), "message", failure.text());
      if (failure.suggestion() != null) {
        error.put("suggestion", failure.suggestion());
      }
      io.err().println(Json.write(Json.object("error", error)));
    } else {
      note("red", "✖", String.valueOf(failure.getMessage()));
    }
  }

  private void note(String colour, String sign, String message) {
    Ansi ansi = hasColour(io, io.terminal().isError()) ? Ansi.ON : Ansi.OFF;
    io.err().println(ansi.string("@|" + colour + " " + sign + "|@ ") + message);
  }

  /** Whether a stream gets colours: on a terminal that has them, unless {@code NO_COLOR} is set. */
  static boolean hasColour(Io io, boolean isTerminal) {
    return isTerminal
        && !io.isSet("NO_COLOR")
        && !"dumb".equals(io.environment().get("TERM"));
  }

  /** A line of data. */
  void line(String text) {
    io.out().println(text);
  }

  /** Data on one line, whatever was asked for. */
  void json(@Nullable Object value) {
    io.out().println(Json.write(value));
  }

  /** Rows under their names: a table, which prints nothing if there is no row, or a JSON array. */
  void rows(List<Map<String, @Nullable Object>> rows) {
    if (json) {
      json(rows);
      return;
    }
    if (rows.isEmpty()) {
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.copyOf(rows.get(0).keySet()));
    rows.forEach(row -> lines.add(row.values().stream().map(this::cell).toList()));
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    lines.forEach(line -> {
      for (int at = 0; at < columns; at++) {
        widths[at] = Math.max(widths[at], line.get(at).length());
      }
    });
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int at = 0; at < columns; at++) {
        String cell = line.get(at);
        text.append(cell).append(" ".repeat(widths[at] - cell.length() + 2));
      }
      io.out().println(text.toString().stripTrailing());
    }
  }

  private String cell(@Nullable Object value) {
    return value == null ? "-" : value instanceof Instant time ? ago(time) : value.toString();
  }

  /** How long ago, in the largest unit that fits; after 30 days, the day. */
  private String ago(Instant time) {
    Duration age = Duration.between(time, io.clock().instant());
    if (age.compareTo(Duration.ofMinutes(1)) < 0) {
      return "just now";
    } else if (age.compareTo(Duration.ofHours(1)) < 0) {
      return count(age.toMinutes(), "minute") + " ago";
    } else if (age.compareTo(Duration.ofDays(1)) < 0) {
      return count(age.toHours(), "hour") + " ago";
    } else if (age.compareTo(Duration.ofDays(30)) < 0) {
      return count(age.toDays(), "day") + " ago";
    }
    return Json.text(time).substring(0, 10);
  }

  /** A number and what it counts. */
  static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s");
  }
}
