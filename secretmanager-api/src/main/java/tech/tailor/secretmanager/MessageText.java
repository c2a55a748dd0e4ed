package tech.tailor.secretmanager;

import java.nio.file.Path;
import java.util.Collection;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * Names and texts from outside as messages show them: nothing in them breaks a line, hides a part
 * of it, or changes its direction. The only place that escapes text for messages.
 */
final class MessageText {

  /** One more than the longest name. */
  private static final int LONGEST_NAME = 64;

  private MessageText() {}

  /** See {@link SecretSupport#quote(String)}. */
  static String quote(String name) {
    int length = Math.min(name.length(), LONGEST_NAME);
    String shown =
        escape(name.substring(0, length), c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\');
    return "\"" + shown + (length < name.length() ? "…\"" : "\"");
  }

  /** The names, each quoted, between brackets. */
  static String quote(Collection<String> names) {
    return names.stream().map(MessageText::quote).collect(Collectors.joining(", ", "[", "]"));
  }

  /** See {@link SecretSupport#quote(Path)}. */
  static String quote(Path path) {
    return "\"" + escape(path.toString(), c -> isVisible(c) && c != '"') + "\"";
  }

  /** As {@link #oneLine}, but for the line feeds of a message that has several lines. */
  static String lines(String text) {
    return escape(text, c -> isVisible(c) || c == '\n');
  }

  /** See {@link SecretSupport#oneLine}. */
  static String oneLine(String text) {
    return escape(text, MessageText::isVisible);
  }

  /** Whether a code point neither breaks a line nor hides a part of it. */
  static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }

  private static String escape(String text, IntPredicate isPlain) {
    if (text.codePoints().allMatch(isPlain)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints().forEach(c -> {
      if (isPlain.test(c)) {
        escaped.appendCodePoint(c);
      } else {
        for (char unit : Character.toChars(c)) {
          escaped.append(String.format("\\u%04x", (int) unit));
        }
      }
    });
    return escaped.toString();
  }
}
