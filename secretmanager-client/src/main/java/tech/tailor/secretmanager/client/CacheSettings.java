package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * What a cache keeps to, and what it measures time with. {@link SecretManagers.Builder} says what
 * each setting means, and checks it. Immutable: each {@code with…} method gives another one.
 */
final class CacheSettings {

  static final CacheSettings DEFAULTS = new CacheSettings();

  private Duration timeToLive = Duration.ofMinutes(5);
  private Map<SecretRef, Duration> ownTimesToLive = Map.of();
  private Duration negativeTimeToLive = Duration.ofSeconds(5);
  private Duration maxStale = Duration.ofHours(1);
  private Duration fetchTimeout = Duration.ofSeconds(10);
  private @Nullable Duration refreshAhead;
  private int maximumEntries = 10_000;
  private int maximumBytes = 32 << 20;
  private @Nullable LongSupplier ticker;
  private DoubleSupplier jitter = () -> ThreadLocalRandom.current().nextDouble();
  private Scheduler scheduler = Scheduler.systemScheduler();

  private CacheSettings() {}

  private CacheSettings(CacheSettings other) {
    this.timeToLive = other.timeToLive;
    this.ownTimesToLive = other.ownTimesToLive;
    this.negativeTimeToLive = other.negativeTimeToLive;
    this.maxStale = other.maxStale;
    this.fetchTimeout = other.fetchTimeout;
    this.refreshAhead = other.refreshAhead;
    this.maximumEntries = other.maximumEntries;
    this.maximumBytes = other.maximumBytes;
    this.ticker = other.ticker;
    this.jitter = other.jitter;
    this.scheduler = other.scheduler;
  }

  Duration timeToLive() {
    return timeToLive;
  }

  /** The time to live of a secret. */
  Duration timeToLive(SecretRef ref) {
    return ownTimesToLive.getOrDefault(ref, timeToLive);
  }

  /** Whether the secret has a time to live of its own. */
  boolean hasTimeToLive(SecretRef ref) {
    return ownTimesToLive.containsKey(ref);
  }

  Duration negativeTimeToLive() {
    return negativeTimeToLive;
  }

  Duration maxStale() {
    return maxStale;
  }

  Duration fetchTimeout() {
    return fetchTimeout;
  }

  /** Null for a fifth of the time to live. */
  @Nullable
  Duration refreshAhead() {
    return refreshAhead;
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

  int maximumEntries() {
    return maximumEntries;
  }

  int maximumBytes() {
    return maximumBytes;
  }

  /** The time in nanoseconds, exactly. */
  LongSupplier ticker() {
    return ticker != null ? ticker : System::nanoTime;
  }

  /** The time in nanoseconds for those who read often, and to whom a little lag does nothing. */
  LongSupplier readTicker() {
    return ticker != null ? ticker : CoarseClock.SHARED;
  }

  /** From 0 to 1: spreads what would else happen at the same moment. */
  DoubleSupplier jitter() {
    return jitter;
  }

  /** Sees to wiping what expires where there is no traffic. */
  Scheduler scheduler() {
    return scheduler;
  }

  CacheSettings withTimeToLive(Duration duration) {
    return with(changed -> changed.timeToLive = duration);
  }

  CacheSettings withTimeToLive(SecretRef ref, Duration duration) {
    Map<SecretRef, Duration> own = new HashMap<>(ownTimesToLive);
    own.put(ref, duration);
    return with(changed -> changed.ownTimesToLive = Map.copyOf(own));
  }

  CacheSettings withNegativeTimeToLive(Duration duration) {
    return with(changed -> changed.negativeTimeToLive = duration);
  }

  CacheSettings withMaxStale(Duration duration) {
    return with(changed -> changed.maxStale = duration);
  }

  CacheSettings withFetchTimeout(Duration duration) {
    return with(changed -> changed.fetchTimeout = duration);
  }

  CacheSettings withRefreshAhead(Duration duration) {
    return with(changed -> changed.refreshAhead = duration);
  }

  CacheSettings withMaximumEntries(int count) {
    return with(changed -> changed.maximumEntries = count);
  }

  CacheSettings withMaximumBytes(int bytes) {
    return with(changed -> changed.maximumBytes = bytes);
  }

  CacheSettings withTicker(LongSupplier nanos) {
    return with(changed -> changed.ticker = nanos);
  }

  CacheSettings withJitter(DoubleSupplier other) {
    return with(changed -> changed.jitter = other);
  }

  CacheSettings withScheduler(Scheduler other) {
    return with(changed -> changed.scheduler = other);
  }

  /** A copy, changed before anybody else sees it. */
  private CacheSettings with(Consumer<CacheSettings> change) {
    CacheSettings copy = new CacheSettings(this);
    change.accept(copy);
    return copy;
  }
}
