package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Answers from memory while it may, and from the backend else. It decides who loads a secret, and
 * who waits for that; it knows no transport. Thread-safe.
 */
final class SecretCache implements AutoCloseable {

  /*
   * The common read finds a value of which nothing is due, and copies it. Any other looks closer: at
   * the value's age, at what is known to be absent, at what failed a moment ago. What it doesn't
   * find there it loads, unless another thread is loading it: then it waits for that one. A load is
   * one call for all the names that a read lacks.
   *
   * - No lock is held across a call to the backend. What is under way stands in Loads;
   *   whoever puts a load there runs it, and completes it whatever happens.
   * - A load stores what it fetched before it leaves them, and whoever enters them looks at
   *   the values once more: between the two, no thread fetches what another one has just stored.
   * - A thread runs its own loads before it waits for those of others, so no two wait for each
   *   other.
   * - A load shares what all waiters may have: that there is no such secret, or a failure. It
   *   doesn't share a value, which is in one place only; each waiter copies it from there. If it is
   *   not there any more, or never was, the waiters begin anew, which again makes one load for all;
   *   after that each fetches for itself.
   * - A value is as old as the question it answers. It may be served for the time to live, and
   *   stale for maxStale after; then it is gone, by Caffeine's expiry and by our own look at its age.
   * - A failure is remembered, beside the value or in its place, and the backend is not asked again
   *   before a pause is over.
   * - A refresh ahead of expiry is a load like any other, on another thread. A refresh that a
   *   caller wants asks after it was called: it doesn't share a load that was under way before.
   * - Who invalidates a secret marks its load as outdated, then drops what is cached. Whether a load
   *   is outdated is asked in the very step that would keep what it brings: so who reads after an
   *   invalidation finds nothing that was asked for before.
   * - Whoever stores a value looks at the closed flag after, and takes back what it stored: nothing
   *   survives close().
   */

  private static final System.Logger LOGGER = System.getLogger(SecretCache.class.getName());

  private final Executor background;
  private final LongSupplier ticker;
  private final LongSupplier readTicker;
  private final Duration fetchTimeout;
  private final CacheCounters counters = new CacheCounters();
  private final CachedSecrets cached;
  private final Known known;
  private final Fetches fetches;
  private final Loads loads;

  private volatile boolean closed;

  /**
   * A cache in front of the backend.
   *
   * @param listeners are told what happens
   * @param background runs the refreshes that no reader waits for
   */
  SecretCache(
      GuardedBackend backend, CacheSettings settings, Listeners listeners, Executor background) {
    this.background = background;
    this.ticker = settings.ticker();
    this.readTicker = settings.readTicker();
    this.fetchTimeout = settings.fetchTimeout();
    this.cached = new CachedSecrets(settings, counters, listeners, this::require);
    this.known = new Known(cached, counters, ticker);
    this.fetches = new Fetches(backend, cached, counters, listeners, settings);
    this.loads = new Loads(fetchTimeout);
  }

  /**
   * The value of a secret, if it is cached and nothing is due: the common case, and the quickest
   * answer. It is the caller's. Null says nothing: ask {@link #get(SecretRef)} then.
   */
  @Nullable
  SecretValue quick(String vault, String name) {
    CachedSecret secret = quiet(vault, name);
    SecretValue value = secret == null ? null : secret.copy();
    if (value != null) { // else it was wiped a moment ago, and the longer way counts the read
      hits(1);
    }
    return value;
  }

  /** The cached secret, to be lent, if nothing is due. Counts as a hit. */
  @Nullable
  CachedSecret toLend(String vault, String name) {
    CachedSecret secret = quiet(vault, name);
    if (secret != null) {
      hits(1);
    }
    return secret;
  }

  private @Nullable CachedSecret quiet(String vault, String name) {
    CachedSecret secret = cached.quick(vault, name);
    return secret != null && secret.isQuiet(readTicker.getAsLong()) ? secret : null;
  }

