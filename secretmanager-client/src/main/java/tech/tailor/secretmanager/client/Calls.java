package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Makes calls to a backend on other threads, so many at once. What is asked for while that many are
 * under way waits, and is then asked for together: one call for what waits of one vault. The lock
 * is held for moments, never across a call. Thread-safe.
 */
final class Calls {

  /** As many as are under way at once. */
  static final int MOST = 128;

  /** What one call asks for, if it is made for several that wait. */
  static final int MOST_NAMES = 100;

  private final Backend backend;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Calls that wait for a thread, the first first. */
  private final Set<Call> waiting = new LinkedHashSet<>();

  /** Of each vault the last that waits. */
  private final Map<String, Call> last = new HashMap<>();

  private int underWay;

  /**
   * Calls a backend.
   *
   * @param executor gives each call that is under way a thread
   */
  Calls(Backend backend, Executor executor) {
    this.backend = backend;
    this.executor = executor;
  }

  /** An outcome for each name. */
  @FunctionalInterface
  interface Backend {
    Map<String, SecretOutcome> fetch(String vault, Set<String> names);
  }

  /** Asks for names of a vault. Whoever gets the outcomes owns the values in them. */
  Request ask(String vault, Set<String> names) {
    Request request = new Request(vault, names);
    Call call = beginOrWait(request);
    if (call != null) {
      try {
        executor.execute(() -> makeThisAndWaiting(call));
      } catch (RuntimeException | Error e) { // it takes no more, or there are no more threads
        lock.lock();
        try {
          underWay--;
        } finally {
          lock.unlock();
        }
        request.completeExceptionally(e);
      }
    }
    return request;
  }

  /** The call to be made now, or null if the request waits. */
  private @Nullable Call beginOrWait(Request request) {
    lock.lock();
    try {
      if (underWay < MOST) {
        underWay++;
        return new Call(request);
      }
      Call call = last.get(request.vault);
      if (call != null && call.takes(request)) {
        call.add(request);
      } else {
        call = new Call(request);
        waiting.add(call);
        last.put(request.vault, call);
      }
      request.waitsIn = call;
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void makeThisAndWaiting(Call first) {
    for (Call call = first; call != null; call = next()) {
      call.make();
    }
  }

  /** The next call that waits, or null, and then there is one less under way. */
  private @Nullable Call next() {
    lock.lock();
    try {
      Iterator<Call> calls = waiting.iterator();
      if (!calls.hasNext()) {
        underWay--;
        return null;
      }
      Call call = calls.next();
      remove(call);
      return call;
    } finally {
      lock.unlock();
    }
  }

  private void remove(Call call) {
    waiting.remove(call);
    last.remove(call.vault, call);
    call.requests.forEach(request -> request.waitsIn = null);
  }

  /** Names that somebody asks for, to be completed with their outcomes. */
  final class Request extends CompletableFuture<Map<String, SecretOutcome>> {
    private final String vault;
    private final Set<String> names;

    /** Guarded by the lock. */
    private @Nullable Call waitsIn;

    private Request(String vault, Set<String> names) {
      this.vault = vault;
      this.names = names;
    }

    /**
     * Wants no answer any more: what comes is wiped, and what isn't asked for yet won't be.
     *
     * @return whether there was none yet
     */
    boolean giveUp() {
      boolean givenUp = cancel(false);
      lock.lock();
      try {
        Call call = waitsIn;
        if (call != null) {
          call.requests.remove(this);
          call.names.removeAll(names);
          if (call.requests.isEmpty()) {
            remove(call);
          }
        }
      } finally {
        lock.unlock();
      }
      return givenUp;
    }
  }

  /** One call, for one request or several, no name twice. Guarded by the lock until it is made. */
  private final class Call {
    private final String vault;
    private final List<Request> requests = new ArrayList<>();
    private final Set<String> names;

    Call(Request request) {
      this.vault = request.vault;
      this.names = new LinkedHashSet<>(request.names);
      this.requests.add(request);
    }

    boolean takes(Request request) {
      return names.size() + request.names.size() <= MOST_NAMES
          && request.names.stream().noneMatch(names::contains);
    }

    void add(Request request) {
      requests.add(request);
      names.addAll(request.names);
    }

    void make() {
      if (requests.stream().allMatch(Request::isDone)) {
        return; // given up before there was a thread
      }
      try {
        answer(backend.fetch(vault, names));
      } catch (Throwable e) { // an Error too belongs to those who wait
        requests.forEach(request -> request.completeExceptionally(e));
      }
    }

    private void answer(Map<String, SecretOutcome> outcomes) {
      boolean first = true;
      for (Request request : requests) {
        Map<String, SecretOutcome> own = new LinkedHashMap<>();
        for (String name : request.names) {
          SecretOutcome outcome = requireNonNull(outcomes.get(name));
          own.put(name, first ? outcome : Outcomes.forCaller(outcome));
        }
        first = false;
        if (!request.complete(own)) {
          Outcomes.discardAll(own);
        }
      }
    }
  }
}
