package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
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
 * under way waits; single names of one vault are then asked for together, in one call. Who asks for
 * several names gets a call of its own, since they may have to be of one answer. The lock is held
 * for moments, never across a call. Thread-safe.
 */
final class Calls {

  /** As many as are under way at once. */
  static final int MOST = 128;

  /**
   * As many of them as are for single names of one vault, and waited for: more would cost threads
   * and bring nothing, since a call takes many names.
   */
  static final int MOST_OF_A_VAULT = 8;

  /**
   * What one call asks for, if it is made for several that wait: so few that usual values fit into
   * one answer of an HTTP server, which would else be asked for one part after the other.
   */
  static final int MOST_NAMES = 32;

  private final Backend backend;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Calls that wait for a thread, the first first. */
  private final Set<Call> waiting = new LinkedHashSet<>();

  /** Of each vault the last that waits and takes more names. */
  private final Map<String, Call> last = new HashMap<>();

  /** How many calls for single names are under way and waited for, by vault. */
  private final Map<String, Integer> ofVault = new HashMap<>();

  private int underWay;
  private volatile boolean closed;

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
    ask(request, names.size() == 1);
    return request;
  }

  /** Begins no call any more. What waits fails, and so does what is asked for later. */
  void close() {
    List<Call> abandoned;
    lock.lock();
    try {
      closed = true;
      abandoned = takeAllWaiting();
    } finally {
      lock.unlock();
    }
    abandoned.forEach(call -> call.fail(noMore()));
  }

  private void ask(Request request, boolean joins) {
    Call next;
    lock.lock();
    try {
      if (closed) {
        request.completeExceptionally(noMore());
        return;
      }
      enqueue(request, joins);
      next = take();
    } finally {
      lock.unlock();
    }
    begin(next);
  }

  private void enqueue(Request request, boolean joins) {
    Call call = joins ? last.get(request.vault) : null;
    if (call == null || !call.takes(request)) {
      call = new Call(request, joins);
      waiting.add(call);
      if (joins) {
        last.put(request.vault, call);
      }
    } else {
      call.add(request);
    }
    request.call = call;
  }

  /** Gives a thread to the call, if it is one, and then to what else waits and may be made. */
  private void begin(@Nullable Call first) {
    for (Call call = first; call != null; call = take()) {
      Call begun = call;
      try {
        executor.execute(() -> makeThisAndWaiting(begun));
      } catch (RuntimeException | Error e) { // it takes no more, or there are no more threads
        giveBack(begun, e);
        begun.fail(e);
      }
    }
  }

  private void makeThisAndWaiting(Call first) {
    Call call = first;
    try {
      while (call != null) {
        call.make();
        Thread.interrupted(); // what one call left behind is not the next one's
        call = next(call);
      }
    } catch (Throwable e) { // no memory even to say so
      giveBack(requireNonNull(call), e);
      throw e;
    }
  }

  /** The next call that waits and may be made, or null; the one made is not under way any more. */
  private @Nullable Call next(Call made) {
    lock.lock();
    try {
      made.end();
      return take();
    } finally {
      lock.unlock();
    }
  }

  /** The first call that waits and may be made, from now on under way, or null. */
  private @Nullable Call take() {
    lock.lock();
    try {
      if (underWay == MOST) {
        return null;
      }
      for (Call call : waiting) {
        if (call.mayBegin()) {
          call.begin();
          return call;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** There is one less under way. If it was the last, nobody is left for what waits. */
  private void giveBack(Call call, Throwable why) {
    List<Call> abandoned = List.of();
    lock.lock();
    try {
      call.end();
      if (underWay == 0) {
        abandoned = takeAllWaiting();
      }
    } finally {
      lock.unlock();
    }
    abandoned.forEach(other -> other.fail(why));
  }

  private List<Call> takeAllWaiting() {
    List<Call> all = List.copyOf(waiting);
    all.forEach(this::remove);
    return all;
  }

  private void remove(Call call) {
    waiting.remove(call);
    last.remove(call.vault, call);
  }

  private static IllegalStateException noMore() {
    return new IllegalStateException("The SecretManager is closed");
  }

  /** Whether there is nothing but failures, or nothing, which may be for the sake of one name. */
  private static boolean isRefused(Map<String, SecretOutcome> outcomes) {
    return outcomes.values().stream()
        .allMatch(outcome ->
            outcome instanceof SecretOutcome.Failed failed && !failed.failure().retryable());
  }

  /** Names that somebody asks for, to be completed with their outcomes. */
  final class Request extends CompletableFuture<Map<String, SecretOutcome>> {
    private final String vault;
    private final Set<String> names;

    /** The latest call that was to bring them. Guarded by the lock. */
    private @Nullable Call call;

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
      Call next;
      lock.lock();
      try {
        if (call != null) {
          call.giveUp(this);
        }
        next = take();
      } finally {
        lock.unlock();
      }
      begin(next);
      return givenUp;
    }

    private void give(Map<String, SecretOutcome> outcomes) {
      if (!complete(outcomes)) {
        Outcomes.discardAll(outcomes);
      }
    }
  }

  /**
   * One call: for one request, or for several of one name each, no name twice. Guarded by the lock
   * until it is made.
   */
  private final class Call {
    private final String vault;
    private final List<Request> requests = new ArrayList<>();
    private final Set<String> names;
    private final boolean joins;

    /** Whether it counts as under way. */
    private boolean hasThread;

    /** Whether it counts as under way for its vault. */
    private boolean isOfVault;

    Call(Request request, boolean joins) {
      this.vault = request.vault;
      this.names = new LinkedHashSet<>(request.names);
      this.requests.add(request);
      this.joins = joins;
    }

    boolean takes(Request request) {
      return names.size() < MOST_NAMES && request.names.stream().noneMatch(names::contains);
    }

    void add(Request request) {
      requests.add(request);
      names.addAll(request.names);
    }

    boolean mayBegin() {
      return !joins || ofVault.getOrDefault(vault, 0) < MOST_OF_A_VAULT;
    }

    void begin() {
      if (joins) {
        ofVault.merge(vault, 1, Integer::sum);
        isOfVault = true;
      }
      remove(this);
      hasThread = true;
      underWay++;
    }

    void giveUp(Request request) {
      if (waiting.contains(this)) {
        requests.remove(request);
        names.removeAll(request.names);
        if (requests.isEmpty()) {
          remove(this);
        }
      } else if (requests.stream().allMatch(Request::isDone)) {
        leaveVault(); // nobody waits for it: should it hang, the vault's other readers don't
      }
    }

    void end() {
      if (hasThread) {
        hasThread = false;
        underWay--;
        leaveVault();
      }
    }

    private void leaveVault() {
      if (isOfVault) {
        isOfVault = false;
        ofVault.computeIfPresent(vault, (key, calls) -> calls == 1 ? null : calls - 1);
      }
    }

    void make() {
      if (closed) {
        fail(noMore());
        return;
      }
      if (requests.stream().allMatch(Request::isDone)) {
        return; // given up before there was a thread
      }
      Map<String, SecretOutcome> outcomes = Map.of();
      try {
        outcomes = backend.fetch(vault, names);
      } catch (Throwable e) { // an Error too belongs to whoever waits
        if (requests.size() == 1) {
          fail(e);
          return;
        }
        // It may be for the sake of one name: below, each is asked for alone, and gets its own.
      }
      if (requests.size() == 1) {
        requests.get(0).give(outcomes);
      } else {
        giveEach(outcomes);
      }
    }

    /** To each its own, or, if there is nothing but refusals, a call of its own. */
    private void giveEach(Map<String, SecretOutcome> outcomes) {
      try {
        if (isRefused(outcomes)) {
          requests.forEach(request -> ask(request, false));
          return;
        }
        for (Request request : requests) {
          String name = request.names.iterator().next();
          request.give(Map.of(name, Outcomes.forCaller(requireNonNull(outcomes.get(name)))));
        }
      } catch (Throwable e) { // no memory
        for (Request request : requests) {
          if (request.completeExceptionally(e)) {
            Outcomes.discard(outcomes.get(request.names.iterator().next()));
          }
        }
      }
    }

    void fail(Throwable why) {
      requests.forEach(request -> request.completeExceptionally(why));
    }
  }
}
