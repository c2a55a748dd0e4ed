package tech.tailor.secretmanager.client.declare;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Writes JSON: of maps, lists, texts, numbers, truth values and null. */
final class Json {

  private final StringBuilder json = new StringBuilder();
  private final String indent;
  private final String colon;
  private final IntPredicate plain;

  private Json(String indent, String colon, IntPredicate plain) {
    this.indent = indent;
    this.colon = colon;
    this.plain = plain;
  }

  /** A document for people to read: indented, texts as {@link #quoted}, a line feed at the end. */
  static String indented(Map<String, ?> object) {
    Json writer = new Json("  ", ": ", Json::isPlain);
    writer.write(object, "\n");
    return writer.json.append('\n').toString();
  }

  /** A document for programs: one line, in ASCII, so that no encoding spoils it. */
  static String compact(Map<String, ?> object) {
    Json writer = new Json("", ":", c -> c >= ' ' && c < 0x7f);
    writer.write(object, "");
    return writer.json.toString();
  }

  /**
   * The text as a string of JSON, and of JavaScript as well. Beside what both demand, that escapes
   * whatever an editor doesn't show, or shows in another order, and unpaired surrogates.
   */
  static String quoted(String text) {
    return quoted(text, Json::isPlain);
  }

  private static String quoted(String text, IntPredicate plain) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (plain.test(c)) {
            quoted.appendCodePoint(c);
          } else {
            for (char unit : Character.toChars(c)) {
              quoted.append(String.format("\\u%04x", (int) unit));
            }
          }
        }
      }
    });
    return quoted.append('"').toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE -> false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** Writes a value; each of its parts on a line of its own if a line break is given. */
  private void write(@Nullable Object value, String lineBreak) {
    if (value instanceof Map<?, ?> object) {
      write('{', object.entrySet(), '}', lineBreak);
    } else if (value instanceof Map.Entry<?, ?> member) {
      json.append(quoted(member.getKey().toString(), plain)).append(colon);
      write(member.getValue(), lineBreak);
    } else if (value instanceof List<?> array) {
      write('[', array, ']', lineBreak);
    } else if (value instanceof String text) {
      json.append(quoted(text, plain));
    } else {
      json.append(value);
    }
  }

  private void write(char begin, Collection<?> parts, char end, String lineBreak) {
    json.append(begin);
    String separator = "";
    for (Object part : parts) {
      json.append(separator).append(lineBreak).append(indent);
      write(part, lineBreak + indent);
      separator = ",";
    }
    json.append(parts.isEmpty() ? "" : lineBreak).append(end);
  }
}
