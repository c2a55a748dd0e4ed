package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a cache keeps to, and what it measures time with. {@link SecretManagers.Builder} says what
 * each setting means, and checks it.
 *
 * @param refreshAhead null for a fifth of the time to live
 * @param scheduler sees to wiping what expires where there is no traffic
 */
record CacheSettings(
    Duration timeToLive,
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
      Duration.ofSeconds(5),
      Duration.ofHours(1),
      Duration.ofSeconds(10),
      null,
      10_000,
      32 << 20,
      System::nanoTime,
      Scheduler.systemScheduler());

  /** How long before the end of its time to live a value that is read may be refreshed. */
  Duration refreshWindow() {
    return refreshAhead != null ? refreshAhead : timeToLive.dividedBy(5);
  }

  CacheSettings withTimeToLive(Duration duration) {
    return new CacheSettings(
        duration,
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
