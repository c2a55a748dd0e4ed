package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Serves reads from memory while entries are valid, otherwise from the backend. Each caller's
 * thread waits for its own read; asynchronous reads wait on no thread. Thread-safe.
 */
final class SecretCache implements AutoCloseable {

  /*
   * The quick path finds a value of which nothing is due, and copies it. Any other read is a
   * PendingRead, which looks at the age of the value, at absences and at recent failures, and asks
   * the backend for the rest, in one call for all the names it lacks.
   *
   * - No lock is held across a call to the backend. Loads under way are in InFlightLoads; the read
   *   that enters a load ends it, whatever happens.
   * - A load stores what it fetched before it leaves the map, and a read that enters looks at the
   *   values once more. So no read fetches what another one has just stored.
   * - A value is as old as the question that it answers. It is served for its time to live, and
   *   stale for maxStale after that; then it is gone, by Caffeine's expiry and by our own look at
   *   its age.
   * - A failure is remembered, with the value or in its place, and the backend is not asked again
   *   before a pause is over.
   * - An explicit refresh asks after it was called: it doesn't share a load that was under way
   *   before.
   * - invalidate first marks the load under way as outdated, then drops the entry. The load is asked
   *   whether it is outdated in the very step that would store its answer, so a read after an
   *   invalidation finds nothing that was asked for before.
   * - A thread that stores a value looks at the closed flag afterwards, and takes back what it
   *   stored: nothing survives close().
   * - A thread inside a call to the backend that reads from its own manager waits for nobody and
   *   asks on its own thread: the threads and loads that it would wait for may wait for it.
   */

  private final GuardedBackend backend;
  private final LongSupplier ticker;
  private final Duration fetchTimeout;
  private final CacheCounters counters = new CacheCounters();
  private final CachedSecrets cached;
  private final AnswerRecorder recorder;
  private final InFlightLoads loads;
  private final RefreshAhead refreshAhead;
  private final Refreshes refreshes;
  private final QuickReads quick;
  private final CacheParts parts;

  /** The asynchronous reads that are under way. */
  private final AsyncRead.Host asyncReads;

  private volatile boolean closed;

  /**
   * Makes a cache in front of a backend.
   *
   * @param calls how the backend is called
   * @param listeners are told what happens
   */
  SecretCache(
      GuardedBackend backend,
      BackendCalls calls,
      CacheSettings settings,
      Listeners listeners,
      ManagerExecutors executors) {
    this.backend = backend;
    this.asyncReads = new AsyncRead.Host(executors, ConcurrentHashMap.newKeySet(), () -> closed);
    this.ticker = settings.ticker();
    this.fetchTimeout = settings.fetchTimeout();
    this.cached = new CachedSecrets(settings, counters, listeners, this::require);
    this.loads = new InFlightLoads(fetchTimeout);
    this.recorder = new AnswerRecorder(backend, cached, loads, counters, listeners, settings);
    this.refreshAhead = new RefreshAhead(executors);
    CachedAnswers answers = new CachedAnswers(cached, counters, ticker, refreshAhead);
    BackendCalls nested = new DirectCalls(backend, fetchTimeout, ticker);
    this.parts = new CacheParts(
        cached, answers, recorder, loads, calls, nested, counters, ticker, fetchTimeout);
    refreshAhead.of(parts);
    this.refreshes = new Refreshes(parts);
    this.quick = new QuickReads(cached, counters, ticker);
  }

  /** Returns the reads that find everything fresh in the cache. */
  QuickReads quick() {
    return quick;
  }

  /** Returns an outcome for the secret. A value found is the caller's. */
  SecretOutcome get(SecretRef ref) {
    return get(ref.vault(), Set.of(ref.name())).values().iterator().next();
  }

  /** Returns an outcome for each name. The values found are the caller's. */
  Map<String, SecretOutcome> get(String vault, Collection<String> names) {
    long deadlineNanos = deadline();
    boolean nested = backend.isAskedByThisThread();
    return Waits.complete(
        new Read(parts, vault, names, nested), holdsUpCaller(nested), deadlineNanos);
  }