  /** The same for several secrets of one vault, if that is so for all of them. */
  SecretValue @Nullable [] quick(String vault, String[] names) {
    if (names.length == 0) {
      return null;
    }
    // All are found before the first is copied: so the waits for memory of the one overlap those of
    // the next.
    CachedSecret[] secrets = new CachedSecret[names.length];
    long nowNanos = readTicker.getAsLong();
    for (int i = 0; i < names.length; i++) {
      CachedSecret secret = cached.quick(vault, requireNonNull(names[i], "name"));
      if (secret == null || !secret.isQuiet(nowNanos)) {
        return null;
      }
      secrets[i] = secret;
    }
    return copies(secrets);
  }

  /** A copy of each, or null if one has been wiped. */
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
      hits(copied);
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

  private void hits(int count) {
    if (counters.hits(count) && readTicker instanceof CoarseClock clock) {
      clock.verify(); // now and then: reads must not trust a clock that stands still
    }
  }

  /** An outcome for the secret. A value found is the caller's. */
  SecretOutcome get(SecretRef ref) {
    SecretOutcome known = known(ref);
    if (known != null) {
      hits(1);
      return known;
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
      open.removeIf(ref -> settle(ref, known(ref), outcomes));
      hits(outcomes.size());
      counters.misses(open.size());
      loadAndJoin(vault, open, outcomes, deadlineNanos);
      // What others loaded, and is not there to be copied: again, one of them may do it for all.
      loadAndJoin(vault, open, outcomes, deadlineNanos);
      load(vault, open, outcomes, this::isOvertaken);
      outdateOthers(open, outcomes);
      return outcomes;
    } catch (Throwable e) {
      Outcomes.discardAll(outcomes);
      throw e;
    }
  }

  /**
   * An outcome for each name, of which those found and missing are all of one answer of the
   * backend. The values found are the caller's.
   */
  Map<String, SecretOutcome> getTogether(String vault, Collection<String> names) {
    if (names.isEmpty()) {
      return Map.of();
    }
    Set<SecretRef> refs = new LinkedHashSet<>();
    names.forEach(name -> refs.add(SecretRef.of(vault, name)));
    long deadlineNanos = System.nanoTime() + fetchTimeout.toNanos();
    Map<String, SecretOutcome> outcomes = known.together(refs);
    if (outcomes != null) {
      hits(outcomes.size());
      refreshTogether(vault, refs);
      return outcomes;
    }
    counters.misses(refs.size());
    Map<SecretRef, Load> others = new LinkedHashMap<>();
    Map<SecretRef, Load> own = loads.enter(refs, others);
    if (own.isEmpty()) {
      // Somebody loads all of them, perhaps together.
      others.forEach((ref, load) -> load.awaitEnd(ref, fetchTimeout, deadlineNanos));
      outcomes = known.together(refs);
      if (outcomes != null) {
        return outcomes;
      }
    }
    return loadTogether(vault, refs, own);
  }

  /** The value of a secret, which is the caller's, or the exception that says why there is none. */
  SecretValue require(SecretRef ref) {
    if (closed) {
      throw DefaultSecretManager.closed();
    }
    return Outcomes.required(ref, get(ref));
  }

  /** What lies in the cache for a secret, for tests. */
  @Nullable
  CachedSecret held(SecretRef ref) {
    return cached.value(ref);
  }

  /** The value of a secret, if it is cached. It is the caller's. */
  @Nullable
  SecretValue cachedValue(SecretRef ref) {
    SecretValue value = quick(ref.vault(), ref.name());
    if (value == null && known(ref) instanceof SecretOutcome.Found found) {
      hits(1);
      return found.value();
    }
    return value;
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
      Load other = loads.enter(ref, load);
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
      } else if (loads.enter(ref, next) == null) {
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
    fetches.forget();
    loads.forget(ref);
    cached.drop(ref);
  }

