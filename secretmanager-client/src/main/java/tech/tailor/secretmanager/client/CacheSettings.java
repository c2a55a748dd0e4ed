package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * The settings of a cache. {@link SecretManagers.Builder} documents and checks them.
 *
 * @param timeToLive the common time to live
 * @param ownTimesToLive the time to live of each secret that has its own
 * @param negativeTimeToLive how long an absence, and at most a failure, is remembered
 * @param maxStale how long past its time to live a value may be served stale
 * @param fetchTimeout how long a reader waits
 * @param refreshAhead how long before its expiry a value is refreshed; null for a fifth of the time
 *     to live
 * @param maximumEntries the most values
 * @param maximumBytes the most bytes of values
 * @param ticker the time in nanoseconds, from any origin
 * @param jitter numbers from 0 to 1 that spread refreshes and pauses
 * @param scheduler wipes expired values where there is no traffic
 */
record CacheSettings(
    Duration timeToLive,
    Map<SecretRef, Duration> ownTimesToLive,
    Duration negativeTimeToLive,
    Duration maxStale,
    Duration fetchTimeout,
    @Nullable Duration refreshAhead,
    int maximumEntries,
    int maximumBytes,
    LongSupplier ticker,
    DoubleSupplier jitter,
    Scheduler scheduler) {

  CacheSettings {
    ownTimesToLive = Map.copyOf(ownTimesToLive);
  }

  /** Returns the time to live of a secret. */
  Duration timeToLive(SecretRef ref) {
    return ownTimesToLive.getOrDefault(ref, timeToLive);
  }

  /**
   * Returns how long before the end of the given time to live a value may be refreshed: at most all
   * of it.
   */
  Duration refreshWindow(Duration ofTimeToLive) {
    if (refreshAhead == null) {
      return ofTimeToLive.dividedBy(5);
    }
    return refreshAhead.compareTo(ofTimeToLive) <= 0 ? refreshAhead : ofTimeToLive;
  }
}