  /**
   * Returns an outcome for each name, of which those found and missing are all of one answer of the
   * backend. The values found are the caller's.
   */
  Map<String, SecretOutcome> getTogether(String vault, Collection<String> names) {
    if (names.isEmpty()) {
      return Map.of();
    }
    long deadlineNanos = deadline();
    Set<SecretRef> refs = names.stream()
        .map(name -> SecretRef.of(vault, name))
        .collect(Collectors.toCollection(LinkedHashSet::new));
    boolean nested = backend.isAskedByThisThread();
    return Waits.complete(
        new ConsistentRead(parts, vault, refs, nested, refreshAhead),
        holdsUpCaller(nested),
        deadlineNanos);
  }

  /**
   * Reads secrets without a thread that waits.
   *
   * @param answer what becomes of the outcomes, of which it owns the values; it runs where user
   *     code may
   * @param discard gets an answer that nobody takes
   * @param answersHere whether the answer may be made on the calling thread where the cache has all
   *     outcomes: it runs no user code
   */
  <T extends @Nullable Object> CompletableFuture<T> getAsync(
      String vault,
      Collection<String> names,
      AsyncRead.Answer<T> answer,
      Consumer<T> discard,
      boolean answersHere) {
    boolean nested = backend.isAskedByThisThread();
    Read read = new Read(parts, vault, names, nested);
    if (answersHere && read.isComplete()) {
      try {
        return CompletableFuture.completedFuture(answer.of(read.outcomes()));
      } catch (Exception e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    return AsyncRead.start(
        read,
        asyncReads,
        parts.calls().holdUpCaller() && !nested,
        fetchTimeout.toNanos(),
        answer,
        discard);
  }

  /** Returns the value of a secret, which the caller owns, or throws if there is no value. */
  SecretValue require(SecretRef ref) {
    if (closed) {
      throw Failures.closed();
    }
    SecretOutcome outcome = get(ref);
    if (closed) {
      Outcomes.discard(outcome);
      throw Failures.closed();
    }
    return Outcomes.required(ref, outcome);
  }

  /** Has a change reported of each of these secrets, also where its value was evicted before. */
  void keptWarm(Set<SecretRef> refs) {
    cached.keptWarm(refs);
  }

  /** Returns the entry of a secret, for tests. */
  @Nullable
  CachedSecret held(SecretRef ref) {
    return cached.value(ref);
  }

  /** Returns how long until a secret should be fetched; not positive if it is time. */
  long dueInNanos(SecretRef ref) {
    return cached.dueInNanos(ref, ticker.getAsLong());
  }

  /** Fetches secrets of a vault whatever is cached, without waiting. */
  void refreshInBackground(String vault, Set<SecretRef> refs, Runnable done) {
    refreshAhead.begin(vault, refs, done);
  }

  /**
   * Asks the backend after this was called, whatever is cached, and keeps the answer. A failure
   * that doesn't drop the cached value leaves it there, to answer reads as before.
   *
   * @return the failure of the backend, or null if it answered
   */
  SecretOutcome.@Nullable Failed refresh(SecretRef ref) {
    return refreshes.refresh(ref, backend.isAskedByThisThread(), deadline());
  }

  /** Wipes the entry of the secret. What a load under way brings is not kept either. */
  void invalidate(SecretRef ref) {
    recorder.forget();
    loads.forget(ref);
    cached.drop(ref);
  }

  /** Wipes every entry. What loads under way bring is not kept either. */
  void invalidateAll() {
    recorder.forget();
    loads.refs().forEach(ref -> {
      loads.forget(ref);
      cached.drop(ref);
    });
    cached.dropAll();
  }

  /** What is cached or being loaded, found or missing. */
  Set<SecretRef> refs() {
    Set<SecretRef> refs = new HashSet<>(loads.refs());
    refs.addAll(cached.refs());
    return refs;
  }

  CacheStats stats() {
    return counters.stats(backend.made(), loads.refs().size());
  }

  /** Wipes everything, and keeps nothing any more. Waiters are woken. Doesn't close the backend. */
  @Override
  public void close() {
    closed = true;
    refreshes.close();
    recorder.close();
    parts.calls().close();
    loads.refs().forEach(cached::drop); // which waits for what they are putting
    cached.dropAll();
    loads.endAll(new SecretOutcome.Failed(Failures.closedMeanwhile()));
    asyncReads.unfinished().forEach(AsyncRead::end);
  }

  private boolean holdsUpCaller(boolean nested) {
    return nested || parts.calls().holdUpCaller();
  }

  private long deadline() {
    return System.nanoTime() + fetchTimeout.toNanos();
  }
}
