package tech.tailor.secretmanager.client;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.AnswerRecorder.Outdated;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A read whose names are independent of each other: each is answered as soon and as well as can be.
 */
final class Read implements PendingRead {

  /*
   * A read loads in one call all that it lacks and that no other read is loading, and then waits for
   * the loads of others: a read ends its own loads before it waits, so no two wait for each other.
   *
   * A load shares a failure or an absence, but not a value: each waiter copies it from the cache. If
   * it isn't there any more, the waiters enter a second round, in which one of them loads for all,
   * and after that each fetches for itself.
   */

  private static final int SHARED_ROUNDS = 2;

  private final CacheParts parts;
  private final String vault;

  private final BackendCalls calls;

  private final Set<SecretRef> open = new LinkedHashSet<>();
  private final Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
  private final Map<SecretRef, Load> others = new LinkedHashMap<>();
  private @Nullable Fetch fetch;
  private @Nullable Reason givenUp;
  private int rounds;

  /**
   * Begins a read: answers what can be answered from the cache.
   *
   * @param nested whether this thread is inside a call to the backend; the read must not wait for
   *     others then
   */
  Read(CacheParts parts, String vault, Collection<String> names, boolean nested) {
    this.parts = parts;
    this.vault = vault;
    this.calls = nested ? parts.nestedCalls() : parts.calls();
    this.rounds = nested ? SHARED_ROUNDS : 0;
    names.forEach(name -> open.add(SecretRef.of(vault, name)));
    try {
      open.removeIf(this::answerFromCache);
      parts.counters().hits(outcomes.size());
      parts.counters().misses(open.size());
    } catch (Throwable e) {
      Outcomes.discardAll(outcomes);
      throw e;
    }
  }

  /** Returns whether the cache had an answer for each name. */
  boolean isComplete() {
    return open.isEmpty();
  }

  @Override
  public @Nullable CompletableFuture<?> advance() {
    while (true) {
      if (fetch != null && !fetch.call().isDone()) {
        return fetch.call();
      }
      endFetch();
      CompletableFuture<?> load = joinOthers();
      if (load != null) {
        return load;
      }
      if (open.isEmpty()) {
        return null;
      }
      if (givenUp != null) {
        Set<String> names = names(open);
        open.forEach(ref -> outcomes.put(
            ref.name(), failed(ref, givenUp.failure(vault, names, parts.fetchTimeout()))));
        open.clear();
      } else if (rounds++ < SHARED_ROUNDS) {
        loadOrJoin();
      } else {
        fetch(Map.of(), open, parts.recorder()::isOvertaken);
      }
    }
  }

  @Override
  public void giveUp(Reason why) {
    if (givenUp == null) {
      givenUp = why;
      if (fetch != null) {
        fetch.giveUp(why.failure(vault, fetch.names(), parts.fetchTimeout()));
      }
    }
  }

  @Override
  public Map<String, SecretOutcome> outcomes() {
    return outcomes;
  }

  @Override
  public void abandon() {
    if (fetch != null) {
      fetch.abandon();
      fetch = null;
    }
    Outcomes.discardAll(outcomes);
  }

  private boolean answerFromCache(SecretRef ref) {
    SecretOutcome outcome = parts.answers().of(ref);
    if (outcome == null) {
      return false;
    }
    outcomes.put(ref.name(), outcome);
    return true;
  }

  /** Loads what no other read is loading, and notes the loads of others. */
  private void loadOrJoin() {
    Map<SecretRef, Load> own = parts.loads().enter(open, others);
    try {
      // Since this read looked at the values, another load may have ended.
      for (Iterator<Map.Entry<SecretRef, Load>> each = own.entrySet().iterator();
          each.hasNext(); ) {
        Map.Entry<SecretRef, Load> entry = each.next();
        SecretRef ref = entry.getKey();
        if (answerFromCache(ref)) {
          open.remove(ref);
          each.remove();
          parts.loads().leave(ref, entry.getValue(), outcomes.get(ref.name()));
        }
      }
      if (!own.isEmpty()) {
        fetch(own, own.keySet(), (ref, order) -> isOutdated(own.get(ref)));
      }
    } catch (Throwable e) {
      parts.loads().leave(own, Map.of());
      throw e;
    }
  }

  private void fetch(Map<SecretRef, Load> own, Set<SecretRef> refs, Outdated outdated) {
    Set<String> names = names(refs);
    fetch = Fetch.begin(parts, calls, vault, names, own, outdated);
  }

  /** Takes the outcomes of this read's own call, if it made one. */
  private void endFetch() {
    Fetch ended = fetch;
    if (ended == null) {
      return;
    }
    fetch = null;
    Map<String, SecretOutcome> fetched = ended.end(received -> adjust(ended, received));
    outcomes.putAll(fetched);
    open.removeIf(ref -> fetched.containsKey(ref.name()));
  }

  private void adjust(Fetch ended, Map<String, SecretOutcome> received) {
    for (String name : ended.names()) {
      SecretRef ref = SecretRef.of(vault, name);
      if (givenUp != Reason.INTERRUPTED) {
        received.computeIfPresent(name, (key, outcome) -> parts.answers().orStale(ref, outcome));
      }
      if (ended.isOutdated(ref)) {
        // Invalidated since it was asked for: what is known by now answers, as in later reads.
        SecretOutcome known = parts.answers().of(ref);
        if (known != null) {
          Outcomes.discard(received.put(name, known));
        }
      }
    }
  }

  /** Takes the outcomes of loads of others. Returns one that has not ended, or null. */
  private @Nullable CompletableFuture<?> joinOthers() {
    for (Iterator<Map.Entry<SecretRef, Load>> each = others.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<SecretRef, Load> entry = each.next();
      Load load = entry.getValue();
      if (!load.isDone() && givenUp == null) {
        return load;
      }
      SecretRef ref = entry.getKey();
      each.remove();
      SecretOutcome outcome = load.isDone()
          ? joined(ref, load)
          : failed(
              ref,
              givenUp == Reason.INTERRUPTED
                  ? Failures.loadInterrupted(ref)
                  : Failures.loadTimedOut(ref, parts.fetchTimeout()));
      if (outcome != null) {
        outcomes.put(ref.name(), outcome);
        open.remove(ref);
      }
    }
    return null;
  }

  /** Returns the outcome of a load that ended, or null if this read has to look for itself. */
  private @Nullable SecretOutcome joined(SecretRef ref, Load load) {
    Optional<SecretOutcome> shared = load.join();
    if (shared.isEmpty()) {
      return parts.answers().of(ref);
    }
    SecretOutcome own = Outcomes.forCaller(shared.get());
    // A thread that was interrupted while it waited is told so.
    return givenUp == Reason.INTERRUPTED ? own : parts.answers().orStale(ref, own);
  }

  /** Returns the failure for which this read was given up, or a stale value in its place. */
  private SecretOutcome failed(SecretRef ref, SecretManagerException failure) {
    SecretOutcome failed = new SecretOutcome.Failed(failure);
    return givenUp == Reason.INTERRUPTED ? failed : parts.answers().orStale(ref, failed);
  }

  private static boolean isOutdated(@Nullable Load load) {
    return load != null && load.isOutdated();
  }

  private static Set<String> names(Set<SecretRef> refs) {
    return refs.stream().map(SecretRef::name).collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
