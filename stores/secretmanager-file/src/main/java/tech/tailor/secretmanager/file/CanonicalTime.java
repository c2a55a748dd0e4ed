package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

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
  static Instant parse(byte[] text, int from, int to) {
    if (!hasForm(text, from, to)) {
      String other = new String(text, from, to - from, ISO_8859_1);
      Instant time = ANY.parse(other, Instant::from);
      if (!ANY.format(time).equals(other)) {
        throw new DateTimeException("another form");
      }
      return time;
    }
    LocalDateTime time = LocalDateTime.of(
        number(text, from, 4),
        number(text, from + 5, 2),
        number(text, from + 8, 2),
        number(text, from + 11, 2),
        number(text, from + 14, 2),
        number(text, from + 17, 2),
        number(text, from + MILLIS_AT, 3) * NANOS_PER_MILLI);
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

  private static boolean hasForm(byte[] text, int from, int to) {
    if (to - from != FORM.length()) {
      return false;
    }
    for (int at = 0; at < FORM.length(); at++) {
      char expected = FORM.charAt(at);
      byte found = text[from + at];
      if (expected == '0' ? found < '0' || found > '9' : found != expected) {
        return false;
      }
    }
    return true;
  }

  private static int number(byte[] text, int from, int digits) {
    int number = 0;
    for (int at = from; at < from + digits; at++) {
      number = number * 10 + text[at] - '0';
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
