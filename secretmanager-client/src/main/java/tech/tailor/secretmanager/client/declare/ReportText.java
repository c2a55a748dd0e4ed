package tech.tailor.secretmanager.client.declare;

import java.util.Locale;

/** How plans and reports write what they are made of. */
final class ReportText {

  private ReportText() {}

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
    return symbol(constant).replace('_', ' ');
  }

  /** How a constant is written in JSON: {@code not_tried}. */
  static String symbol(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Whether a character neither breaks a line nor hides a part of it. */
  static boolean isVisible(int c) {
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
