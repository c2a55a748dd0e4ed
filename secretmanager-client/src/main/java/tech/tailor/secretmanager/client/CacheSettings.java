package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * What a cache keeps to, and what it measures time with. {@link SecretManagers.Builder} says what
 * each setting means, and checks it.
 *
 * @param ownTimesToLive of the secrets that have one of their own
 * @param refreshAhead null for a fifth of the time to live
 * @param scheduler sees to wiping what expires where there is no traffic
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
    Scheduler scheduler) {

  static final CacheSettings DEFAULTS = new CacheSettings(
      Duration.ofMinutes(5),
      Map.of(),
      Duration.ofSeconds(5),
      Duration.ofHours(1),
      Duration.ofSeconds(10),
      null,
      10_000,
      32 << 20,
      System::nanoTime,
      Scheduler.systemScheduler());

  /** The time to live of a secret. */
  Duration timeToLive(SecretRef ref) {
    return ownTimesToLive.getOrDefault(ref, timeToLive);
  }

  /**
   * How long before the end of the given time to live a value that is read may be refreshed; at
   * most all of it.
   */
  Duration refreshWindow(Duration ofTimeToLive) {
    if (refreshAhead == null) {
      return ofTimeToLive.dividedBy(5);
    }
    return refreshAhead.compareTo(ofTimeToLive) <= 0 ? refreshAhead : ofTimeToLive;
  }

  CacheSettings withTimeToLive(SecretRef ref, Duration duration) {
    Map<SecretRef, Duration> own = new HashMap<>(ownTimesToLive);
    own.put(ref, duration);
    return new CacheSettings(
        timeToLive,
        Map.copyOf(own),
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withTimeToLive(Duration duration) {
    return new CacheSettings(
        duration,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withNegativeTimeToLive(Duration duration) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        duration,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withMaxStale(Duration duration) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        duration,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withFetchTimeout(Duration duration) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        duration,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withRefreshAhead(Duration duration) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        duration,
        maximumEntries,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withMaximumEntries(int count) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        count,
        maximumBytes,
        ticker,
        scheduler);
  }

  CacheSettings withMaximumBytes(int bytes) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        bytes,
        ticker,
        scheduler);
  }

  CacheSettings withTicker(LongSupplier nanos) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        nanos,
        scheduler);
  }

  CacheSettings withScheduler(Scheduler newScheduler) {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        newScheduler);
  }
}
