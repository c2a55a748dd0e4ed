package tech.tailor.secretmanager.client;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;

/**
 * One value in the cache: it is the only plaintext, with its names, since when it was known, and
 * how attempts to fetch a newer one went. Thread-safe.
 */
final class CachedSecret extends SecretMemory implements Supplier<SecretValue> {

  /*
   * A read takes as long as it waits for memory, and so for each object on its way: hence no memory
   * of its own behind this one.
   */

  /** How long reads may go on without a look at anything but the value and the time. */
  private static final long LONGEST_QUIET_NANOS = 1_000_000_000L;

  private final SecretRef ref;

  /** Those of the reference, at hand: a read compares them, and nothing else of it. */
  private final String vault;

  private final String name;
  private final SecretMetadata metadata;
  private final Answer answer;
  private final Lifetime lifetime;
  private final Function<SecretRef, SecretValue> reader;
  private final LongSupplier ticker;
  private final AtomicBoolean refreshing;
  private volatile @Nullable FailedRefresh failedRefresh;
  private volatile long quietUntilNanos;

  private CachedSecret(
      SecretRef ref,
      byte[] bytes,
      SecretMetadata metadata,
      Answer answer,
      Lifetime lifetime,
      Function<SecretRef, SecretValue> reader,
      LongSupplier ticker,
      AtomicBoolean refreshing) {
    super(bytes); // and from here on nothing that can fail: nobody would wipe it
    this.ref = ref;
    this.vault = ref.vault();
    this.name = ref.name();
    this.metadata = metadata;
    this.answer = answer;
    this.lifetime = lifetime;
    this.quietUntilNanos = answer.askedAtNanos();
    this.reader = reader;
    this.ticker = ticker;
    this.refreshing = refreshing;
  }

  /**
   * Copies the value, which stays the caller's.
   *
   * @param reader re-reads the secret for a borrower whose value was wiped or expired before the
   *     first look
   * @param ticker the time in nanoseconds
   */
  static CachedSecret of(
      SecretRef ref,
      SecretValue value,
      Answer answer,
      Lifetime lifetime,
      Function<SecretRef, SecretValue> reader,
      LongSupplier ticker) {
    AtomicBoolean refreshing = new AtomicBoolean();
    return value.<CachedSecret, RuntimeException>withBytes(bytes -> new CachedSecret(
        ref, bytes, value.metadata(), answer, lifetime, reader, ticker, refreshing));
  }

  SecretRef ref() {
    return ref;
  }

  boolean isNamed(String otherVault, String otherName) {
    return name.equals(otherName) && vault.equals(otherVault);
  }

  /** The answer of the backend that brought it. */
  Answer answer() {
    return answer;
  }

  SecretMetadata metadata() {
    return metadata;
  }

  /** Whether it is of the same version and has the same bytes; false if it has been wiped. */
  boolean isSameAs(SecretValue value) {
    SecretValue copy = copy();
    if (copy == null) {
      return false;
    }
    try (SecretValue own = copy) {
      return own.version() == value.version()
          && value.<Boolean, RuntimeException>withBytes(own::matches);
    }
  }

  long ageNanos(long nowNanos) {
    return nowNanos - answer.askedAtNanos();
  }

  /** False also for a value from the future: then the clock was set back, and tells nothing. */
  boolean isFresh(long nowNanos) {
    long ageNanos = ageNanos(nowNanos);
    return ageNanos >= 0 && ageNanos < lifetime.freshNanos();
  }

  /**
   * Returns whether a read needs nothing but a copy: the value is fresh, needs no refresh, and a
   * read took the full path at most a second ago.
   */
  boolean isQuiet(long nowNanos) {
    long leftNanos = quietUntilNanos - nowNanos;
    return leftNanos > 0 && leftNanos <= LONGEST_QUIET_NANOS;
  }

  /** Begins a quiet time, up to the next moment at which something is due. */
  void beQuiet(long nowNanos) {
    long ageNanos = ageNanos(nowNanos);
    long dueNanos = ageNanos < lifetime.refreshNanos()
        ? Math.min(lifetime.refreshNanos(), lifetime.freshNanos())
        : lifetime.freshNanos();
    this.quietUntilNanos = nowNanos + Math.min(dueNanos - ageNanos, LONGEST_QUIET_NANOS);
  }

