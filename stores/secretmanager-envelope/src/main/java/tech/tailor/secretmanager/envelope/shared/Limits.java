package tech.tailor.secretmanager.envelope.shared;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What the settings of a store may be. */
public final class Limits {

  private static final int MAX_VERSIONS_KEPT = 100;
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  private Limits() {}

  /**
   * Checks a time-out.
   *
   * @param name of the setting
   * @throws IllegalArgumentException if it is not between 1 ms and 1 hour
   */
  public static Duration requireTimeout(Duration timeout, String name) {
    requireNonNull(timeout, name);
    if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          name + " must be between 1 ms and " + LONGEST_TIMEOUT + ", got " + timeout);
    }
    return timeout;
  }

  /**
   * Checks how many versions of each secret are kept.
   *
   * @throws IllegalArgumentException if it is not between 1 and 100
   */
  public static int requireVersionsKept(int count) {
    if (count < 1 || count > MAX_VERSIONS_KEPT) {
      throw new IllegalArgumentException(
          "versionsKept must be between 1 and " + MAX_VERSIONS_KEPT + ", got " + count);
    }
    return count;
  }
}
