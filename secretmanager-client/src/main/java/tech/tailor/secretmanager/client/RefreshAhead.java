package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;

/**
 * Refreshes values before they expire, while readers go on to be served the cached ones. No thread
 * waits for a refresh. Thread-safe.
 */
final class RefreshAhead {

  private static final System.Logger LOGGER = System.getLogger(RefreshAhead.class.getName());

  private final ManagerExecutors executors;
  private @Nullable CacheParts parts;

  RefreshAhead(ManagerExecutors executors) {
    this.executors = executors;
  }

  /** Gives this the cache, before the first refresh: the two know each other. */
  void of(CacheParts cache) {
    this.parts = cache;
  }

  /** Refreshes a value, if it is time to, nobody does, and the last attempt is long enough ago. */
  void ifDue(CachedSecret secret, long nowNanos) {
    if (secret.beginRefresh(nowNanos)) {
      begin(secret.ref().vault(), Set.of(secret.ref()), secret::endRefresh, false);
    }
  }

  /** Refreshes all of them, in one call, if one is due: they stay values of one answer. */
  void togetherIfOneIsDue(String vault, Set<SecretRef> refs, long nowNanos) {
    for (SecretRef ref : refs) {
      CachedSecret secret = cache().cached().value(ref);
      if (secret != null && secret.isFresh(nowNanos) && secret.beginRefresh(nowNanos)) {
        begin(vault, refs, secret::endRefresh, true);
        return;
      }
    }
  }

  /**
   * Asks the backend for secrets whatever is cached, except for those that are being loaded.
   *
   * @param done runs when the answer is kept, or when there is nothing to ask for
   */
  void begin(String vault, Set<SecretRef> refs, Runnable done) {
    begin(vault, refs, done, false);
  }

  private void begin(String vault, Set<SecretRef> refs, Runnable done, boolean together) {
    if (cache().calls().holdUpCaller()) {
      executors.execute(() -> ask(vault, refs, done, together), e -> {
        done.run();
        logFailed(vault, e);
      });
    } else {
      ask(vault, refs, done, together);
    }
  }

  /** Asks, and returns at once unless the calls are made by this thread. */
  private void ask(String vault, Set<SecretRef> refs, Runnable done, boolean together) {
    CacheParts cache = cache();
    boolean asked = false;
    Map<SecretRef, Load> own = Map.of();
    Fetch begun = null;
    try {
      if (cache.recorder().isClosed()) {
        return;
      }
      own = cache.loads().enter(refs, new LinkedHashMap<>());
      Collection<SecretRef> asks = together && !own.isEmpty() ? refs : own.keySet();
      if (asks.isEmpty()) {
        return;
      }
      Set<String> names =
          asks.stream().map(SecretRef::name).collect(Collectors.toCollection(LinkedHashSet::new));
      Fetch fetch =
          Fetch.begin(cache, cache.calls(), vault, names, own, ConsistentRead.outdated(cache, own));
      begun = fetch;
      Future<?> timeout = executors.schedule(
          () -> fetch.giveUp(Failures.timedOut(vault, names, cache.fetchTimeout())),
          cache.fetchTimeout().toNanos());
      endWhenAnswered(fetch, vault, timeout, done);
      asked = true;
    } catch (RuntimeException | Error e) { // such as no memory; the value is fresh all the same
      if (begun == null) {
        cache.loads().leave(own, Map.of());
      } else {
        begun.abandon();
      }
      logFailed(vault, e);
    } finally {
      if (!asked) {
        done.run();
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // its errors are logged here
  private static void endWhenAnswered(Fetch fetch, String vault, Future<?> timeout, Runnable done) {
    fetch.call().whenComplete((outcomes, failure) -> {
      timeout.cancel(false);
      try {
        Outcomes.discardAll(fetch.end(received -> {})); // they are in the cache
      } catch (RuntimeException | Error e) {
        logFailed(vault, e);
      } finally {
        done.run();
      }
    });
  }

  private CacheParts cache() {
    CacheParts cache = parts;
    if (cache == null) {
      throw new IllegalStateException("There is no cache yet");
    }
    return cache;
  }

  private static void logFailed(String vault, Throwable e) {
    LOGGER.log(
        DEBUG,
        () -> "No refresh ahead of expiry of secrets of the vault " + vault + ": "
            + e.getClass().getName());
  }
}
