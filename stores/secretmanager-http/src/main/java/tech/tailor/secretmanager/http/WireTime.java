package tech.tailor.secretmanager.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * A timestamp as proto3 JSON writes it, RFC 3339 in UTC with up to nine digits of a second, such as
 * {@code 2026-11-01T12:00:00.120Z}. That form is read digit by digit, since the JDK's formatter
 * takes longer than all the rest of an answer; any other goes to the formatter.
 */
final class WireTime {

  /** Where {@code 0} stands for any digit. */
  private static final String SECONDS = "0000-00-00T00:00:00";

  private static final int FRACTION_AT = SECONDS.length() + 1;
  private static final int FRACTION_DIGITS = 9;

  private WireTime() {}

  /** @throws DateTimeException if it is no time; its message quotes the text */
  static Instant parse(String text) {
    return hasForm(text) ? digits(text) : OffsetDateTime.parse(text).toInstant();
  }

  private static boolean hasForm(String text) {
    int last = text.length() - 1;
    if (last < SECONDS.length() || text.charAt(last) != 'Z') {
      return false;
    }
    for (int at = 0; at < SECONDS.length(); at++) {
      char expected = SECONDS.charAt(at);
      char found = text.charAt(at);
      if (expected == '0' ? !isDigit(found) : found != expected) {
        return false;
      }
    }
    if (last == SECONDS.length()) {
      return true;
    }
    int fraction = last - FRACTION_AT;
    return text.charAt(SECONDS.length()) == '.'
        && fraction >= 1
        && fraction <= FRACTION_DIGITS
        && areDigits(text, FRACTION_AT, last);
  }

  private static Instant digits(String text) {
    int nanos = 0;
    for (int at = FRACTION_AT; at < FRACTION_AT + FRACTION_DIGITS; at++) {
      nanos = nanos * 10 + (at < text.length() - 1 ? text.charAt(at) - '0' : 0);
    }
    return LocalDateTime.of(
            number(text, 0, 4),
            number(text, 5, 2),
            number(text, 8, 2),
            number(text, 11, 2),
            number(text, 14, 2),
            number(text, 17, 2),
            nanos)
        .toInstant(ZoneOffset.UTC);
  }

  private static int number(String text, int from, int digits) {
    int number = 0;
    for (int at = from; at < from + digits; at++) {
      number = number * 10 + text.charAt(at) - '0';
    }
    return number;
  }

  private static boolean areDigits(String text, int from, int to) {
    for (int at = from; at < to; at++) {
      if (!isDigit(text.charAt(at))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }
}
