package tech.tailor.secretmanager.client;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Runs a read without a thread that waits for it: the thread that completes what the read waits for
 * takes the next step. The future is completed where user code may run. At the deadline, which
 * counts from the caller's request, the read ends, and a user's executor that has not run the
 * completion by then is bypassed. So no future waits without end, unless the calls hold up their
 * caller, and then as long as the backend does.
 *
 * @param <T> what the outcomes are turned into
 */
final class AsyncRead<T extends @Nullable Object> {

  private final PendingRead read;
  private final Host host;
  private final ManagerExecutors executors;
  private final boolean holdsUpCaller;
  private final Answer<T> answer;
  private final Consumer<T> discard;
  private final CompletableFuture<T> future = new CompletableFuture<>();

  /** How many steps are requested. The thread that requests the first takes all of them. */
  private final AtomicInteger signals = new AtomicInteger();

  /** Set by the one thread that completes the future. */
  private final AtomicBoolean completing = new AtomicBoolean();

  /** The id of the thread that starts the read, while it does; otherwise 0, which no thread has. */
  private volatile long starterId;

  private volatile boolean overdue;
  private volatile boolean finished;
  private volatile @Nullable Throwable rejection;
  private volatile @Nullable Future<?> timer;

  /** Whether a future that this read waits for will {@linkplain #resume resume} it. */
  private volatile boolean awaiting;

  private AsyncRead(
      PendingRead read, Host host, boolean holdsUpCaller, Answer<T> answer, Consumer<T> discard) {
    this.read = read;
    this.host = host;
    this.executors = host.executors();
    this.holdsUpCaller = holdsUpCaller;
    this.answer = answer;
    this.discard = discard;
  }

  /**
   * What the reads of one manager share.
   *
   * @param executors where their steps and user code run
   * @param unfinished holds each read until it is finished, to be {@linkplain #end ended} before
   * @param isClosed whether the manager is closed, or is being closed
   */
  record Host(ManagerExecutors executors, Set<AsyncRead<?>> unfinished, BooleanSupplier isClosed) {

    /** Returns why a read got no thread. Who closes a manager may shut down its executor. */
    RuntimeException rejection(Throwable cause) {
      return isClosed.getAsBoolean() ? Failures.closed() : Failures.rejected(cause);
    }
  }

  /**
   * What the caller gets. It owns the values among the outcomes.
   *
   * @param <T> the type of it
   */
  @FunctionalInterface
  interface Answer<T extends @Nullable Object> {
    T of(Map<String, SecretOutcome> outcomes) throws Exception;
  }

  /**
   * Starts a read.
   *
   * @param holdsUpCaller whether a step of the read may take long, so that it must not be taken by
   *     the caller or by a thread of the manager
   * @param timeoutNanos how long the read may take
   * @param answer runs where user code may run
   * @param discard gets an answer that nobody takes, because the future was cancelled
   */
  static <T extends @Nullable Object> CompletableFuture<T> start(
      PendingRead read,
      Host host,
      boolean holdsUpCaller,
      long timeoutNanos,
      Answer<T> answer,
      Consumer<T> discard) {
    AsyncRead<T> async = new AsyncRead<>(read, host, holdsUpCaller, answer, discard);
    host.unfinished().add(async);
    async.starterId = Thread.currentThread().getId();
    if (holdsUpCaller) {
      host.executors().execute(async::step, async::reject);
    } else {
      async.step();
    }
    async.starterId = 0;
    if (!async.future.isDone()) {
      async.timer = host.executors().schedule(async::end, timeoutNanos);
      if (async.future.isDone()) {
        async.cancelTimer();
      }
    }
    return async.future;
  }

  /** Takes the next step, on a thread that completed what this read waits for. */
  private void resume() {
    awaiting = false;
    if (holdsUpCaller) {
      executors.executeElsewhere(this::step, this::reject);
    } else {
      step();
    }
  }

  private void step() {
    if (signals.getAndIncrement() == 0) {
      do {
        stepOnce();
      } while (signals.decrementAndGet() != 0);
    }
  }

  private void stepOnce() {
    if (finished) {
      return;
    }
    try {
      Throwable noThread = rejection;
      if (noThread != null) {
        throw host.rejection(noThread);
      }
      if (overdue) {
        read.giveUp(PendingRead.Reason.TIMED_OUT);
      }
      CompletableFuture<?> next = read.advance();
      if (next == null) {
        finished = true;
        complete();
      } else if (!awaiting) {
        awaiting = true;
        resumeAfter(next);
      }
    } catch (Throwable e) { // an Error too goes to the future
      boolean mine = completing.compareAndSet(false, true);
      finished = true;
      if (mine) {
        forget();
        read.abandon();
        future.completeExceptionally(e);
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is thrown, and this read has the result
  private void resumeAfter(CompletableFuture<?> next) {
    next.whenComplete((result, e) -> resume());
  }

  /** Hands the outcomes over where user code may run. */
  private void complete() {
    if (overdue) {
      executors.executeOnCallbackThread(this::completeOnce, this::reject);
    } else if (holdsUpCaller) { // this is a thread for user code
      completeOnce();
    } else if (starterId == Thread.currentThread().getId()) {
      executors.execute(this::completeOnce, this::reject);
    } else {
      executors.executeElsewhere(this::completeOnce, this::reject);
    }
  }

  private void completeOnce() {
    if (!completing.compareAndSet(false, true)) {
      return;
    }
    forget();
    if (future.isDone()) { // cancelled
      Outcomes.discardAll(read.outcomes());
      return;
    }
    T result;
    try {
      result = answer.of(read.outcomes());
    } catch (Throwable e) { // an Error too goes to the future
      future.completeExceptionally(e);
      return;
    }
    if (!future.complete(result)) {
      discard.accept(result);
    }
  }

  /** Ends the read now: its time is over, or its manager is closed. */
  void end() {
    overdue = true;
    if (finished) { // the user's executor has not begun to complete the future
      executors.executeOnCallbackThread(this::completeOnce, this::reject);
    } else if (holdsUpCaller) {
      executors.executeOnCallbackThread(this::step, this::reject);
    } else {
      step();
    }
  }

  /** There is no thread to go on with; the current one sees to it that nobody waits for that. */
  private void reject(Throwable e) {
    if (!finished) {
      rejection = e;
      step();
    } else if (completing.compareAndSet(false, true)) {
      forget();
      Outcomes.discardAll(read.outcomes());
      future.completeExceptionally(host.rejection(e));
    }
  }

  private void forget() {
    host.unfinished().remove(this);
    cancelTimer();
  }

  private void cancelTimer() {
    Future<?> started = timer;
    if (started != null) {
      started.cancel(false);
    }
  }
}
