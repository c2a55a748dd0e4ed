package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;
import tech.tailor.secretmanager.client.CachedSecrets.Absence;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Answers from the cache, without asking the backend: a fresh value, an absence, and while the
 * backend is not to be asked again, a stale value or the failure. Values in the answers are the
 * caller's. Thread-safe.
 */
final class CachedAnswers {

  private final CachedSecrets cached;
  private final CacheCounters counters;
  private final LongSupplier ticker;
  private final RefreshAhead refreshAhead;

  CachedAnswers(
      CachedSecrets cached,
      CacheCounters counters,
      LongSupplier ticker,
      RefreshAhead refreshAhead) {
    this.cached = cached;
    this.counters = counters;
    this.ticker = ticker;
    this.refreshAhead = refreshAhead;
  }

  /**
   * Returns what is known of a secret, or null if the backend is to be asked. Begins a refresh if
   * one is due.
   */
  @Nullable
  SecretOutcome of(SecretRef ref) {
    long nowNanos = ticker.getAsLong();
    CachedSecret secret = cached.value(ref);
    if (secret != null && secret.isFresh(nowNanos)) {
      refreshAhead.ifDue(secret, nowNanos);
      cached.enterQuick(secret, nowNanos);
    }
    SecretOutcome outcome =
        secret != null ? of(secret, secret.failedRefresh(), nowNanos) : absent(ref, nowNanos);
    if (outcome != null && secret != null && !secret.isFresh(nowNanos)) {
      counters.servedStale(1);
    }
    return outcome != null ? outcome : failed(ref, nowNanos);
  }

  /** Returns a stale value in place of a failure, if one may be served; otherwise the failure. */
  SecretOutcome orStale(SecretRef ref, SecretOutcome outcome) {
    if (!(outcome instanceof SecretOutcome.Failed failed) || !failed.failure().isStaleAllowed()) {
      return outcome;
    }
    CachedSecret secret = cached.value(ref);
    SecretOutcome stale =
        secret == null ? null : stale(secret, failed.failure(), ticker.getAsLong());
    if (stale == null) {
      return outcome;
    }
    counters.servedStale(1);
    return stale;
  }

  /**
   * Returns what a cached value answers, or null if it may not, or was wiped.
   *
   * @param failed how an attempt to fetch a newer one failed, or null
   */
  @Nullable
  SecretOutcome of(CachedSecret secret, @Nullable FailedRefresh failed, long nowNanos) {
    if (secret.isFresh(nowNanos)) {
      SecretValue copy = secret.copy();
      if (copy == null || secret.isFresh(ticker.getAsLong())) { // however long the copy took
        return copy == null ? null : new SecretOutcome.Found(copy);
      }
      copy.close();
    }
    return failed != null && failed.failure().isStaleAllowed() && failed.isPausing(nowNanos)
        ? stale(secret, failed.failure(), nowNanos)
        : null;
  }

  /** Returns how the backend failed a moment ago where no value is cached, or null. */
  @Nullable
  SecretOutcome failed(SecretRef ref, long nowNanos) {
    FailedRefresh failed = cached.failure(ref, nowNanos);
    return failed == null ? null : failed(failed);
  }

  static SecretOutcome failed(FailedRefresh failed) {
    return new SecretOutcome.Failed(SecretSupport.forCaller(failed.failure()));
  }

  private @Nullable SecretOutcome absent(SecretRef ref, long nowNanos) {
    Absence absence = cached.absence(ref, nowNanos);
    return absence == null ? null : new SecretOutcome.Missing(absence.missing());
  }

  /** Returns the value, marked as stale, or null if it is too old to be served, or wiped. */
  private static @Nullable SecretOutcome stale(
      CachedSecret secret, SecretManagerException failure, long nowNanos) {
    long ageNanos = secret.ageNanos(nowNanos);
    SecretValue stale = ageNanos >= 0 && secret.remainingNanos(nowNanos) > 0
        ? secret.copyStale(Freshness.Stale.of(Duration.ofNanos(ageNanos), failure))
        : null;
    return stale == null ? null : new SecretOutcome.Found(stale);
  }
}
