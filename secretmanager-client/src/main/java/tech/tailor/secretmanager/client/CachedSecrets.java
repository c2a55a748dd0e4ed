package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.CachedSecret.Answer;
import tech.tailor.secretmanager.client.CachedSecret.FailedAt;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;

/**
 * Entries of the cache: values, and negative entries, which record that a secret does not exist or
 * that the backend failed a moment ago. All stay within their bounds and their time.
 *
 * <p>A value is wiped on removal, whatever the cause: by the removal listener, on the thread that
 * causes the removal, and by a scheduler if there is no traffic. It knows no backend. Thread-safe.
 */
final class CachedSecrets {

  /*
   * Caffeine holds the values and decides which of them to evict. Asking it costs more than the
   * rest of a read, so the common read asks a table of our own. Once a second a read of a value
   * takes the long way: Caffeine learns that the value is in use, and does its due maintenance.
   *
   * An entry is in the table only while Caffeine holds it. A thread that removes or replaces a
   * value takes it out of the table before it returns. It does so even if another thread removed
   * the value and has not wiped it yet.
   */

  private static final System.Logger LOGGER = System.getLogger(CachedSecrets.class.getName());

  private final CacheSettings settings;
  private final LongSupplier ticker;
  private final CacheCounters counters;
  private final Listeners listeners;
  private final Function<SecretRef, SecretValue> reader;
  private final long longestFailureNanos;
  private final Cache<SecretRef, CachedSecret> values;
  private final Cache<SecretRef, Negative> negatives;
  private final QuickTable quick;
  private final StaleVaults staleVaults = new StaleVaults();

  /** The secrets that are kept warm: somebody relies on hearing of each change. */
  private volatile Set<SecretRef> warm = Set.of();

  /** Those of them that were evicted, and of which nobody knows what they were. */
  private final Set<SecretRef> lostWarm = ConcurrentHashMap.newKeySet();

  /**
   * Nothing yet.
   *
   * @param reader reads a secret again for a borrower whose value was wiped before it was read
   */
  CachedSecrets(
      CacheSettings settings,
      CacheCounters counters,
      Listeners listeners,
      Function<SecretRef, SecretValue> reader) {
    this(settings, counters, listeners, reader, new QuickTable(), Runnable::run);
  }

  /**
   * The same, for tests.
   *
   * @param removals wipes what Caffeine has removed: here the thread that removed it, at once
   */
  CachedSecrets(
      CacheSettings settings,
      CacheCounters counters,
      Listeners listeners,
      Function<SecretRef, SecretValue> reader,
      QuickTable quick,
      Executor removals) {
    this.quick = quick;
    this.listeners = listeners;
    this.settings = settings;
    this.ticker = settings.ticker();
    this.counters = counters;
    this.reader = reader;
    this.longestFailureNanos =
        Math.min(settings.negativeTimeToLive().toNanos(), FailedRefresh.LONGEST_PAUSE_NANOS);
    // Caffeine bounds by count or by weight. An entry that weighs at least its share of the bytes
    // is bounded by both.
    int share = Math.max(1, settings.maximumBytes() / settings.maximumEntries());
    long maximumWeight =
        Math.min(settings.maximumBytes(), (long) share * settings.maximumEntries());
    this.values = Caffeine.newBuilder()
        .ticker(ticker::getAsLong)
        .expireAfter(new RemainingLife())
        .maximumWeight(maximumWeight)
        .weigher((SecretRef ref, CachedSecret secret) -> Math.max(share, secret.sizeBytes()))
        .evictionListener(this::evicted)
        .removalListener(this::removed)
        .executor(removals)
        .scheduler(settings.scheduler())
        .build();
    // A failure outlives its own pause once: the next one then pauses longer.
    this.negatives = Caffeine.newBuilder()
        .ticker(ticker::getAsLong)
        .expireAfterWrite(settings.negativeTimeToLive().multipliedBy(2))
        .maximumSize(settings.maximumEntries())
        .executor(Runnable::run)
        .build();
  }

