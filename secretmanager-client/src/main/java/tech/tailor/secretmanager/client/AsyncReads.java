package tech.tailor.secretmanager.client;

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
 * Runs reads, and what is done with them, on other threads: on the user's executor, or on daemon
 * threads of its own that end when idle. Of those, a few serve the reads, whose number may be
 * large; each use has one of its own, since it may block, and even wait for a read. Thread-safe.
 */
final class AsyncReads implements AutoCloseable {

  private static final int MOST_READERS = 16;
  private static final long IDLE_SECONDS = 10;

  private final Executor readers;
  private final Executor users;
  private final Runnable shutdown;

  private AsyncReads(Executor readers, Executor users, Runnable shutdown) {
    this.readers = readers;
    this.users = users;
    this.shutdown = shutdown;
  }

  /**
   * On the given executor, which is not shut down here, or on threads of its own if there is none.
   */
  static AsyncReads on(@Nullable Executor executor) {
    if (executor != null) {
      return new AsyncReads(executor, executor, () -> {});
    }
    ThreadPoolExecutor readers = new ThreadPoolExecutor(
        MOST_READERS,
        MOST_READERS,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        daemons("read"));
    readers.allowCoreThreadTimeOut(true);
    ThreadPoolExecutor users = new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        daemons("use"));
    for (ThreadPoolExecutor pool : new ThreadPoolExecutor[] {readers, users}) {
      pool.setRejectedExecutionHandler((task, closedPool) -> {
        throw new IllegalStateException("The SecretManager is closed");
      });
    }
    return new AsyncReads(readers, users, () -> {
      readers.shutdown();
      users.shutdown();
    });
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
    shutdown.run();
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

  private static ThreadFactory daemons(String purpose) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "secretmanager-" + purpose + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
