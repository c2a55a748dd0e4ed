package tech.tailor.secretmanager.client;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.client.AnswerRecorder.Outdated;
import tech.tailor.secretmanager.client.CachedSecret.FailedRefresh;
import tech.tailor.secretmanager.client.CachedSecrets.Absence;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A read whose values and absences are all of one answer of the backend, so that a user name and
 * its password are of one rotation.
 */
final class ConsistentRead implements PendingRead {

  /*
   * The cache answers if all that it knows is of one answer. If others load all of the names, perhaps
   * together, this waits for them and looks again. Where they loaded answers of several calls, all
   * who waited enter once more, so that one of them asks for all. Otherwise this asks for all names
   * in one call. While the failure of a cached value or of an absence forbids to ask for one of them,
   * it asks for none.
   */

  private static final int SHARED_ROUNDS = 2;

  private final CacheParts parts;
  private final String vault;
  private final Set<SecretRef> refs;
  private final Set<String> names;
  private final boolean nested;
  private final BackendCalls calls;
  private @Nullable Map<String, SecretOutcome> outcomes;
  private @Nullable Map<SecretRef, Load> others;
  private Map<SecretRef, Load> own = Map.of();
  private @Nullable Fetch fetch;
  private @Nullable Reason givenUp;
  private int rounds;

  /**
   * Begins a read: answers from the cache if that can be.
   *
   * @param refs one at least, all of the vault
   * @param refreshAhead refreshes cached values in time
   */
  ConsistentRead(
      CacheParts parts,
      String vault,
      Set<SecretRef> refs,
      boolean nested,
      RefreshAhead refreshAhead) {
    this.parts = parts;
    this.vault = vault;
    this.refs = refs;
    this.names =
        refs.stream().map(SecretRef::name).collect(Collectors.toCollection(LinkedHashSet::new));
    this.nested = nested;
    this.calls = nested ? parts.nestedCalls() : parts.calls();
    this.outcomes = fromCache(null);
    if (outcomes == null) {
      parts.counters().misses(refs.size());
    } else {
      parts.counters().hits(refs.size());
      refreshAhead.togetherIfOneIsDue(vault, refs, parts.ticker().getAsLong());
    }
  }

  @Override
  public @Nullable CompletableFuture<?> advance() {
    if (outcomes != null) {
      return null;
    }
    while (fetch == null) {
      if (givenUp != null && others == null) {
        outcomes = unavailable(givenUp);
        return null;
      }
      CompletableFuture<?> load = waitForOthers();
      if (load != null) {
        return load;
      }
      outcomes = whatOthersLoaded();
      if (outcomes != null) {
        return null;
      }
      if (own.isEmpty() && !nested && ++rounds < SHARED_ROUNDS) {
        others = null;
      } else {
        fetch = Fetch.begin(parts, calls, vault, names, own, outdated(parts, own));
      }
    }
    if (!fetch.call().isDone()) {
      return fetch.call();
    }
    endFetch(fetch);
    return null;
  }

  @Override
  public void giveUp(Reason why) {
    givenUp = why;
    if (fetch != null) {
      fetch.giveUp(why.failure(vault, fetch.names(), parts.fetchTimeout()));
    }
  }

  @Override
  public Map<String, SecretOutcome> outcomes() {
    return outcomes == null ? Map.of() : outcomes;
  }

  @Override
  public void abandon() {
    if (fetch != null) {
      fetch.abandon();
    }
    Outcomes.discardAll(outcomes());
  }

  /**
   * Returns whether an answer must not be kept, to a question asked for some loads: in place of a
   * secret that another one loads, nothing is kept.
   */
  static Outdated outdated(CacheParts parts, Map<SecretRef, Load> own) {
    return (ref, order) -> {
      Load load = own.get(ref);
      return load == null ? parts.recorder().isOvertaken(ref, order) : load.isOutdated();
    };
  }

  /** Enters loads, and returns a load of another read to wait for, or null. */
  private @Nullable CompletableFuture<?> waitForOthers() {
    if (others == null) {
      others = new LinkedHashMap<>();
      own = nested ? Map.of() : parts.loads().enter(refs, others);
    }
    if (!own.isEmpty() || givenUp != null) {
      return null;
    }
    return others.values().stream().filter(load -> !load.isDone()).findFirst().orElse(null);
  }

  /**
   * Returns what is known by now, or null if this has to ask; only then are its loads left open.
   */
  private @Nullable Map<String, SecretOutcome> whatOthersLoaded() {
    if (nested) {
      return null;
    }
    if (givenUp != null) {
      return unavailable(givenUp);
    }
    Map<String, SecretOutcome> known = null;
    boolean asks = false;
    try {
      known = fromCache(null);
      asks = known == null;
    } finally {
      if (!asks) {
        parts.loads().abandon(own);
      }
    }
    return known;
  }