  /**
   * The value, where a read needs nothing but a copy of it while it
   * {@linkplain CachedSecret#isQuiet is quiet}. Null says nothing.
   */
  @Nullable
  CachedSecret quick(String vault, String name) {
    return quick.find(vault, name);
  }

  @Nullable
  CachedSecret value(SecretRef ref) {
    return values.getIfPresent(ref);
  }

  /** Lets reads find a fresh value the quick way, until something is due. */
  void enterQuick(CachedSecret secret, long nowNanos) {
    secret.beQuiet(nowNanos);
    quick.enter(secret, this::isHeld);
  }

  /** Whether it is the value that Caffeine holds. */
  private boolean isHeld(CachedSecret secret) {
    return values.policy().getIfPresentQuietly(secret.ref()) == secret;
  }

  /** A value is served stale from now on, because of a failure, until it is replaced or dropped. */
  void servedStale(CachedSecret secret, SecretManagerException failure) {
    staleVaults.served(secret.ref(), failure);
    if (!isHeld(secret)) { // it was replaced or dropped meanwhile
      staleVaults.ended(secret.ref());
    }
  }

  /** That there is no such secret, if that is known and recent enough. */
  @Nullable
  Absence absence(SecretRef ref, long nowNanos) {
    return negatives.getIfPresent(ref) instanceof Absence absence && isRecent(absence, nowNanos)
        ? absence
        : null;
  }

  /** How the backend failed a moment ago, where no value is cached, if it is not to be asked. */
  @Nullable
  FailedRefresh failure(SecretRef ref, long nowNanos) {
    Negative negative = negatives.getIfPresent(ref);
    FailedRefresh failed = negative == null ? null : negative.failed();
    return failed != null && failed.isPausing(nowNanos) ? failed : null;
  }

  /** Returns how long until a secret should be fetched; not positive if it is time. */
  long dueInNanos(SecretRef ref, long nowNanos) {
    CachedSecret secret = values.getIfPresent(ref);
    if (secret != null) {
      return secret.dueInNanos(nowNanos);
    }
    Negative negative = negatives.getIfPresent(ref);
    FailedRefresh failed = negative == null ? null : negative.failed();
    if (failed != null && failed.isPausing(nowNanos)) {
      return failed.retryAtNanos() - nowNanos;
    }
    return negative instanceof Absence absence
        ? absence.answer().askedAtNanos() + settings.negativeTimeToLive().toNanos() - nowNanos
        : 0;
  }

  /**
   * Keeps a copy of a value, which stays the caller's, or nothing if there is no memory for it. The
   * caller has the listeners told, once no read waits for it.
   *
   * @param outdated is asked at the moment at which it would be kept: a caller that drops the
   *     secret makes that true first, so that nobody finds afterwards what was asked for before
   * @throws IllegalStateException if the value is closed
   */
  void putValue(SecretRef ref, SecretValue value, Answer answer, BooleanSupplier outdated) {
    CachedSecret previous = values.getIfPresent(ref);
    boolean same = previous != null && previous.isSameAs(value);
    try {
      CachedSecret secret =
          CachedSecret.of(ref, value, answer, Lifetime.of(ref, settings), reader, ticker);
      boolean kept = put(secret, previous, same, outdated);
      if (kept) {
        negatives.invalidate(ref);
      } else {
        dropAbsence(ref, order -> order < answer.order());
      }
    } catch (OutOfMemoryError e) {
      drop(ref); // what is older must not answer for the newer value
      if (previous != null && !same) {
        listeners.changed(ref);
      }
      LOGGER.log(
          WARNING,
          () -> "The secret " + ref + " is not cached, since the JVM has no direct memory left;"
              + " lower maximumBytes, or raise -XX:MaxDirectMemorySize");
    }
  }

