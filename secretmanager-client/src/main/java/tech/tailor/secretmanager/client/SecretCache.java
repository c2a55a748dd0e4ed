package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
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
   * - A refresh ahead of expiry is a load like any other, on another thread. A refresh that a
   *   caller wants asks after it was called: it doesn't share a load that was under way before.
   * - Who invalidates a secret marks its load as outdated: what that brings is not kept.
   * - Whoever stores a value looks at the closed flag after, and takes back what it stored: nothing
   *   survives close().
   */

  private static final System.Logger LOGGER = System.getLogger(SecretCache.class.getName());

  private final GuardedBackend backend;
  private final Listeners listeners;
  private final Executor background;
  private final LongSupplier ticker;
  private final Duration fetchTimeout;
  private final CacheCounters counters = new CacheCounters();
  private final CachedSecrets cached;
  private final ConcurrentHashMap<SecretRef, Load> loads = new ConcurrentHashMap<>();

  /** The order in which the backend was asked, invalidations counted too. */
  private final AtomicLong asked = new AtomicLong();

  /** The latest in that order of which the answer is known. */
  private final AtomicLong learned = new AtomicLong();

  private volatile boolean closed;

  /**
   * A cache in front of the backend.
   *
   * @param listeners are told what happens
   * @param background runs the refreshes that no reader waits for
   */
  SecretCache(
      GuardedBackend backend, CacheSettings settings, Listeners listeners, Executor background) {
    this.listeners = listeners;
    this.backend = backend;
    this.background = background;
    this.ticker = settings.ticker();
    this.fetchTimeout = settings.fetchTimeout();
    this.cached = new CachedSecrets(settings, counters, listeners);
  }

  /** An outcome for the secret. A value found is the caller's. */
  SecretOutcome get(SecretRef ref) {
    SecretOutcome.Found value = cachedValue(ref);
    return value != null
        ? value
        : get(ref.vault(), Set.of(ref.name())).values().iterator().next();
  }

  /** An outcome for each name. The values found are the caller's. */
  Map<String, SecretOutcome> get(String vault, Collection<String> names) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<SecretRef> open = new LinkedHashSet<>();
    names.forEach(name -> open.add(SecretRef.of(vault, name)));
    long deadlineNanos = System.nanoTime() + fetchTimeout.toNanos();
    try {
      open.removeIf(ref -> settle(ref, known(ref), outcomes));
      counters.read(outcomes.size(), open.size());
      Map<SecretRef, Load> others = loadOrJoin(vault, open, outcomes);
      others.forEach((ref, load) -> settle(ref, join(ref, load, deadlineNanos), outcomes));
      open.removeIf(ref -> outcomes.containsKey(ref.name()));
      // What others loaded, and is not there to be copied.
      load(vault, open, outcomes, this::isOvertaken);
      return outcomes;
    } catch (Throwable e) {
      outcomes.values().forEach(SecretCache::discard);
      throw e;
    }
  }

  /** What lies in the cache for a secret, for tests. */
  @Nullable
  CachedSecret held(SecretRef ref) {
    return cached.value(ref);
  }

  /** The value of a secret, if it is cached. It is the caller's. */
  SecretOutcome.@Nullable Found cachedValue(SecretRef ref) {
    if (known(ref) instanceof SecretOutcome.Found found) {
      counters.read(1, 0);
      return found;
    }
    return null;
  }

  /**
   * Asks the backend after this was called, whatever is cached, and keeps the answer. A failure
   * that doesn't wipe the cached value leaves it there, to answer reads as before.
   *
   * @return the failure of the backend, or null if it answered
   */
  SecretOutcome.@Nullable Failed refresh(SecretRef ref) {
    long deadlineNanos = System.nanoTime() + fetchTimeout.toNanos();
    while (!closed) {
      Load load = new Load();
      Load other = loads.putIfAbsent(ref, load);
      if (other == null) {
        return ask(ref, load);
      }
      // A load that was under way when this was called may bring what was true before. All who are
      // in this position share the next one, which one of them runs.
      Load next = other.next();
      SecretOutcome.Failed waitOver = other.awaitEnd(ref, fetchTimeout, deadlineNanos);
      if (waitOver != null) {
        return waitOver;
      }
      if (!next.claim()) {
        waitOver = next.awaitEnd(ref, fetchTimeout, deadlineNanos);
        if (waitOver != null) {
          return waitOver;
        }
        if (next.isAnswered()) {
          return next.failure();
        }
      } else if (loads.putIfAbsent(ref, next) == null) {
        return ask(ref, next);
      } else {
        next.complete(Optional.empty()); // another load came between: all begin again
      }
      if (System.nanoTime() - deadlineNanos >= 0) {
        return new SecretOutcome.Failed(Load.timedOut(ref, fetchTimeout));
      }
    }
    return noMore();
  }

  /** Wipes what is cached for the secret. What a load under way brings is not kept either. */
  void invalidate(SecretRef ref) {
    learned(asked.incrementAndGet());
    Load load = loads.remove(ref);
    if (load != null) {
      load.outdate();
    }
    cached.drop(ref);
  }

  /** Wipes everything that is cached. What loads under way bring is not kept either. */
  void invalidateAll() {
    learned(asked.incrementAndGet());
    loads.forEach((ref, load) -> {
      load.outdate();
      loads.remove(ref, load);
    });
    cached.dropAll();
  }

  CacheStats stats() {
    return counters.stats(loads.size());
  }

  /** Wipes everything, and keeps nothing any more. Waiters are woken. Doesn't close the backend. */
  @Override
  public void close() {
    closed = true;
    cached.dropAll();
    loads.values().forEach(load -> load.complete(Optional.of(noMore())));
  }

  private static SecretOutcome.Failed noMore() {
    return new SecretOutcome.Failed(new SecretUnavailableException("The SecretManager was closed"));
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
      load(vault, own.keySet(), outcomes, (ref, order) -> isOutdated(own.get(ref)));
      return others;
    } finally {
      own.forEach((ref, load) -> {
        loads.remove(ref, load);
        load.complete(Load.shared(ref, outcomes.get(ref.name())));
      });
    }
  }

  /**
   * Whether what a load brings that is not in the map must not be kept: another one that was asked
   * later has been learned, or one is under way. It needn't be of this secret; rather too few of
   * these rare ones are kept than an older value in place of a newer.
   */
  private boolean isOvertaken(SecretRef ref, long order) {
    return learned.get() > order || loads.containsKey(ref);
  }

  private static boolean isOutdated(@Nullable Load load) {
    return load != null && load.isOutdated();
  }

  /** Loads in one call what is not cached meanwhile, and adds to the outcomes. */
  private void load(
      String vault,
      Set<SecretRef> refs,
      Map<String, SecretOutcome> outcomes,
      BiPredicate<SecretRef, Long> outdated) {
    // Between this thread's look at the values and its entry into the map, another load may have
    // ended.
    Set<String> names = refs.stream()
        .filter(ref -> !settle(ref, known(ref), outcomes))
        .map(SecretRef::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!names.isEmpty()) {
      ask(vault, names, outcomes, outdated);
      for (String name : names) {
        outcomes.computeIfPresent(
            name, (key, outcome) -> orStale(SecretRef.of(vault, name), outcome));
      }
    }
  }

  /**
   * Asks the backend for one secret, cached or not. The load has entered the map.
   *
   * @return the failure of the backend, or null if it answered
   */
  private SecretOutcome.@Nullable Failed ask(SecretRef ref, Load load) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    try {
      ask(ref.vault(), Set.of(ref.name()), outcomes, (asking, order) -> load.isOutdated());
      SecretOutcome.Failed failure =
          outcomes.get(ref.name()) instanceof SecretOutcome.Failed failed ? failed : null;
      if (failure == null || !Thread.currentThread().isInterrupted()) {
        load.answered(failure); // else it tells of this thread, not of the backend
      }
      return failure;
    } finally {
      outcomes.values().forEach(SecretCache::discard); // it lies in the cache
      loads.remove(ref, load);
      load.complete(Load.shared(ref, outcomes.get(ref.name())));
    }
  }

  /** Asks the backend, keeps what it answers, and adds it to the outcomes. */
  private void ask(
      String vault,
      Set<String> names,
      Map<String, SecretOutcome> outcomes,
      BiPredicate<SecretRef, Long> outdated) {
    long order = asked.incrementAndGet();
    long askedAtNanos = ticker.getAsLong();
    counters.asked();
    Map<String, SecretOutcome> fetched = backend.fetch(vault, names);
    outcomes.putAll(fetched); // first of all, so that an error on the way leaves no value behind
    learned(order);
    fetched.forEach((name, outcome) -> {
      SecretRef ref = SecretRef.of(vault, name);
      outcomes.put(name, learn(ref, outcome, askedAtNanos, asking -> outdated.test(asking, order)));
    });
  }

  private void learned(long order) {
    learned.accumulateAndGet(order, Math::max);
  }

  /** Keeps what the backend answered. Returns the same, or a failure if it can't be kept. */
  private SecretOutcome learn(
      SecretRef ref, SecretOutcome outcome, long askedAtNanos, Predicate<SecretRef> outdated) {
    if (outcome instanceof SecretOutcome.Found found) {
      return learnFound(ref, found, askedAtNanos, outdated);
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      return learnFailure(ref, failed);
    }
    cached.drop(ref);
    if (!outdated.test(ref)) {
      cached.putAbsence(ref, ((SecretOutcome.Missing) outcome).missing());
      dropIfOutdated(ref, outdated);
    }
    return outcome;
  }

  private SecretOutcome learnFound(
      SecretRef ref, SecretOutcome.Found found, long askedAtNanos, Predicate<SecretRef> outdated) {
    if (outdated.test(ref)) {
      return found;
    }
    try {
      cached.putValue(ref, found.value(), askedAtNanos);
    } catch (IllegalStateException e) {
      return learnFailure(ref, backend.gaveClosedValue(ref));
    }
    dropIfOutdated(ref, outdated);
    return found;
  }

  /**
   * Takes back what was just stored, if the cache was closed or the secret invalidated meanwhile.
   */
  private void dropIfOutdated(SecretRef ref, Predicate<SecretRef> outdated) {
    if (closed || outdated.test(ref)) {
      cached.drop(ref);
    }
  }

  private SecretOutcome learnFailure(SecretRef ref, SecretOutcome.Failed failed) {
    counters.failed();
    SecretManagerException failure = failed.failure();
    if (failure.dropsCached()) {
      cached.drop(ref);
      if (failure instanceof SecretAccessDeniedException denied) {
        listeners.denied(ref, denied);
      }
      return failed;
    }
    CachedSecret secret = cached.value(ref);
    boolean ofThisThread =
        Thread.currentThread().isInterrupted(); // it tells nothing of the backend
    if (secret != null && !ofThisThread) {
      long nowNanos = ticker.getAsLong();
      secret.failedRefresh(
          CachedSecret.FailedRefresh.after(secret.failedRefresh(), failure, nowNanos));
      if (failure.staleAllowed() && !secret.isFresh(nowNanos)) {
        listeners.stale(
            ref, new Freshness.Stale(Duration.ofNanos(secret.ageNanos(nowNanos)), failure));
      }
    }
    return failed;
  }

  /** A stale value in place of a failure, if there is one that may be served; else the same. */
  private SecretOutcome orStale(SecretRef ref, SecretOutcome outcome) {
    if (!(outcome instanceof SecretOutcome.Failed failed) || !failed.failure().staleAllowed()) {
      return outcome;
    }
    CachedSecret secret = cached.value(ref);
    SecretOutcome stale =
        secret == null ? null : stale(secret, failed.failure(), ticker.getAsLong());
    return stale != null ? stale : outcome;
  }

  /**
   * Waits for another thread's load. Null if it leaves this thread to fetch for itself: the value
   * is not there to be copied, or the other thread was interrupted.
   */
  private @Nullable SecretOutcome join(SecretRef ref, Load load, long deadlineNanos) {
    Optional<SecretOutcome> shared = load.await(ref, fetchTimeout, deadlineNanos);
    if (shared.isEmpty()) {
      return known(ref);
    }
    // Whoever was interrupted while it waited is told so.
    return Thread.currentThread().isInterrupted() ? shared.get() : orStale(ref, shared.get());
  }

  /** What is known without asking the backend, or null. A value found is the caller's. */
  private @Nullable SecretOutcome known(SecretRef ref) {
    CachedSecret secret = cached.value(ref);
    if (secret != null) {
      long nowNanos = ticker.getAsLong();
      if (secret.isFresh(nowNanos)) {
        SecretOutcome copy = secret.copy();
        if (secret.beginRefresh(nowNanos)) {
          refreshInBackground(ref, secret);
        }
        return copy;
      }
      CachedSecret.FailedRefresh failed = secret.failedRefresh();
      return failed != null
              && failed.failure().staleAllowed()
              && nowNanos - failed.retryAtNanos() < 0
          ? stale(secret, failed.failure(), nowNanos)
          : null;
    }
    Missing missing = cached.absence(ref);
    return missing == null ? null : new SecretOutcome.Missing(missing);
  }

  private void refreshInBackground(SecretRef ref, CachedSecret secret) {
    try {
      background.execute(() -> {
        try {
          Load load = new Load();
          if (!closed && loads.putIfAbsent(ref, load) == null) {
            ask(ref, load);
          }
        } finally {
          secret.endRefresh();
        }
      });
    } catch (RuntimeException
        | Error e) { // such as no more threads; the value is fresh all the same
      secret.endRefresh();
      LOGGER.log(
          DEBUG,
          () -> "No refresh ahead of expiry of the secret " + ref + ": "
              + e.getClass().getName());
    }
  }

  /** The value, marked as stale, or null if it is too old to be served, or wiped. */
  private @Nullable SecretOutcome stale(
      CachedSecret secret, SecretManagerException failure, long nowNanos) {
    long ageNanos = secret.ageNanos(nowNanos);
    SecretOutcome stale = secret.remainingNanos(nowNanos) > 0
        ? secret.copyStale(new Freshness.Stale(Duration.ofNanos(ageNanos), failure))
        : null;
    if (stale != null) {
      counters.servedStale();
    }
    return stale;
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
  static void discard(@Nullable SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      found.value().close();
    }
  }
}