  /** Wipes everything that is cached. What loads under way bring is not kept either. */
  void invalidateAll() {
    fetches.forget();
    loads.refs().forEach(ref -> {
      loads.forget(ref);
      cached.drop(ref);
    });
    cached.dropAll();
  }

  CacheStats stats() {
    return counters.stats(fetches.made(), loads.refs().size());
  }

  /** Wipes everything, and keeps nothing any more. Waiters are woken. Doesn't close the backend. */
  @Override
  public void close() {
    closed = true;
    fetches.close();
    loads.refs().forEach(cached::drop); // which waits for what they are putting
    cached.dropAll();
    loads.endAll(noMore());
  }

  private static SecretOutcome.Failed noMore() {
    return new SecretOutcome.Failed(new SecretUnavailableException("The SecretManager was closed"));
  }

  /**
   * Loads what no other thread is loading, waits for the rest, and takes what it got from the set.
   */
  private void loadAndJoin(
      String vault, Set<SecretRef> open, Map<String, SecretOutcome> outcomes, long deadlineNanos) {
    if (!open.isEmpty()) {
      Map<SecretRef, Load> others = loadOrJoin(vault, open, outcomes);
      others.forEach((ref, load) -> settle(ref, join(ref, load, deadlineNanos), outcomes));
      open.removeIf(ref -> outcomes.containsKey(ref.name()));
    }
  }

  /**
   * Loads what no other thread is loading, and adds it to the outcomes. Returns the loads of other
   * threads, to be joined.
   */
  private Map<SecretRef, Load> loadOrJoin(
      String vault, Set<SecretRef> refs, Map<String, SecretOutcome> outcomes) {
    Map<SecretRef, Load> others = new LinkedHashMap<>();
    Map<SecretRef, Load> own = loads.enter(refs, others);
    try {
      load(vault, own.keySet(), outcomes, (ref, order) -> isOutdated(own.get(ref)));
      return others;
    } finally {
      loads.leave(own, outcomes);
    }
  }

  /** Begins a refresh of all of them, in one call, if one of them is to be refreshed. */
  private void refreshTogether(String vault, Set<SecretRef> refs) {
    long nowNanos = ticker.getAsLong();
    for (SecretRef ref : refs) {
      CachedSecret secret = cached.value(ref);
      if (secret != null && secret.isFresh(nowNanos) && secret.beginRefresh(nowNanos)) {
        inBackground(secret, () -> {
          Map<SecretRef, Load> own = loads.enter(refs, new LinkedHashMap<>());
          if (!own.isEmpty()) {
            Outcomes.discardAll(loadTogether(vault, refs, own));
          }
        });
        return;
      }
    }
  }

