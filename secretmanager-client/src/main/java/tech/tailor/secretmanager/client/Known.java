package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * What may be answered without asking the backend: a fresh value, that there is none, and while the
 * backend is not to be asked, a stale value or the failure. Thread-safe.
 */
final class Known {

  private final CachedSecrets cached;
  private final CacheCounters counters;
  private final LongSupplier ticker;

  Known(CachedSecrets cached, CacheCounters counters, LongSupplier ticker) {
    this.cached = cached;
    this.counters = counters;
    this.ticker = ticker;
  }

  /**
   * What is known of a secret, or null if the backend is to be asked. A value found is the
   * caller's.
   *
   * @param secret its value in the cache, if there is one
   */
  @Nullable
  SecretOutcome of(SecretRef ref, @Nullable CachedSecret secret, long nowNanos) {
    SecretOutcome outcome =
        secret != null ? answer(secret, secret.failedRefresh(), nowNanos) : absent(ref, nowNanos);
    if (outcome != null && secret != null && !secret.isFresh(nowNanos)) {
      counters.servedStale(1);
    }
    return outcome != null ? outcome : failed(ref, nowNanos);
  }

  /**
   * What is known of all the secrets, if it is fresh and all of one answer, or can't be had: while
   * the backend is not to be asked for one of them, it is stale values of one answer, or failures.
   * Null if the backend is to be asked. The values found are the caller's.
   */
  @Nullable
  Map<String, SecretOutcome> together(Set<SecretRef> refs) {
    long nowNanos = ticker.getAsLong();
    FailedRefresh failed = failedSince(refs, nowNanos);
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<Long> answers = null;
    boolean together = false;
    try {
      answers = addKnown(refs, failed, nowNanos, outcomes);
      together = answers != null && answers.size() <= 1;
    } finally {
      if (!together) {
        Outcomes.discardAll(outcomes);
      }
    }
    if (together) {
      return outcomes;
    }
    return answers == null || failed == null
        ? null
        : refs.stream().collect(Collectors.toMap(SecretRef::name, ref -> failed(failed)));
  }

  /**
   * Adds what is known of each secret. Returns the answers that brought it, or null if the backend
   * is to be asked for one of them.
   *
   * @param failed why the backend is not to be asked for another one of them yet, or null
   */
  private @Nullable Set<Long> addKnown(
      Set<SecretRef> refs,
      @Nullable FailedRefresh failed,
      long nowNanos,
      Map<String, SecretOutcome> outcomes) {
    Set<Long> answers = new HashSet<>();
    int stale = 0;
    for (SecretRef ref : refs) {
      // Looked at once: what takes its place meanwhile is not copied in its stead.
      CachedSecret secret = cached.value(ref);
      CachedSecrets.Absence absence = secret == null ? cached.absence(ref, nowNanos) : null;
      SecretOutcome outcome;
      if (secret != null) {
        answers.add(secret.answer().order());
        outcome = answer(secret, ownOrOther(secret, failed, nowNanos), nowNanos);
        stale += outcome != null && !secret.isFresh(nowNanos) ? 1 : 0;
        outcome = outcome == null ? failure(secret, failed, nowNanos) : outcome;
      } else if (absence != null) {
        answers.add(absence.answer().order());
        outcome = absent(absence);
      } else {
        outcome = failed(ref, nowNanos);
      }
      if (outcome == null) {
        return null;
      }
      outcomes.put(ref.name(), outcome);
    }
    if (answers.size() <= 1) {
      counters.servedStale(stale);
    }
    return answers;
  }

  /**
   * The failure by which a value may be stale: its own, as long as that pauses, or if it allows no
   * stale value, which it doesn't for the sake of another secret either.
   */
  private static @Nullable FailedRefresh ownOrOther(
      CachedSecret secret, @Nullable FailedRefresh other, long nowNanos) {
    FailedRefresh own = secret.failedRefresh();
    return own != null && (own.isPausing(nowNanos) || !own.failure().isStaleAllowed())
        ? own
        : other;
  }

  /** Why there is no value that may answer, or null if nobody pauses. */
  private static @Nullable SecretOutcome failure(
      CachedSecret secret, @Nullable FailedRefresh other, long nowNanos) {
    FailedRefresh own = secret.failedRefresh();
    FailedRefresh failed = own != null && own.isPausing(nowNanos) ? own : other;
    return failed == null ? null : failed(failed);
  }

  /** Why the backend is not to be asked for one of them yet, or null. */
  private @Nullable FailedRefresh failedSince(Set<SecretRef> refs, long nowNanos) {
    for (SecretRef ref : refs) {
      FailedRefresh failed = failedSince(ref, nowNanos);
      if (failed != null && failed.isPausing(nowNanos)) {
        return failed;
      }
    }
    return null;
  }

  /** The latest failed attempt since the secret was answered for, or null if there was none. */
  private @Nullable FailedRefresh failedSince(SecretRef ref, long nowNanos) {
    CachedSecret secret = cached.value(ref);
    if (secret != null) {
      return secret.failedRefresh();
    }
    CachedSecrets.Absence absence = cached.absence(ref, nowNanos);
    return absence == null ? null : absence.failed();
  }

  /** A stale value in place of a failure, if there is one that may be served; else the same. */
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
   * What a value that is cached answers, or null if it may not, or has been wiped.
   *
   * @param failed how an attempt to fetch a newer one failed, or null
   */
  private @Nullable SecretOutcome answer(
      CachedSecret secret, @Nullable FailedRefresh failed, long nowNanos) {
    if (secret.isFresh(nowNanos)) {
      SecretValue copy = secret.copy();
      return copy == null ? null : new SecretOutcome.Found(copy);
    }
    return failed != null && failed.failure().isStaleAllowed() && failed.isPausing(nowNanos)
        ? stale(secret, failed.failure(), nowNanos)
        : null;
  }

  private @Nullable SecretOutcome absent(SecretRef ref, long nowNanos) {
    CachedSecrets.Absence absence = cached.absence(ref, nowNanos);
    return absence == null ? null : absent(absence);
  }

  private static SecretOutcome absent(CachedSecrets.Absence absence) {
    return new SecretOutcome.Missing(absence.missing());
  }

  /** How the backend failed a moment ago, or null if it did not. */
  private @Nullable SecretOutcome failed(SecretRef ref, long nowNanos) {
    FailedRefresh failed = cached.failure(ref, nowNanos);
    return failed == null ? null : failed(failed);
  }

  private static SecretOutcome failed(FailedRefresh failed) {
    return new SecretOutcome.Failed(SecretSupport.forCaller(failed.failure()));
  }

  /** The value, marked as stale, or null if it is too old to be served, or wiped. */
  private @Nullable SecretOutcome stale(
      CachedSecret secret, SecretManagerException failure, long nowNanos) {
    long ageNanos = secret.ageNanos(nowNanos);
    SecretValue stale = ageNanos >= 0 && secret.remainingNanos(nowNanos) > 0
        ? secret.copyStale(Freshness.Stale.of(Duration.ofNanos(ageNanos), failure))
        : null;
    return stale == null ? null : new SecretOutcome.Found(stale);
  }
}
