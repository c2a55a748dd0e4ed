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
 * Makes calls to a backend on other threads, so many at once, and of single names of one vault so
 * many. What is asked for beyond that waits; single names of one vault are then asked for together,
 * in one call. Who asks for several names gets a call of its own, since they may have to be of one
 * answer. The lock is held for moments, never across a call. Thread-safe.
 */
final class Calls {

  /*
   * Nothing waits that may begin: who asks begins at once if there is room, and whoever leaves a
   * place takes the first that waits and may have it.
   */

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

  /** Calls that wait for a place, the first first. */
  private final Set<Call> waiting = new LinkedHashSet<>();

  /** Of each vault the last that waits and takes more names. */
  private final Map<String, Call> last = new HashMap<>();

  /** How many calls for single names are under way and waited for, by vault. */
  private final Map<String, Integer> waitedFor = new HashMap<>();

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

  /** Asks for names of a vault, one at least. Whoever gets the outcomes owns the values in them. */
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
      abandoned = List.copyOf(waiting);
      abandoned.forEach(this::remove);
    } finally {
      lock.unlock();
    }
    abandoned.forEach(call -> call.fail(noMore()));
  }

  /** Asks together with others that wait, if it joins them, or alone. */
  private void ask(Request request, boolean joins) {
    Call call;
    lock.lock();
    try {
      if (closed) {
        request.completeExceptionally(noMore());
        return;
      }
      Call others = joins ? last.get(request.vault) : null;
      if (others != null && others.takes(request)) {
        others.add(request);
        return;
      }
      call = new Call(request);
      if (!call.mayBegin()) {
        waiting.add(call);
        if (joins) {
          last.put(request.vault, call);
        }
        return;
      }
      call.takePlace();
    } finally {
      lock.unlock();
    }
    begin(call);
  }

  /** Gives a thread to the call, if it is one; if it gets none, to the next that may begin. */
  private void begin(@Nullable Call first) {
    Call call = first;
    while (call != null) {
      Call begun = call;
      call = null;
      try {
        executor.execute(() -> makeThisAndWaiting(begun));
      } catch (RuntimeException | Error e) { // it takes no more, or there are no more threads
        if (!isLeftToOthers(begun)) {
          call = next(begun);
          begun.fail(e);
        }
      }
    }
  }

  /**
   * Whether somebody sees to the call that got no thread: it waits again for those of its vault
   * that are under way, or it was made before the executor failed.
   */
  private boolean isLeftToOthers(Call call) {
    lock.lock();
    try {
      if (!call.isUnderWay) {
        return true;
      }
      call.leave();
      if (closed || !waitedFor.containsKey(call.vault)) {
        return false;
      }
      waiting.add(call);
      return true;
    } finally {
      lock.unlock();
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
      Call failed = requireNonNull(call);
      Call next = next(failed);
      failed.fail(e);
      begin(next);
      throw e;
    }
  }

  /** The first that waits and may have the place that the call leaves, and now has it, or null. */
  private @Nullable Call next(Call made) {
    lock.lock();
    try {
      made.leave();
      return take();
    } finally {
      lock.unlock();
    }
  }

  /** The first call that waits and may begin, which has a place now, or null. Under the lock. */
  private @Nullable Call take() {
    if (underWay == MOST) {
      return null;
    }
    for (Call call : waiting) {
      if (call.mayBegin()) {
        call.takePlace();
        remove(call);
        return call;
      }
    }
    return null;
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
            outcome instanceof SecretOutcome.Failed failed && !failed.failure().isRetryable());
  }

  /** Names that somebody asks for, to be completed with their outcomes. */
  final class Request extends CompletableFuture<Map<String, SecretOutcome>> {
    private final String vault;
    private final Set<String> names;

    /** The first name. At hand, so that not even a lack of memory keeps its value from a wipe. */
    private final String name;

    /** The latest call that was to bring them. Guarded by the lock. */
    private @Nullable Call call;

    private Request(String vault, Set<String> names) {
      this.vault = vault;
      this.names = names;
      this.name = names.iterator().next();
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
        next = call != null && call.withdraw(this) ? take() : null;
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
    private final Set<String> names = new LinkedHashSet<>();
    private final boolean isForSingles;

    /** Whether it counts among those under way. */
    private boolean isUnderWay;

    /** Whether it counts among those of its vault that somebody waits for. */
    private boolean isWaitedFor;

    Call(Request request) {
      this.vault = request.vault;
      this.isForSingles = request.names.size() == 1;
      add(request);
    }

    boolean takes(Request request) {
      return names.size() < MOST_NAMES && !names.contains(request.name);
    }

    void add(Request request) {
      requests.add(request);
      names.addAll(request.names);
      request.call = this;
    }

    boolean mayBegin() {
      return underWay < MOST
          && (!isForSingles || waitedFor.getOrDefault(vault, 0) < MOST_OF_A_VAULT);
    }

    void takePlace() {
      if (isForSingles) {
        waitedFor.merge(vault, 1, Integer::sum);
        isWaitedFor = true;
      }
      isUnderWay = true;
      underWay++;
    }

    /** Takes the request out. Whether a place is free now, since nobody waits for the call. */
    boolean withdraw(Request request) {
      if (waiting.contains(this)) {
        if (requests.remove(request)) {
          names.removeAll(request.names);
        }
        if (requests.isEmpty()) {
          remove(this);
        }
        return false;
      }
      return requests.stream().allMatch(Request::isDone) && leaveVault();
    }

    void leave() {
      if (isUnderWay) {
        isUnderWay = false;
        underWay--;
        leaveVault();
      }
    }

    /** Whether it counted among those of its vault. Its thread goes on. */
    private boolean leaveVault() {
      boolean counted = isWaitedFor;
      if (counted) {
        isWaitedFor = false;
        waitedFor.computeIfPresent(vault, (key, calls) -> calls == 1 ? null : calls - 1);
      }
      return counted;
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
          requests.stream()
              .filter(request -> !request.isDone())
              .forEach(request -> ask(request, false));
          return;
        }
        for (Request request : requests) {
          SecretOutcome outcome = requireNonNull(outcomes.get(request.name));
          request.give(Map.of(request.name, Outcomes.forCaller(outcome)));
        }
      } catch (Throwable e) { // no memory
        for (Request request : requests) {
          boolean given = request.isDone() && !request.isCompletedExceptionally();
          if (!given) {
            Outcomes.discard(outcomes.get(request.name));
          }
        }
        fail(e);
      }
    }

    void fail(Throwable why) {
      requests.forEach(request -> request.completeExceptionally(why));
    }
  }
}