  /** Asks for all of them in one call. Of what others are loading, the answer is not kept. */
  private Map<String, SecretOutcome> loadTogether(
      String vault, Set<SecretRef> refs, Map<SecretRef, Load> own) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    try {
      Set<String> names =
          refs.stream().map(SecretRef::name).collect(Collectors.toCollection(LinkedHashSet::new));
      fetches.fetch(
          vault,
          names,
          outcomes,
          (ref, order) ->
              own.containsKey(ref) ? isOutdated(own.get(ref)) : isOvertaken(ref, order));
      Set<SecretRef> ofOthers = new LinkedHashSet<>(refs);
      ofOthers.removeAll(own.keySet());
      outdateOthers(ofOthers, outcomes);
    } catch (Throwable e) {
      Outcomes.discardAll(outcomes);
      throw e;
    } finally {
      loads.leave(own, outcomes);
    }
    boolean failed = outcomes.values().stream().allMatch(SecretOutcome.Failed.class::isInstance);
    Map<String, SecretOutcome> stale = failed ? known.together(refs) : null;
    return stale != null ? stale : outcomes;
  }

  /**
   * Whether what a load brings that is not in the map must not be kept: another one that was asked
   * later has been learned, or one is under way. It needn't be of this secret; rather too few of
   * these rare ones are kept than an older value in place of a newer.
   */
  private boolean isOvertaken(SecretRef ref, long order) {
    return fetches.isOvertaken(order) || loads.of(ref) != null;
  }

  /**
   * What was asked for beside the loads of other threads, and is denied or gone, stays so: such a
   * load may have asked before, and would bring it back.
   */
  private void outdateOthers(Set<SecretRef> refs, Map<String, SecretOutcome> outcomes) {
    for (SecretRef ref : refs) {
      SecretOutcome outcome = outcomes.get(ref.name());
      if (outcome instanceof SecretOutcome.Missing
          || (outcome instanceof SecretOutcome.Failed failed && failed.failure().dropsCached())) {
        loads.outdate(ref);
        cached.dropValue(ref);
      }
    }
  }

  private static boolean isOutdated(@Nullable Load load) {
    return load != null && load.isOutdated();
  }

  /** Loads in one call what is not cached meanwhile, and adds to the outcomes. */
  private void load(
      String vault,
      Set<SecretRef> refs,
      Map<String, SecretOutcome> outcomes,
      Fetches.Outdated outdated) {
    // Between this thread's look at the values and its entry into the map, another load may have
    // ended.
    Set<String> names = refs.stream()
        .filter(ref -> !settle(ref, known(ref), outcomes))
        .map(SecretRef::name)
        .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!names.isEmpty()) {
      fetches.fetch(vault, names, outcomes, outdated);
      for (String name : names) {
        SecretRef ref = SecretRef.of(vault, name);
        outcomes.computeIfPresent(name, (key, outcome) -> known.orStale(ref, outcome));
        if (outdated.test(ref, Long.MAX_VALUE)) {
          // Invalidated meanwhile: what is known since then answers, as it will answer from now on.
          SecretOutcome own = outcomes.get(name);
          if (settle(ref, known(ref), outcomes)) {
            Outcomes.discard(own);
          }
        }
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
      fetches.fetch(
          ref.vault(), Set.of(ref.name()), outcomes, (asking, order) -> load.isOutdated());
      SecretOutcome.Failed failure =
          outcomes.get(ref.name()) instanceof SecretOutcome.Failed failed ? failed : null;
      if (failure == null || !Thread.currentThread().isInterrupted()) {
        load.answered(failure); // else it tells of this thread, not of the backend
      }
      return failure;
    } finally {
      Outcomes.discardAll(outcomes); // it lies in the cache
      loads.leave(ref, load, outcomes.get(ref.name()));
    }
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
    return Thread.currentThread().isInterrupted() ? shared.get() : known.orStale(ref, shared.get());
  }

  /**
   * What is known without asking the backend, or null. Begins a refresh if it is time to. A value
   * found is the caller's.
   */
  private @Nullable SecretOutcome known(SecretRef ref) {
    long nowNanos = ticker.getAsLong();
    CachedSecret secret = cached.value(ref);
    if (secret != null && secret.isFresh(nowNanos)) {
      if (secret.beginRefresh(nowNanos)) {
        inBackground(secret, () -> {
          Load load = new Load();
          if (loads.enter(ref, load) == null) {
            ask(ref, load);
          }
        });
      }
      cached.enterQuick(secret, nowNanos);
    }
    return known.of(ref, secret, nowNanos);
  }

  /** Runs a refresh that was begun for the secret, and ends it whatever happens. */
  private void inBackground(CachedSecret secret, Runnable refresh) {
    try {
      background.execute(() -> {
        try {
          if (!closed) {
            refresh.run();
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
          () -> "No refresh ahead of expiry of the secret " + secret.ref() + ": "
              + e.getClass().getName());
    }
  }

  private static boolean settle(
      SecretRef ref, @Nullable SecretOutcome outcome, Map<String, SecretOutcome> outcomes) {
    if (outcome == null) {
      return false;
    }
    outcomes.put(ref.name(), outcome);
    return true;
  }
}
