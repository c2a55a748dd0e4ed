package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Answers from memory while it may, and from the backend else. It knows time to live, bounds,
 * staleness, and which loads are under way; it knows no transport. Thread-safe.
 */
final class SecretCache implements AutoCloseable {

  /*
   * A read looks in the values, then in the absences. What it doesn't find there it loads, unless
   * another thread is loading it: then it waits for that one. A load is one call for all the names
   * that a read lacks.
   *
   * - No lock is held across a call to the backend. What is under way stands in a map of loads;
   *   whoever puts a load there runs it, in its own thread, and completes it whatever happens.
   * - A load stores what it fetched before it leaves the map, and whoever enters the map looks at
   *   the values once more: between the two, no thread fetches what another one has just stored.
   * - A thread runs its own loads before it waits for those of others, so no two wait for each
   *   other.
   * - A load shares what all waiters may have: that there is no such secret, or a failure. It
   *   doesn't share a value, which is in one place only; each waiter copies it from there. If it is
   *   not there any more, or never was, the waiter fetches it for itself: none waits twice.
   * - A value is as old as the question it answers. It may be served for the time to live, and
   *   stale for maxStale after; then it is gone, by Caffeine's expiry and by our own look at its age.
   * - A value is wiped by the removal listener on the thread that causes the removal, and by a
   *   scheduler where there is no traffic.
   * - Whoever stores a value looks at the closed flag after, and takes back what it stored: nothing
   *   survives close().
   */

  private static final System.Logger LOGGER = System.getLogger(SecretCache.class.getName());

  private final GuardedBackend backend;
  private final LongSupplier ticker;
  private final long timeToLiveNanos;
  private final long keepNanos;
  private final Duration fetchTimeout;
  private final Cache<SecretRef, CachedSecret> values;
  private final Cache<SecretRef, Missing> absences;
  private final ConcurrentHashMap<SecretRef, Load> loads = new ConcurrentHashMap<>();
  private volatile boolean closed;

  SecretCache(GuardedBackend backend, CacheSettings settings) {
    this.backend = backend;
    this.ticker = settings.ticker();
    this.timeToLiveNanos = settings.timeToLive().toNanos();
    this.keepNanos = settings.timeToLive().plus(settings.maxStale()).toNanos();
    this.fetchTimeout = settings.fetchTimeout();
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
        .removalListener(SecretCache::wipe)
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

  /** An outcome for the secret. A value found is the caller's. */
  SecretOutcome get(SecretRef ref) {
    SecretOutcome cached = cached(ref);
    if (cached != null) {
      return cached;
    }
    return get(ref.vault(), Set.of(ref.name())).values().iterator().next();
  }

  /** An outcome for each name. The values found are the caller's. */
  Map<String, SecretOutcome> get(String vault, Collection<String> names) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<SecretRef> open = new LinkedHashSet<>();
    names.forEach(name -> open.add(SecretRef.of(vault, name)));
    long deadlineNanos = System.nanoTime() + fetchTimeout.toNanos();
    try {
      open.removeIf(ref -> settle(ref, cached(ref), outcomes));
      Map<SecretRef, Load> others = loadOrJoin(vault, open, outcomes);
      others.forEach((ref, load) -> settle(ref, join(ref, load, deadlineNanos), outcomes));
      open.removeIf(ref -> outcomes.containsKey(ref.name()));
      load(vault, open, outcomes); // what others loaded, and is not there to be copied
      return outcomes;
    } catch (Throwable e) {
      outcomes.values().forEach(SecretCache::discard);
      throw e;
    }
  }

  /** What lies in the cache for a secret, for tests. */
  @Nullable
  CachedSecret held(SecretRef ref) {
    return values.getIfPresent(ref);
  }

  /**
   * What is known of a secret without asking the backend, or null. A value found is the caller's.
   */
  @Nullable
  SecretOutcome cached(SecretRef ref) {
    CachedSecret secret = values.getIfPresent(ref);
    if (secret != null) {
      long nowNanos = ticker.getAsLong();
      if (secret.ageNanos(nowNanos) < timeToLiveNanos) {
        return secret.copy();
      }
      CachedSecret.FailedRefresh failed = secret.failedRefresh();
      return failed != null && nowNanos - failed.retryAtNanos() < 0
          ? stale(secret, failed.failure(), nowNanos)
          : null;
    }
    Missing missing = absences.getIfPresent(ref);
    return missing == null ? null : new SecretOutcome.Missing(missing);
  }

