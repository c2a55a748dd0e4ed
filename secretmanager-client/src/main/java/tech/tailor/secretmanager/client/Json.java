package tech.tailor.secretmanager.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON for people to read: indented, everything that is no plain text escaped. */
final class Json {

  private Json() {}

  /** The document, ending with a line feed. */
  static String text(Map<String, ?> object) {
    StringBuilder text = new StringBuilder();
    write(object, "\n", text);
    return text.append('\n').toString();
  }

  /**
   * The text as a string of JSON, and of JavaScript as well. Beside what both demand, that escapes
   * whatever an editor doesn't show, or shows in another order, and unpaired surrogates.
   */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (isPlain(c)) {
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
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE -> false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  private static void write(@Nullable Object value, String lineBreak, StringBuilder text) {
    if (value instanceof Map<?, ?> object) {
      String separator = "{";
      for (Map.Entry<?, ?> member : object.entrySet()) {
        text.append(separator).append(lineBreak).append("  ");
        text.append(quoted(member.getKey().toString())).append(": ");
        write(member.getValue(), lineBreak + "  ", text);
        separator = ",";
      }
      text.append(object.isEmpty() ? "{}" : lineBreak + "}");
    } else if (value instanceof String string) {
      text.append(quoted(string));
    } else {
      text.append(value);
    }
  }
}
