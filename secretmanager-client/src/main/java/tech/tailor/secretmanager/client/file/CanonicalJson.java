package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;
import java.util.stream.IntStream;

/**
 * Writes JSON in exactly one way: two spaces a level, one member or element a line, {@code "name":
 * value}, {@code []} for an empty array. It is what {@code JSON.stringify(document, null, 2)}
 * writes, with all that is not printable ASCII escaped as {@code \\u0000}. Only {@link #freeText}
 * needs an escape; the other texts are names of a grammar, hex, base64, timestamps.
 */
final class CanonicalJson {

  /** A line's beginning, by depth. */
  private static final String[] LINES =
      IntStream.range(0, 12).mapToObj(depth -> "\n" + "  ".repeat(depth)).toArray(String[]::new);

  private final StringBuilder text = new StringBuilder(1024);
  private int depth;
  private boolean empty;

  /** Begins the document, or an element of an array. */
  CanonicalJson beginObject() {
    if (depth > 0) {
      nextLine();
    }
    return begin('{');
  }

  CanonicalJson endObject() {
    return end('}');
  }

  CanonicalJson beginObject(String name) {
    return name(name).begin('{');
  }

  CanonicalJson beginArray(String name) {
    return name(name).begin('[');
  }

  CanonicalJson endArray() {
    return end(']');
  }

  CanonicalJson member(String name, String value) {
    name(name).text.append('"').append(value).append('"');
    return this;
  }

  /** A text of any characters but control characters. */
  CanonicalJson freeText(String name, String value) {
    name(name).text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c >= ' ' && c <= '~') {
        text.append(c);
      } else {
        text.append("\\u").append(HexFormat.of().toHexDigits(c));
      }
    }
    text.append('"');
    return this;
  }

  CanonicalJson member(String name, long value) {
    name(name).text.append(value);
    return this;
  }

  /** Begins a member whose value is a text that somebody else writes, up to its opening quote. */
  CanonicalJson openText(String name) {
    name(name).text.append('"');
    return this;
  }

  byte[] toBytes() {
    return text.toString().getBytes(US_ASCII);
  }

  private CanonicalJson name(String name) {
    nextLine();
    text.append('"').append(name).append("\": ");
    return this;
  }

  private CanonicalJson begin(char bracket) {
    text.append(bracket);
    depth++;
    empty = true;
    return this;
  }

  private CanonicalJson end(char bracket) {
    depth--;
    if (!empty) {
      text.append(LINES[depth]);
    }
    text.append(bracket);
    empty = false;
    return this;
  }

  private void nextLine() {
    if (!empty) {
      text.append(',');
    }
    text.append(LINES[depth]);
    empty = false;
  }
}
