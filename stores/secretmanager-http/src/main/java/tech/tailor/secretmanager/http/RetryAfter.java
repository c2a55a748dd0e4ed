package tech.tailor.secretmanager.http;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Reads the header by which a server asks for a pause, whatever stands in it. */
final class RetryAfter {

  private static final int MAX_LENGTH = 40;

  private RetryAfter() {}

  /** The pause, at most {@link HttpLimits#RETRY_AFTER}; zero if the header says nothing of use. */
  static Duration parse(@Nullable String header, Clock clock) {
    if (header == null || header.length() > MAX_LENGTH) {
      return Duration.ZERO;
    }
    Duration asked = header.matches("[0-9]+") ? seconds(header) : until(header, clock);
    return asked.isNegative()
        ? Duration.ZERO
        : asked.compareTo(HttpLimits.RETRY_AFTER) > 0 ? HttpLimits.RETRY_AFTER : asked;
  }

  private static Duration seconds(String digits) {
    return digits.length() > 9
        ? HttpLimits.RETRY_AFTER
        : Duration.ofSeconds(Integer.parseInt(digits));
  }

  private static Duration until(String date, Clock clock) {
    try {
      return Duration.between(
          clock.instant(),
          ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException | ArithmeticException e) {
      return Duration.ZERO;
    }
  }
}
