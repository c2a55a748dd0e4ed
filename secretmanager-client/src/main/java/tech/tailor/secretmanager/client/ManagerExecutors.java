package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/**
 * The threads of one manager. All are daemons, are started on demand, end after 10 idle seconds,
 * and inherit nothing from the thread that starts them. Thread-safe.
 *
 * <ul>
 *   <li><b>Call threads</b> make the calls to the backend.
 *   <li>The <b>timer thread</b> ends overdue reads, wipes expired values and begins refreshes. It
 *       never blocks.
 *   <li><b>Callback threads</b> run user code where the user gave no executor: what is attached to
 *       futures, uses, listeners. There are as many as there are blocked callbacks.
 * </ul>
 *
 * <p>User code never runs on a call thread or on the timer thread, since readers wait for those;
 * except where no other thread can be started, and a future is completed with that failure.
 */
final class ManagerExecutors implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(ManagerExecutors.class.getName());
  private static final int IDLE_SECONDS = 10;

  private final @Nullable Executor given;
  private final ThreadPoolExecutor calls;
  private final ThreadPoolExecutor callbacks;
  private final ScheduledThreadPoolExecutor timer;

  /** The call threads and the timer thread that are alive. */
  private final Set<Thread> internal = ConcurrentHashMap.newKeySet();

  /**
   * Makes the executors; no thread is started yet.
   *
   * @param given runs user code; it is not shut down here. Null for callback threads
   */
  ManagerExecutors(@Nullable Executor given) {
    this.given = given;
    this.calls = pool(internalThreads("call"));
    this.callbacks = pool(threads("callback"));
    this.timer = new ScheduledThreadPoolExecutor(1, internalThreads("timer"));
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setRemoveOnCancelPolicy(true); // a cancelled task would keep its secrets reachable
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Runs calls to the backend, each on a thread of its own. */
  Executor calls() {
    return calls;
  }

  /**
   * Runs user code, on the user's executor if there is one. Where that runs tasks on the thread
   * that submits them, this is the calling thread, or a callback thread if readers wait for the
   * calling one.
   *
   * @param rejected is told if the executor takes no more tasks, perhaps on another thread; the
   *     task does not run then
   */
  void execute(Runnable task, Consumer<Throwable> rejected) {
    Executor executor = given;
    if (executor == null || isInternalThread()) {
      executeElsewhere(task, rejected);
    } else {
      submit(executor, task, rejected);
    }
  }

  /**
   * Does the same as {@link #execute}, but never on the calling thread: it is the thread of another
   * reader, or of the one who closes the manager.
   */
  void executeElsewhere(Runnable task, Consumer<Throwable> rejected) {
    Executor executor = given;
    submit(callbacks, executor == null ? task : () -> submit(executor, task, rejected), rejected);
  }

  /** Runs user code on a callback thread, for when the user's executor is too late. */
  void executeOnCallbackThread(Runnable task, Consumer<Throwable> rejected) {
    submit(callbacks, task, rejected);
  }

  /** Returns whether the calling thread is one that readers wait for. */
  boolean isInternalThread() {
    return internal.contains(Thread.currentThread());
  }

  /**
   * Runs a task on the timer thread, after a delay. The task must not block and must not throw.
   * After {@link #close} it is forgotten.
   */
  Future<?> schedule(Runnable task, long delayNanos) {
    try {
      return timer.schedule(task, delayNanos, NANOSECONDS);
    } catch (RejectedExecutionException e) { // closed
      return CompletableFuture.completedFuture(null);
    } catch (OutOfMemoryError e) { // no thread; the queued task runs once there is one
      LOGGER.log(WARNING, "No thread could be started for the timer of a SecretManager");
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Returns Caffeine's view of the timer. */
  Scheduler expiry() {
    return (executor, task, delay, unit) ->
        schedule(() -> executor.execute(task), unit.toNanos(delay));
  }

  /** Ends the timer, takes no more tasks, and lets the running ones end. */
  @Override
  public void close() {
    timer.shutdownNow();
    calls.shutdown();
    callbacks.shutdown();
  }

  private static void submit(Executor executor, Runnable task, Consumer<Throwable> rejected) {
    Once once = new Once(task);
    try {
      executor.execute(once);
    } catch (RuntimeException | Error e) { // no more tasks, or no more threads
      if (!once.cancel()) {
        throw e; // the task's own, on an executor that runs tasks on the calling thread
      }
      rejected.accept(e);
    }
  }

  private static ThreadPoolExecutor pool(ThreadFactory threads) {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
  }

  private static ThreadFactory threads(String purpose) {
    AtomicInteger count = new AtomicInteger();
    return task -> SecretSupport.newDaemonThread(
        "secretmanager-" + purpose + "-" + count.incrementAndGet(), task);
  }

  private ThreadFactory internalThreads(String purpose) {
    ThreadFactory threads = threads(purpose);
    return task -> threads.newThread(() -> {
      internal.add(Thread.currentThread());
      try {
        task.run();
      } finally {
        internal.remove(Thread.currentThread());
      }
    });
  }

  /** A task that is either run or cancelled: an executor may take a task and throw all the same. */
  private static final class Once implements Runnable {

    private final Runnable task;
    private final AtomicBoolean taken = new AtomicBoolean();

    Once(Runnable task) {
      this.task = task;
    }

    boolean cancel() {
      return taken.compareAndSet(false, true);
    }

    @Override
    public void run() {
      if (taken.compareAndSet(false, true)) {
        task.run();
      }
    }
  }
}