  /** Wipes everything, and keeps nothing any more. Waiters are woken. Doesn't close the backend. */
  @Override
  public void close() {
    closed = true;
    values.invalidateAll();
    absences.invalidateAll();
    SecretOutcome noMore =
        new SecretOutcome.Failed(new SecretUnavailableException("The SecretManager was closed"));
    loads.values().forEach(load -> load.complete(Optional.of(noMore)));
  }

  /**
   * Loads what no other thread is loading, and adds it to the outcomes. Returns the loads of other
   * threads, to be joined.
   */
  private Map<SecretRef, Load> loadOrJoin(
      String vault, Set<SecretRef> refs, Map<String, SecretOutcome> outcomes) {
    Map<SecretRef, Load> own = new LinkedHashMap<>();
    Map<SecretRef, Load> others = new LinkedHashMap<>();
    try {
      for (SecretRef ref : refs) {
        Load load = new Load();
        own.put(ref, load);
        Load underWay = loads.putIfAbsent(ref, load);
        if (underWay != null) {
          own.remove(ref);
          others.put(ref, underWay);
        }
      }
      load(vault, own.keySet(), outcomes);
      return others;
    } finally {
      own.forEach((ref, load) -> {
        loads.remove(ref, load);
        load.complete(shared(ref, outcomes.get(ref.name())));
      });
    }
  }

