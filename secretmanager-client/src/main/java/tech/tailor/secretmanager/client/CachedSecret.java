package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * One value in the cache: it owns the only plaintext, copies it out, or has wiped it; never half of
 * each. It remembers since when it was known, and how attempts to fetch a newer one went.
 * Thread-safe.
 */
final class CachedSecret {

  private final SecretMemory memory;
  private final SecretMetadata metadata;
  private final long askedAtNanos;
  private final Lifetime lifetime;
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile @Nullable FailedRefresh failedRefresh;

  private CachedSecret(
      SecretMemory memory, SecretMetadata metadata, long askedAtNanos, Lifetime lifetime) {
    this.memory = memory;
    this.metadata = metadata;
    this.askedAtNanos = askedAtNanos;
    this.lifetime = lifetime;
  }

  /**
   * Copies the value, which stays the caller's.
   *
   * @param askedAtNanos when the backend was asked for it: the answer is as old as the question
   */
  static CachedSecret of(SecretValue value, long askedAtNanos, Lifetime lifetime) {
    SecretMemory memory = value.<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf);
    return new CachedSecret(memory, value.metadata(), askedAtNanos, lifetime);
  }

  SecretMetadata metadata() {
    return metadata;
  }

  /** Whether it is of the same version and has the same bytes; false if it has been wiped. */
  boolean isSameAs(SecretValue value) {
    SecretOutcome.Found copy = copy();
    if (copy == null) {
      return false;
    }
    try (SecretValue own = copy.value()) {
      return own.version() == value.version()
          && value.<Boolean, RuntimeException>withBytes(own::matches);
    }
  }

  int sizeBytes() {
    return memory.sizeBytes();
  }

  long ageNanos(long nowNanos) {
    return nowNanos - askedAtNanos;
  }

  boolean isFresh(long nowNanos) {
    return ageNanos(nowNanos) < lifetime.freshNanos();
  }

  /** How long it may still be kept; not positive if no longer. */
  long remainingNanos(long nowNanos) {
    return lifetime.keepNanos() - ageNanos(nowNanos);
  }

  /** A copy for one reader, or null if the value has been wiped. */
  SecretOutcome.@Nullable Found copy() {
    return copy(metadata);
  }

  /** The same, marked as stale. */
  SecretOutcome.@Nullable Found copyStale(Freshness.Stale staleness) {
    return copy(metadata.withFreshness(staleness));
  }

  private SecretOutcome.@Nullable Found copy(SecretMetadata copyMetadata) {
    byte[] bytes = new byte[memory.sizeBytes()];
    return memory.copyTo(bytes)
        ? new SecretOutcome.Found(SecretValue.adopt(bytes, copyMetadata))
        : null;
  }

  /** The latest of a run of failed attempts, or null if there was none since this was fetched. */
  @Nullable
  FailedRefresh failedRefresh() {
    return failedRefresh;
  }

  void failedRefresh(FailedRefresh failure) {
    this.failedRefresh = failure;
  }

  /**
   * Whether the one who asks shall fetch a newer value: it is time to, nobody else does, and the
   * last attempt did not fail a moment ago. Whoever is told so calls {@link #endRefresh()} when
   * done.
   */
  boolean beginRefresh(long nowNanos) {
    if (ageNanos(nowNanos) < lifetime.refreshNanos()) {
      return false;
    }
    FailedRefresh failed = failedRefresh;
    return (failed == null || nowNanos - failed.retryAtNanos() >= 0)
        && refreshing.compareAndSet(false, true);
  }

  void endRefresh() {
    refreshing.set(false);
  }

  void wipe() {
    memory.wipe();
  }

  /**
   * The latest of a run of failed attempts to fetch a newer value.
   *
   * @param failure why it failed
   * @param attempts how many failed in a row
   * @param retryAtNanos not before then is the backend asked again
   */
  record FailedRefresh(SecretManagerException failure, int attempts, long retryAtNanos) {

    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final int MOST_DOUBLINGS = 6;

    /** One more failure: the pause doubles from 1 second to 64 seconds. */
    static FailedRefresh after(
        @Nullable FailedRefresh previous, SecretManagerException failure, long nowNanos) {
      int attempts = previous == null ? 1 : previous.attempts + 1;
      long pauseNanos = FIRST_PAUSE_NANOS << Math.min(attempts - 1, MOST_DOUBLINGS);
      return new FailedRefresh(failure, attempts, nowNanos + pauseNanos);
    }
  }
}
