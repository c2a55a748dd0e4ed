package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/**
 * What is cached: values and absences, within their bounds and for their time. A value is wiped
 * when it leaves, whatever way: by the removal listener on the thread that causes the removal, and
 * by a scheduler where there is no traffic. It knows no backend. Thread-safe.
 */
final class CachedSecrets {

  private static final System.Logger LOGGER = System.getLogger(CachedSecrets.class.getName());

  private final CacheSettings settings;
  private final LongSupplier ticker;
  private final CacheCounters counters;
  private final Listeners listeners;
  private final Cache<SecretRef, CachedSecret> values;
  private final Cache<SecretRef, Missing> absences;

  CachedSecrets(CacheSettings settings, CacheCounters counters, Listeners listeners) {
    this.listeners = listeners;
    this.settings = settings;
    this.ticker = settings.ticker();
    this.counters = counters;
    // Caffeine bounds by count or by weight. An entry that weighs at least its share of the bytes
    // is bounded by both.
    int share = Math.max(1, settings.maximumBytes() / settings.maximumEntries());
    long maximumWeight =
        Math.min(settings.maximumBytes(), (long) share * settings.maximumEntries());
    this.values = Caffeine.newBuilder()
        .ticker(ticker::getAsLong)
        .expireAfter(Expiry.writing((SecretRef ref, CachedSecret secret) -> remaining(secret)))
        .maximumWeight(maximumWeight)
        .weigher((SecretRef ref, CachedSecret secret) -> Math.max(share, secret.sizeBytes()))
        .removalListener(this::removed)
        .executor(Runnable::run)
        .scheduler(settings.scheduler())
        .build();
    this.absences = Caffeine.newBuilder()
        .ticker(ticker::getAsLong)
        .expireAfterWrite(settings.negativeTimeToLive())
        .maximumSize(settings.maximumEntries())
        .executor(Runnable::run)
        .build();
  }

  @Nullable
  CachedSecret value(SecretRef ref) {
    return values.getIfPresent(ref);
  }

  @Nullable
  Missing absence(SecretRef ref) {
    return absences.getIfPresent(ref);
  }

  /**
   * Keeps a copy of a value, which stays the caller's, or nothing if there is no memory for it.
   *
   * @param askedAtNanos when the backend was asked for it: the answer is as old as the question
   * @throws IllegalStateException if the value is closed
   */
  void putValue(SecretRef ref, SecretValue value, long askedAtNanos) {
    absences.invalidate(ref);
    try {
      CachedSecret secret = CachedSecret.of(value, askedAtNanos, Lifetime.of(ref, settings));
      CachedSecret previous = values.getIfPresent(ref);
      boolean same = previous != null && previous.isSameAs(value);
      values.put(ref, secret);
      if (!same) {
        listeners.loaded(ref, previous == null ? null : previous.metadata(), value.metadata());
      }
    } catch (OutOfMemoryError e) {
      values.invalidate(ref); // an older value must not answer for the newer one
      LOGGER.log(
          WARNING,
          () -> "The secret " + ref + " is not cached, since the JVM has no direct memory left;"
              + " lower maximumBytes, or raise -XX:MaxDirectMemorySize");
    }
  }

  void putAbsence(SecretRef ref, Missing missing) {
    absences.put(ref, missing);
  }

  /** Wipes what is known of the secret before it returns. */
  void drop(SecretRef ref) {
    values.invalidate(ref);
    absences.invalidate(ref);
  }

  /** Wipes everything before it returns. */
  void dropAll() {
    values.invalidateAll();
    absences.invalidateAll();
  }

  /** How long the value may stay. */
  private Duration remaining(CachedSecret secret) {
    return Duration.ofNanos(Math.max(0, secret.remainingNanos(ticker.getAsLong())));
  }

  /**
   * The removal listener; called for every way out of the values. It must not throw: Caffeine would
   * swallow it.
   */
  private void removed(@Nullable SecretRef ref, @Nullable CachedSecret secret, RemovalCause cause) {
    if (secret != null) {
      secret.wipe();
    }
    if (cause.wasEvicted()) {
      counters.evicted();
      if (ref != null) {
        listeners.evicted(ref);
      }
    }
  }
}