  /** Has each value of these reported as a change that is loaded after an eviction. */
  void keptWarm(Set<SecretRef> refs) {
    this.warm = Set.copyOf(refs);
  }

  /** Not delivered yet: the value may be evicted at once, and that comes after. */
  private void loaded(@Nullable CachedSecret previous, CachedSecret current) {
    listeners.loaded(
        current.ref(), previous == null ? null : previous.metadata(), current.metadata());
  }

  /**
   * Whether it was put. If not, also for an error on the way, no plaintext is left behind.
   *
   * @param previous what was there a moment ago
   * @param same whether that is the same value: then it stays if this one is not put, and nobody is
   *     told if it is
   */
  private boolean put(
      CachedSecret secret,
      @Nullable CachedSecret previous,
      boolean same,
      BooleanSupplier outdated) {
    boolean kept = false;
    try {
      kept = values.asMap().compute(secret.ref(), (ref, current) -> {
            if (outdated.getAsBoolean()) {
              CachedSecret stays = same && current == previous ? current : ifNewer(current, secret);
              if (current != null && stays == null) { // dropped for a newer value that isn't kept
                current.wipe();
                listeners.changed(ref);
              }
              return stays;
            }
            if (!same) {
              if (current != null) {
                current.wipe(); // who is told of the change must not find it
              }
              loaded(previous, secret);
              if (lostWarm.remove(ref) && previous == null) { // it may have changed meanwhile
                listeners.changed(ref);
              }
            }
            return secret;
          })
          == secret;
      return kept;
    } finally {
      if (!kept) {
        secret.wipe();
      }
      sweepQuick(secret.ref());
    }
  }

  /** What is not kept is newer all the same than what it would have replaced. */
  private static @Nullable CachedSecret ifNewer(
      @Nullable CachedSecret previous, CachedSecret current) {
    return previous != null && previous.answer().order() > current.answer().order()
        ? previous
        : null;
  }

  /** Keeps that there is no such secret, as {@link #putValue} keeps a value. */
  void putAbsence(SecretRef ref, Missing missing, Answer answer, BooleanSupplier outdated) {
    if (!settings.negativeTimeToLive().isZero()) {
      put(ref, known -> new Absence(missing, answer, null), outdated);
    }
  }

  /**
   * Remembers that the backend failed, so that it is not asked again at once. That there is no such
   * secret stays known, unless the failure is one that drops what is cached.
   */
  void putFailure(
      SecretRef ref, SecretManagerException failure, FailedAt at, BooleanSupplier outdated) {
    if (longestFailureNanos > 0) {
      put(ref, known -> failing(known, failure, at), outdated);
    }
  }

  private Negative failing(@Nullable Negative known, SecretManagerException failure, FailedAt at) {
    FailedRefresh previous = known == null ? null : known.failed();
    FailedRefresh failed = FailedRefresh.after(previous, failure, at, longestFailureNanos);
    return known instanceof Absence absence
            && isRecent(absence, at.nanos())
            && !failure.dropsCached()
        ? absence.failing(failed)
        : new Failure(failed);
  }

  private void put(
      SecretRef ref, Function<@Nullable Negative, Negative> negative, BooleanSupplier outdated) {
    negatives
        .asMap()
        .compute(ref, (key, known) -> outdated.getAsBoolean() ? known : negative.apply(known));
  }

  /** Wipes the value of the secret before it returns, and forgets all else that is known of it. */
  void drop(SecretRef ref) {
    dropValue(ref);
    negatives.invalidate(ref);
  }

  /** Wipes the value of the secret before it returns. */
  void dropValue(SecretRef ref) {
    values.invalidate(ref);
    sweepQuick(ref);
  }

  /** Drops the value and the absence that an answer brought, or an older one did. */
  void dropUpTo(SecretRef ref, Answer answer) {
    drop(ref, order -> order <= answer.order());
  }