  /** Returns how long until this should be fetched again; not positive if it is time. */
  long dueInNanos(long nowNanos) {
    FailedRefresh failed = failedRefresh;
    return failed != null && failed.isPausing(nowNanos)
        ? failed.retryAtNanos() - nowNanos
        : Math.min(lifetime.refreshNanos(), lifetime.freshNanos()) - ageNanos(nowNanos);
  }

  /** How long it may still be kept; not positive if no longer. */
  long remainingNanos(long nowNanos) {
    return lifetime.keepNanos() - ageNanos(nowNanos);
  }

  /** A copy for one reader, or null if the value has been wiped. */
  @Nullable
  SecretValue copy() {
    return copy(metadata);
  }

  /** The same, marked as stale. */
  @Nullable
  SecretValue copyStale(Freshness.Stale staleness) {
    return copy(metadata.withFreshness(staleness));
  }

  private @Nullable SecretValue copy(SecretMetadata copyMetadata) {
    byte[] bytes = new byte[sizeBytes()];
    return copyTo(bytes) ? SecretSupport.adopt(bytes, copyMetadata) : null;
  }

  /** The value on loan: it is {@linkplain #get read} when somebody looks into it. */
  SecretValue lend() {
    return SecretSupport.onLoan(this, metadata);
  }

  /** Returns a copy for a borrower, re-read if this value is wiped or expired by then. */
  @Override
  public SecretValue get() {
    SecretValue copy = copy();
    if (copy != null && isFresh(ticker.getAsLong())) {
      return copy;
    }
    if (copy != null) { // lent while it was fresh, and looked into after its time
      copy.close();
    }
    return reader.apply(ref);
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
   * last attempt did not fail a moment ago. A caller that gets true calls {@link #endRefresh()}
   * when done.
   */
  boolean beginRefresh(long nowNanos) {
    if (ageNanos(nowNanos) < lifetime.refreshNanos()) {
      return false;
    }
    FailedRefresh failed = failedRefresh;
    return (failed == null || !failed.isPausing(nowNanos)) && refreshing.compareAndSet(false, true);
  }

  void endRefresh() {
    refreshing.set(false);
  }

  /**
   * One answer of the backend, to one name or to several.
   *
   * @param order its place among all that the backend was asked
   * @param askedAtNanos when the backend was asked: an answer is as old as the question
   */
  record Answer(long order, long askedAtNanos) {}

  /**
   * When a call failed, and by how much the pause after it is shortened: the same for all names it
   * was for, so that those with the same past are asked for together again.
   *
   * @param jitter from 0 to 1: by how much of a fifth the pause is shortened
   */
  record FailedAt(long nanos, double jitter) {}

  /**
   * The latest of a run of failed attempts to fetch the secret.
   *
   * @param failure why it failed
   * @param attempts how many failed in a row
   * @param retryAtNanos not before then is the backend asked again
   */
  record FailedRefresh(SecretManagerException failure, int attempts, long retryAtNanos) {

    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final int MOST_DOUBLINGS = 6;
    static final long LONGEST_PAUSE_NANOS = FIRST_PAUSE_NANOS << MOST_DOUBLINGS;

    /**
     * One more failure: the pause doubles from 1 second to 64 seconds, or as far as it may. Each is
     * shortened at random by up to a fifth, so that processes that saw the same outage don't ask
     * again at the same moment.
     *
     * @param longestPauseNanos the longest that it may be
     */
    static FailedRefresh after(
        @Nullable FailedRefresh previous,
        SecretManagerException failure,
        FailedAt at,
        long longestPauseNanos) {
      int attempts = previous == null ? 1 : previous.attempts + 1;
      long pauseNanos =
          Math.min(FIRST_PAUSE_NANOS << Math.min(attempts - 1, MOST_DOUBLINGS), longestPauseNanos);
      long shortenedNanos = (long) (pauseNanos * (1 - 0.2 * at.jitter()));
      return new FailedRefresh(failure, attempts, at.nanos() + shortenedNanos);
    }

    /** Whether the backend is not to be asked again yet. */
    boolean isPausing(long nowNanos) {
      long leftNanos = retryAtNanos - nowNanos;
      return leftNanos > 0 && leftNanos <= LONGEST_PAUSE_NANOS;
    }
  }
}
