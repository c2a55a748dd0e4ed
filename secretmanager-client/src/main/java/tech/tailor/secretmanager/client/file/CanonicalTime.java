package tech.tailor.secretmanager.client.file;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/**
 * UTC with exactly three digits of a second, such as {@code 2026-11-01T12:00:00.120Z}. Times of
 * four-digit years, which are all that occur, are read and written digit by digit: a document has
 * tens of thousands, and the formatter would take most of the time of opening it.
 */
final class CanonicalTime {

  private static final DateTimeFormatter ANY =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  /** Where {@code 0} stands for any digit. */
  private static final String FORM = "0000-00-00T00:00:00.000Z";

  private static final int MILLIS_AT = 20;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private CanonicalTime() {}

  /**
   * The time of a text that {@link #format} writes.
   *
   * @throws DateTimeException if it is no time, or is written in another form
   */
  static Instant parse(String text) {
    if (!hasForm(text)) {
      Instant time = ANY.parse(text, Instant::from);
      if (!ANY.format(time).equals(text)) {
        throw new DateTimeException("another form");
      }
      return time;
    }
    LocalDateTime time = LocalDateTime.of(
        number(text, 0, 4),
        number(text, 5, 2),
        number(text, 8, 2),
        number(text, 11, 2),
        number(text, 14, 2),
        number(text, 17, 2),
        number(text, MILLIS_AT, 3) * NANOS_PER_MILLI);
    return time.toInstant(ZoneOffset.UTC);
  }

  static String format(Instant instant) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
    if (time.getYear() < 0 || time.getYear() > 9999) {
      return ANY.format(instant);
    }
    char[] text = FORM.toCharArray();
    put(time.getYear(), text, 0, 4);
    put(time.getMonthValue(), text, 5, 2);
    put(time.getDayOfMonth(), text, 8, 2);
    put(time.getHour(), text, 11, 2);
    put(time.getMinute(), text, 14, 2);
    put(time.getSecond(), text, 17, 2);
    put(time.getNano() / NANOS_PER_MILLI, text, MILLIS_AT, 3);
    return new String(text);
  }

  private static boolean hasForm(String text) {
    if (text.length() != FORM.length()) {
      return false;
    }
    for (int at = 0; at < FORM.length(); at++) {
      char expected = FORM.charAt(at);
      char found = text.charAt(at);
      if (expected == '0' ? found < '0' || found > '9' : found != expected) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int digits) {
    int number = 0;
    for (int at = from; at < from + digits; at++) {
      number = number * 10 + text.charAt(at) - '0';
    }
    return number;
  }

  private static void put(int number, char[] text, int from, int digits) {
    int left = number;
    for (int at = from + digits - 1; at >= from; at--) {
      text[at] = (char) ('0' + left % 10);
      left /= 10;
    }
  }
}