  /** Drops the value or the absence that an answer brought. */
  void takeBack(SecretRef ref, Answer answer) {
    drop(ref, order -> order == answer.order());
  }

  private void drop(SecretRef ref, LongPredicate order) {
    values
        .asMap()
        .computeIfPresent(
            ref, (key, secret) -> order.test(secret.answer().order()) ? null : secret);
    sweepQuick(ref);
    dropAbsence(ref, order);
  }

  private void dropAbsence(SecretRef ref, LongPredicate order) {
    negatives
        .asMap()
        .computeIfPresent(
            ref,
            (key, negative) -> negative instanceof Absence absence
                    && order.test(absence.answer().order())
                ? null
                : negative);
  }

  /** What is there, found or missing. */
  Set<SecretRef> refs() {
    Set<SecretRef> refs = new HashSet<>(values.asMap().keySet());
    refs.addAll(negatives.asMap().keySet());
    return refs;
  }

  /** Wipes all that is there before it returns. What is being put meanwhile may come after. */
  void dropAll() {
    values.invalidateAll();
    // What was put meanwhile could not be noted, so that nobody would see to its expiry.
    values.cleanUp();
    negatives.invalidateAll();
    quick.sweepAll(this::isHeld);
  }

  /**
   * Wipes a value that another thread has removed from Caffeine, and is about to wipe: reads would
   * still find it the quick way, though the caller of this has returned.
   */
  private void sweepQuick(SecretRef ref) {
    quick.sweep(ref.vault(), ref.name(), this::isHeld);
  }

  private boolean isRecent(Absence absence, long nowNanos) {
    long ageNanos = nowNanos - absence.answer().askedAtNanos();
    return ageNanos >= 0 && ageNanos < settings.negativeTimeToLive().toNanos();
  }

  /** Keeps a value as long as it says itself, however often it is read. */
  private final class RemainingLife implements Expiry<SecretRef, CachedSecret> {

    @Override
    public long expireAfterCreate(SecretRef ref, CachedSecret secret, long nowNanos) {
      return Math.max(0, secret.remainingNanos(ticker.getAsLong()));
    }

    @Override
    public long expireAfterUpdate(
        SecretRef ref, CachedSecret secret, long nowNanos, long leftNanos) {
      return expireAfterCreate(ref, secret, nowNanos);
    }

    @Override
    public long expireAfterRead(SecretRef ref, CachedSecret secret, long nowNanos, long leftNanos) {
      return leftNanos;
    }
  }

  /**
   * The removal listener; called for every way out of the values. It must not throw: Caffeine would
   * swallow it.
   */
  private void removed(@Nullable SecretRef ref, @Nullable CachedSecret secret, RemovalCause cause) {
    if (secret != null) {
      secret.wipe();
      quick.leave(secret);
      staleVaults.ended(secret.ref());
    }
    if (cause.wasEvicted()) {
      listeners.deliver();
    }
  }

  /** Called in the very step that evicts a value, before another one takes its place. */
  private void evicted(@Nullable SecretRef ref, @Nullable CachedSecret secret, RemovalCause cause) {
    counters.evicted();
    if (ref != null) {
      if (warm.contains(ref)) {
        lostWarm.add(ref);
      }
      listeners.evicted(
          ref, cause == RemovalCause.EXPIRED ? EvictionCause.EXPIRED : EvictionCause.SIZE);
    }
  }

  /** What is known of a secret of which no value is. */
  sealed interface Negative {

    /** The latest of a run of failed attempts since, or null if there was none. */
    @Nullable
    FailedRefresh failed();
  }

  /** The backend answered that the secret does not exist. */
  record Absence(Missing missing, Answer answer, @Nullable FailedRefresh failed)
      implements Negative {

    private Absence failing(FailedRefresh latest) {
      return new Absence(missing, answer, latest);
    }
  }

  /** The backend did not answer. */
  record Failure(FailedRefresh failed) implements Negative {}
}