  private void endFetch(Fetch ended) {
    Map<String, SecretOutcome> fetched = ended.end(received -> {});
    outcomes = fetched;
    if (fetched.values().stream().allMatch(SecretOutcome.Failed.class::isInstance)) {
      Map<String, SecretOutcome> stale = fromCache(null);
      outcomes = stale == null ? fetched : stale;
    }
  }

  /** Returns what is stale, or the failure where that may not be served. */
  private Map<String, SecretOutcome> unavailable(Reason why) {
    FailedRefresh failed = new FailedRefresh(
        why.failure(vault, names, parts.fetchTimeout()),
        1,
        parts.ticker().getAsLong() + FailedRefresh.LONGEST_PAUSE_NANOS);
    Map<String, SecretOutcome> stale = why == Reason.INTERRUPTED ? null : fromCache(failed);
    return stale == null ? failures(failed) : stale;
  }

  private Map<String, SecretOutcome> failures(FailedRefresh failed) {
    return refs.stream()
        .collect(Collectors.toMap(
            SecretRef::name,
            ref -> CachedAnswers.failed(failed),
            (one, other) -> one,
            LinkedHashMap::new));
  }

  /**
   * Returns what is known of all the secrets, if it is fresh and all of one answer. While the
   * backend is not to be asked for one of them, returns stale values of one answer, or failures.
   * Null if the backend is to be asked.
   *
   * @param assumed why the backend is not to be asked; null for what is remembered
   */
  private @Nullable Map<String, SecretOutcome> fromCache(@Nullable FailedRefresh assumed) {
    long nowNanos = parts.ticker().getAsLong();
    FailedRefresh failed = assumed != null ? assumed : failedSince(nowNanos);
    Map<String, SecretOutcome> known = new LinkedHashMap<>();
    Set<Long> answers = null;
    boolean together = false;
    try {
      answers = addKnown(failed, nowNanos, known);
      together = answers != null && answers.size() <= 1;
    } finally {
      if (!together) {
        Outcomes.discardAll(known);
      }
    }
    if (together) {
      return known;
    }
    return answers == null || failed == null ? null : failures(failed);
  }

  /**
   * Adds what is known of each secret. Returns the answers that brought it, or null if the backend
   * is to be asked for one of them.
   */
  private @Nullable Set<Long> addKnown(
      @Nullable FailedRefresh failed, long nowNanos, Map<String, SecretOutcome> known) {
    Set<Long> answers = new HashSet<>();
    int stale = 0;
    for (SecretRef ref : refs) {
      // Looked at once: what takes its place meanwhile is not copied in its stead.
      CachedSecret secret = parts.cached().value(ref);
      Absence absence = secret == null ? parts.cached().absence(ref, nowNanos) : null;
      SecretOutcome outcome;
      if (secret != null) {
        answers.add(secret.answer().order());
        outcome = parts.answers().of(secret, ownOrOther(secret, failed, nowNanos), nowNanos);
        stale += outcome != null && !secret.isFresh(nowNanos) ? 1 : 0;
        outcome = outcome == null ? failure(secret, failed, nowNanos) : outcome;
      } else if (absence != null) {
        answers.add(absence.answer().order());
        outcome = new SecretOutcome.Missing(absence.missing());
      } else {
        outcome = parts.answers().failed(ref, nowNanos);
      }
      if (outcome == null) {
        return null;
      }
      known.put(ref.name(), outcome);
    }
    if (answers.size() <= 1) {
      parts.counters().servedStale(stale);
    }
    return answers;
  }

  /**
   * Returns the failure by which a value may be stale: its own, as long as that pauses or allows no
   * stale value; then it allows none for the sake of another secret either.
   */
  private static @Nullable FailedRefresh ownOrOther(
      CachedSecret secret, @Nullable FailedRefresh other, long nowNanos) {
    FailedRefresh own = secret.failedRefresh();
    return own != null && (own.isPausing(nowNanos) || !own.failure().isStaleAllowed())
        ? own
        : other;
  }

  /** Returns why there is no value that may answer, or null if the backend may be asked. */
  private static @Nullable SecretOutcome failure(
      CachedSecret secret, @Nullable FailedRefresh other, long nowNanos) {
    FailedRefresh own = secret.failedRefresh();
    FailedRefresh failed = own != null && own.isPausing(nowNanos) ? own : other;
    return failed == null ? null : CachedAnswers.failed(failed);
  }

  /** Returns why the backend is not to be asked for one of them yet, or null. */
  private @Nullable FailedRefresh failedSince(long nowNanos) {
    for (SecretRef ref : refs) {
      FailedRefresh failed = failedSince(ref, nowNanos);
      if (failed != null && failed.isPausing(nowNanos)) {
        return failed;
      }
    }
    return null;
  }

  private @Nullable FailedRefresh failedSince(SecretRef ref, long nowNanos) {
    CachedSecret secret = parts.cached().value(ref);
    if (secret != null) {
      return secret.failedRefresh();
    }
    Absence absence = parts.cached().absence(ref, nowNanos);
    return absence == null ? null : absence.failed();
  }
}
