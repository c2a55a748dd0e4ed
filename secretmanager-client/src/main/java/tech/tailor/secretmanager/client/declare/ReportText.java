package tech.tailor.secretmanager.client.declare;

import java.util.Locale;

/** How plans and reports write what they are made of. */
final class ReportText {

  private ReportText() {}

  /** How a constant is written in a report: {@code not tried}. */
  static String word(Enum<?> constant) {
    return symbol(constant).replace('_', ' ');
  }

  /** How a constant is written in JSON: {@code not_tried}. */
  static String symbol(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
