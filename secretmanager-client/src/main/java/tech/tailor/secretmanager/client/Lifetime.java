package tech.tailor.secretmanager.client;

import java.time.Duration;
import tech.tailor.secretmanager.SecretRef;

/**
 * What a cached value may do at which age, in nanoseconds.
 *
 * @param refreshNanos from then on a reader should have a newer one fetched
 * @param freshNanos until then it answers
 * @param keepNanos until then it may answer as stale; then it is wiped
 */
record Lifetime(long refreshNanos, long freshNanos, long keepNanos) {

  /**
   * The lifetime of a value of the secret. It is to be refreshed at a random age in the first half
   * of the window, so that what was loaded together is not refreshed together, and a slow backend
   * still has the second half.
   */
  static Lifetime of(SecretRef ref, CacheSettings settings) {
    Duration timeToLive = settings.timeToLive(ref);
    long freshNanos = timeToLive.toNanos();
    long windowNanos = settings.refreshWindow(timeToLive).toNanos();
    long refreshNanos = windowNanos == 0
        ? Long.MAX_VALUE
        : freshNanos - windowNanos + (long) (settings.jitter().getAsDouble() * windowNanos / 2);
    return new Lifetime(
        refreshNanos, freshNanos, timeToLive.plus(settings.maxStale()).toNanos());
  }
}