  /** Loads in one call, and adds to the outcomes. */
  private void load(String vault, Set<SecretRef> refs, Map<String, SecretOutcome> outcomes) {
    // Between this thread's look at the values and its entry into the map, another load may have
    // ended.
    Set<String> names = refs.stream()
        .filter(ref -> !settle(ref, cached(ref), outcomes))
        .map(SecretRef::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
    if (names.isEmpty()) {
      return;
    }
    long askedAtNanos = ticker.getAsLong();
    Map<String, SecretOutcome> fetched = backend.fetch(vault, names);
    outcomes.putAll(fetched); // first of all, so that an error on the way leaves no value behind
    fetched.forEach((name, outcome) ->
        outcomes.put(name, learn(SecretRef.of(vault, name), outcome, askedAtNanos)));
    LOGGER.log(DEBUG, () -> "Fetched from the vault " + vault + ": " + describe(fetched));
  }

  /**
   * Keeps what the backend answered. Returns what the reader is told: the same, or a stale value
   * instead of a failure.
   */
  private SecretOutcome learn(SecretRef ref, SecretOutcome outcome, long askedAtNanos) {
    if (outcome instanceof SecretOutcome.Found found) {
      return learnFound(ref, found, askedAtNanos);
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      return learnFailure(ref, failed);
    }
    values.invalidate(ref);
    absences.put(ref, ((SecretOutcome.Missing) outcome).missing());
    return outcome;
  }

  private SecretOutcome learnFound(SecretRef ref, SecretOutcome.Found found, long askedAtNanos) {
    absences.invalidate(ref);
    try {
      values.put(ref, CachedSecret.of(found.value(), askedAtNanos));
    } catch (IllegalStateException e) {
      return learnFailure(ref, backend.gaveClosedValue(ref));
    } catch (OutOfMemoryError e) {
      values.invalidate(ref); // an older value must not answer for the newer one
      LOGGER.log(
          WARNING,
          () -> "The secret " + ref + " is not cached, since the JVM has no direct memory left;"
              + " lower maximumBytes, or raise -XX:MaxDirectMemorySize");
    }
    if (closed) {
      values.invalidate(ref);
    }
    return found;
  }

  private SecretOutcome learnFailure(SecretRef ref, SecretOutcome.Failed failed) {
    SecretManagerException failure = failed.failure();
    if (failure.dropsCached()) {
      values.invalidate(ref);
      absences.invalidate(ref);
      return failed;
    }
    CachedSecret secret = values.getIfPresent(ref);
    if (secret == null || !failure.staleAllowed()) {
      return failed;
    }
    long nowNanos = ticker.getAsLong();
    if (!Thread.currentThread().isInterrupted()) { // else it tells of this thread, not the backend
      secret.failedRefresh(
          CachedSecret.FailedRefresh.after(secret.failedRefresh(), failure, nowNanos));
    }
    SecretOutcome stale = stale(secret, failure, nowNanos);
    return stale == null ? failed : stale;
  }

  /**
   * Waits for another thread's load. Null if it leaves this thread to fetch for itself: the value
   * is not there to be copied, or the other thread was interrupted.
   */
  private @Nullable SecretOutcome join(SecretRef ref, Load load, long deadlineNanos) {
    try {
      Optional<SecretOutcome> shared = load.get(deadlineNanos - System.nanoTime(), NANOSECONDS);
      if (shared.isEmpty()) {
        return cached(ref);
      }
      return shared.get() instanceof SecretOutcome.Failed failed
          ? new SecretOutcome.Failed(failed.failure().forCaller())
          : shared.get();
    } catch (TimeoutException e) {
      SecretTimeoutException failure =
          new SecretTimeoutException("No answer for the secret " + ref + " within " + fetchTimeout
              + ": another thread's call to the backend is still under way; try again, or raise"
              + " fetchTimeout");
      CachedSecret secret = values.getIfPresent(ref);
      SecretOutcome stale = secret == null ? null : stale(secret, failure, ticker.getAsLong());
      return stale != null ? stale : new SecretOutcome.Failed(failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new SecretOutcome.Failed(new SecretUnavailableException(
          "Interrupted while waiting for the secret " + ref + ", which another thread is loading"));
    } catch (ExecutionException e) {
      throw new AssertionError("A load completes with an outcome, never with an exception", e);
    }
  }

  /**
   * What the waiters of a load share. Nothing, if it stored a value, which each copies for itself,
   * or failed because its own thread was interrupted. A load that ended with an error, and so
   * without an outcome, shares that.
   */
  private static Optional<SecretOutcome> shared(SecretRef ref, @Nullable SecretOutcome outcome) {
    if (outcome == null) {
      return Optional.of(new SecretOutcome.Failed(new SecretUnavailableException(
          "The thread that was loading the secret " + ref + " ended with an error")));
    }
    boolean interrupted =
        outcome instanceof SecretOutcome.Failed && Thread.currentThread().isInterrupted();
    return outcome instanceof SecretOutcome.Found || interrupted
        ? Optional.empty()
        : Optional.of(outcome);
  }

  /** The value, marked as stale, or null if it is too old to be served, or wiped. */
  private @Nullable SecretOutcome stale(
      CachedSecret secret, SecretManagerException failure, long nowNanos) {
    long ageNanos = secret.ageNanos(nowNanos);
    return ageNanos < keepNanos
        ? secret.copyStale(new Freshness.Stale(Duration.ofNanos(ageNanos), failure))
        : null;
  }

  /** How long the value may stay. */
  private Duration remaining(CachedSecret secret) {
    return Duration.ofNanos(Math.max(0, keepNanos - secret.ageNanos(ticker.getAsLong())));
  }

  private static boolean settle(
      SecretRef ref, @Nullable SecretOutcome outcome, Map<String, SecretOutcome> outcomes) {
    if (outcome == null) {
      return false;
    }
    outcomes.put(ref.name(), outcome);
    return true;
  }

  /** Wipes the value of an outcome that nobody takes. */
  static void discard(SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      found.value().close();
    }
  }

  /**
   * The removal listener; called for every way out of the values. It must not throw: Caffeine would
   * swallow it.
   */
  private static void wipe(
      @Nullable SecretRef ref, @Nullable CachedSecret secret, RemovalCause cause) {
    if (secret != null) {
      secret.wipe();
    }
  }

  private static String describe(Map<String, SecretOutcome> fetched) {
    return fetched.entrySet().stream()
        .map(entry -> entry.getKey() + " " + describe(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String describe(SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Failed failed
        ? failed.failure().getClass().getSimpleName()
        : outcome instanceof SecretOutcome.Found ? "found" : "missing";
  }

  /** Completes with what the waiters of a load share. */
  private static final class Load extends CompletableFuture<Optional<SecretOutcome>> {}
}
