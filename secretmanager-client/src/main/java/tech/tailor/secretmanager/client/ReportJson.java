package tech.tailor.secretmanager.client;

import java.util.List;
import java.util.Locale;

/** Writes the JSON of plans and reports, which hold no values. Not thread-safe. */
final class ReportJson {

  private final StringBuilder json = new StringBuilder();

  /** Begins an object, as an element of the array that is open. */
  ReportJson beginObject() {
    separate();
    json.append('{');
    return this;
  }

  ReportJson endObject() {
    json.append('}');
    return this;
  }

  ReportJson text(String key, String value) {
    key(key);
    quote(value);
    return this;
  }

  ReportJson number(String key, long value) {
    key(key);
    json.append(value);
    return this;
  }

  ReportJson truth(String key, boolean value) {
    key(key);
    json.append(value);
    return this;
  }

  ReportJson texts(String key, List<String> values) {
    beginArray(key);
    values.forEach(value -> {
      separate();
      quote(value);
    });
    return endArray();
  }

  ReportJson beginArray(String key) {
    key(key);
    json.append('[');
    return this;
  }

  ReportJson endArray() {
    json.append(']');
    return this;
  }

  /** What was written. */
  @Override
  public String toString() {
    return json.toString();
  }

  /**
   * One line of text: whatever breaks a line, or hides a part of it, is replaced by a question
   * mark.
   */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints().forEach(c -> line.appendCodePoint(isVisible(c) ? c : '?'));
    return line.toString();
  }

  /** How a constant is written in a report: {@code not tried}. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** How a constant is written in JSON: {@code not_tried}. */
  static String symbol(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void key(String key) {
    separate();
    quote(key);
    json.append(':');
  }

  private void separate() {
    int length = json.length();
    if (length > 0 && "{[:".indexOf(json.charAt(length - 1)) < 0) {
      json.append(',');
    }
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7f) {
        json.append(c);
      } else {
        json.append(String.format("\\u%04x", (int) c)); // ASCII, so that no encoding spoils it
      }
    }
    json.append('"');
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
