package tech.tailor.secretmanager.client;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs on other threads what the calling thread shall not, or not for long: calls to the backend on
 * daemon threads of its own, which end when idle; asynchronous reads, and what is done with them,
 * on the user's executor or on such threads too. A few serve the reads, whose number may be large;
 * each use has one of its own, since it may block, and even wait for a read. Calls are apart from
 * both, since reads wait for them. Thread-safe.
 */
final class OtherThreads implements AutoCloseable {

  private static final int MOST_READERS = 16;
  private static final long IDLE_SECONDS = 10;

  private final Executor calls;
  private final Executor readers;
  private final Executor users;
  private final List<ThreadPoolExecutor> own;

  OtherThreads(Executor calls, Executor readers, Executor users, List<ThreadPoolExecutor> own) {
    this.calls = calls;
    this.readers = readers;
    this.users = users;
    this.own = own;
  }

  /**
   * On the given executor, which is not shut down here, or on threads of its own if there is none.
   */
  static OtherThreads on(@Nullable Executor executor) {
    ThreadPoolExecutor calls = pool("call", 0, Integer.MAX_VALUE, new SynchronousQueue<>());
    if (executor != null) {
      return new OtherThreads(calls, executor, executor, List.of(calls));
    }
    ThreadPoolExecutor readers =
        pool("read", MOST_READERS, MOST_READERS, new LinkedBlockingQueue<>());
    ThreadPoolExecutor users = pool("use", 0, Integer.MAX_VALUE, new SynchronousQueue<>());
    return new OtherThreads(calls, readers, users, List.of(calls, readers, users));
  }

  /** For calls to the backend: a thread for each, however many there are. */
  Executor calls() {
    return calls;
  }

  /**
   * Runs a read on another thread.
   *
   * @param discard gets a result that nobody takes, because the future was cancelled meanwhile
   */
  <T> CompletableFuture<T> submit(Callable<T> read, Consumer<T> discard) {
    return submit(readers, read, discard);
  }

  /** Runs a read and its use on another thread. The result holds nothing to be wiped. */
  <T extends @Nullable Object> CompletableFuture<T> submitUse(Callable<T> use) {
    return submit(users, use, result -> {});
  }

  /** Runs what nobody waits for. */
  void execute(Runnable work) {
    readers.execute(work);
  }

  /** Lets what was submitted end, each of which finds the manager closed, and takes no more. */
  @Override
  public void close() {
    own.forEach(ThreadPoolExecutor::shutdown);
  }

  private static <T extends @Nullable Object> CompletableFuture<T> submit(
      Executor executor, Callable<T> work, Consumer<T> discard) {
    CompletableFuture<T> future = new CompletableFuture<>();
    try {
      executor.execute(() -> run(work, discard, future));
    } catch (RuntimeException e) { // the executor takes no more
      future.completeExceptionally(e);
    }
    return future;
  }

  private static <T extends @Nullable Object> void run(
      Callable<T> work, Consumer<T> discard, CompletableFuture<T> future) {
    if (future.isDone()) {
      return; // cancelled while it waited for a thread
    }
    T result;
    try {
      result = work.call();
    } catch (Throwable e) { // an Error too belongs to whoever waits for the future
      future.completeExceptionally(e);
      return;
    }
    if (!future.complete(result)) {
      discard.accept(result);
    }
  }

  private static ThreadPoolExecutor pool(
      String purpose, int least, int most, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor pool = new ThreadPoolExecutor(
        least, most, IDLE_SECONDS, TimeUnit.SECONDS, queue, daemons(purpose));
    pool.allowCoreThreadTimeOut(true);
    pool.setRejectedExecutionHandler((task, closedPool) -> {
      throw new IllegalStateException("The SecretManager is closed");
    });
    return pool;
  }

  private static ThreadFactory daemons(String purpose) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "secretmanager-" + purpose + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
