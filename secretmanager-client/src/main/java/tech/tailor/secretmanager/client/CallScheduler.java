package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Makes calls to a backend on other threads. It limits the calls of one vault that run at a time,
 * so that a vault that hangs takes no thread from another. Requests beyond the limit wait.
 *
 * <p>Waiting requests for a single name are merged into one call. A request for several names gets
 * a call of its own, since it may need one answer for all of them. The lock is held for moments,
 * never across a call. Thread-safe.
 */
final class CallScheduler implements BackendCalls {

  /** The most calls of one vault under way, including abandoned ones whose backend hangs. */
  static final int MOST_OF_A_VAULT = 128;

  /**
   * The most calls of one vault for single names, abandoned ones not counted. More would cost
   * threads and gain nothing, since a call takes many names.
   */
  static final int MOST_FOR_SINGLES = 8;

  /**
   * The most names in a merged call: few enough for usual values to fit into one page of an HTTP
   * server's answer.
   */
  static final int MOST_NAMES = 32;

  private final Backend backend;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();

  /** The vaults with a call that is under way or waits. */
  private final Map<String, Vault> vaults = new HashMap<>();

  private volatile boolean closed;

  /**
   * Schedules calls to a backend.
   *
   * @param executor gives each call that is under way a thread
   */
  CallScheduler(Backend backend, Executor executor) {
    this.backend = backend;
    this.executor = executor;
  }

  /** An outcome for each name. */
  @FunctionalInterface
  interface Backend {
    Map<String, SecretOutcome> fetch(String vault, Set<String> names);
  }

  @Override
  public Request ask(String vault, Set<String> names) {
    Request request = new Request(vault, names);
    ask(request, names.size() == 1);
    return request;
  }

  @Override
  public boolean holdUpCaller() {
    return false;
  }

  @Override
  public void close() {
    List<Call> abandoned = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (Vault vault : vaults.values()) {
        abandoned.addAll(vault.underWay); // nobody waits for those either
        abandoned.addAll(vault.waiting);
        vault.waiting.clear();
        vault.last = null;
      }
    } finally {
      lock.unlock();
    }
    abandoned.forEach(call -> call.fail(Failures.closedMeanwhile()));
  }

  /** Asks in the call that waits for more single names, if {@code joins}, or in a new call. */
  private void ask(Request request, boolean joins) {
    Call call;
    lock.lock();
    try {
      if (closed) {
        request.completeExceptionally(Failures.closedMeanwhile());
        return;
      }
      Vault vault = vaults.computeIfAbsent(request.vault, Vault::new);
      Call others = joins ? vault.last : null;
      if (others != null && others.takes(request)) {
        others.add(request);
        return;
      }
      call = new Call(vault, request);
      if (!vault.mayBegin(call)) {
        vault.waiting.add(call);
        if (joins) {
          vault.last = call;
        }
        return;
      }
      vault.begin(call);
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
   * Returns whether the call that got no thread will be made all the same: it waits again for the
   * calls of its vault that are under way, or it was made before the executor failed.
   */
  private boolean isLeftToOthers(Call call) {
    lock.lock();
    try {
      Vault vault = call.vault;
      if (!vault.underWay.contains(call)) {
        return true;
      }
      vault.leave(call);
      if (closed || vault.underWay.stream().allMatch(Call::isAbandoned)) {
        return false;
      }
      vault.waiting.add(call);
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

  /**
   * Ends a call, and returns the next one of its vault that may begin, which has begun, or null.
   */
  private @Nullable Call next(Call made) {
    lock.lock();
    try {
      made.vault.leave(made);
      return made.vault.next();
    } finally {
      lock.unlock();
    }
  }

  private static boolean isRefused(SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Failed failed && !failed.failure().isRetryable();
  }

  /** Names that a reader asks for. */
  final class Request extends BackendCall {
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

    @Override
    boolean giveUp() {
      boolean givenUp = super.giveUp();
      Call next;
      lock.lock();
      try {
        next = call != null && call.withdraw(this) ? call.vault.next() : null;
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

  /** The calls of one vault. Guarded by the lock. */
  private final class Vault {
    private final String name;

    /** Calls that wait, in order. */
    private final Set<Call> waiting = new LinkedHashSet<>();

    /** The last waiting call that takes more names. */
    private @Nullable Call last;

    private final Set<Call> underWay = new HashSet<>();

    /** How many of those are for single names, and not abandoned. */
    private int forSingles;

    Vault(String name) {
      this.name = name;
    }

    boolean mayBegin(Call call) {
      return underWay.size() < MOST_OF_A_VAULT
          && (!call.isForSingles || forSingles < MOST_FOR_SINGLES);
    }

    void begin(Call call) {
      underWay.add(call);
      if (call.isForSingles) {
        call.isCounted = true;
        forSingles++;
      }
    }

    /** Begins the first waiting call that may, and returns it, or null. */
    @Nullable
    Call next() {
      for (Call call : waiting) {
        if (mayBegin(call)) {
          remove(call);
          begin(call);
          return call;
        }
      }
      return null;
    }

    void remove(Call call) {
      waiting.remove(call);
      if (last == call) {
        last = null;
      }
    }

    void leave(Call call) {
      if (underWay.remove(call)) {
        discount(call);
      }
      if (underWay.isEmpty() && waiting.isEmpty()) {
        vaults.remove(name, this);
      }
    }

    /** Counts the call no longer among those for single names. Its thread goes on. */
    boolean discount(Call call) {
      boolean counted = call.isCounted;
      if (counted) {
        call.isCounted = false;
        forSingles--;
      }
      return counted;
    }
  }

  /**
   * One call: for one request, or for several of one name each, no name twice. Guarded by the lock
   * until it is made.
   */
  private final class Call {
    private final Vault vault;
    private final List<Request> requests = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();
    private final boolean isForSingles;

    /** Whether it counts among those for single names. */
    private boolean isCounted;

    Call(Vault vault, Request request) {
      this.vault = vault;
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

    /** Removes the request. Returns whether that frees a slot for another call. */
    boolean withdraw(Request request) {
      if (vault.waiting.contains(this)) {
        if (requests.remove(request)) {
          names.removeAll(request.names);
        }
        if (requests.isEmpty()) {
          vault.remove(this);
        }
        return false;
      }
      return isAbandoned() && vault.discount(this);
    }

    boolean isAbandoned() {
      return requests.stream().allMatch(Request::isDone);
    }

    void make() {
      if (closed) {
        fail(Failures.closedMeanwhile());
        return;
      }
      if (isAbandoned()) {
        return; // given up before there was a thread
      }
      Map<String, SecretOutcome> outcomes = Map.of();
      try {
        outcomes = backend.fetch(vault.name, names);
        Thread.interrupted(); // left behind by the backend: it is not the interrupt of a reader
      } catch (Throwable e) { // an Error too goes to the request
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

    /** To each its own, or a call of its own: a refusal may be because of another name. */
    private void giveEach(Map<String, SecretOutcome> outcomes) {
      try {
        for (Request request : requests) {
          SecretOutcome outcome =
              outcomes.isEmpty() ? null : requireNonNull(outcomes.get(request.name));
          if (outcome == null || isRefused(outcome)) {
            if (!request.isDone()) {
              ask(request, false);
            }
          } else {
            request.give(Map.of(request.name, Outcomes.forCaller(outcome)));
          }
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
