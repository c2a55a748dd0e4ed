package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretValue;

/**
 * The common reads: of values that are cached, and of which nothing is due. The clock is read after
 * the copy, so a value past its time to live is not taken for fresh however long the copy took.
 * Thread-safe.
 */
final class QuickReads {

  private final CachedSecrets cached;
  private final CacheCounters counters;
  private final LongSupplier ticker;

  QuickReads(CachedSecrets cached, CacheCounters counters, LongSupplier ticker) {
    this.cached = cached;
    this.counters = counters;
    this.ticker = ticker;
  }

  /**
   * Returns the value of a secret if it is cached and nothing is due: the common case, and the
   * quickest answer. It is the caller's. Null tells nothing;
   * {@link SecretCache#get(tech.tailor.secretmanager.SecretRef)} answers then.
   */
  @Nullable
  SecretValue get(String vault, String name) {
    CachedSecret secret = cached.quick(vault, name);
    if (secret == null) {
      return null;
    }
    SecretValue value = secret.copy();
    if (value == null) { // wiped a moment ago
      return null;
    }
    if (!secret.isQuiet(ticker.getAsLong())) { // asked after the copy, however long that took
      value.close();
      return null;
    }
    counters.hits(1);
    return value;
  }

  /** Returns the cached secret, to be lent, if nothing is due. Counts as a hit. */
  @Nullable
  CachedSecret toLend(String vault, String name) {
    CachedSecret secret = cached.quick(vault, name);
    if (secret == null || !secret.isQuiet(ticker.getAsLong())) {
      return null;
    }
    counters.hits(1);
    return secret;
  }

  /** Returns the values of several secrets of one vault, if nothing is due for any of them. */
  SecretValue @Nullable [] get(String vault, String[] names) {
    if (names.length == 0) {
      return null;
    }
    // All are found before the first is copied, so that the waits for memory overlap.
    CachedSecret[] secrets = new CachedSecret[names.length];
    for (int i = 0; i < names.length; i++) {
      CachedSecret secret = cached.quick(vault, requireNonNull(names[i], "name"));
      if (secret == null) {
        return null;
      }
      secrets[i] = secret;
    }
    return copies(secrets);
  }

  /** Returns a copy of each, or null if one was wiped or needs a closer look. */
  private SecretValue @Nullable [] copies(CachedSecret[] secrets) {
    SecretValue[] values = new SecretValue[secrets.length];
    int copied = 0;
    boolean complete = false;
    try {
      while (copied < values.length) {
        SecretValue value = secrets[copied].copy();
        if (value == null) {
          return null;
        }
        values[copied++] = value;
      }
      long nowNanos = ticker.getAsLong(); // once for all, after the last copy
      for (CachedSecret secret : secrets) {
        if (!secret.isQuiet(nowNanos)) {
          return null;
        }
      }
      counters.hits(copied);
      complete = true;
      return values;
    } finally {
      if (!complete) {
        for (int i = 0; i < copied; i++) {
          values[i].close();
        }
      }
    }
  }
}
