package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ManagerExecutorsTest {

  private static final Consumer<Throwable> NEVER = e -> {
    throw new AssertionError(e);
  };

  private final ManagerExecutors executors = new ManagerExecutors(null);

  @AfterEach
  void close() {
    executors.close();
  }

  @Test
  void threads_inheritNothing() throws Exception {
    InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
    user.set("alice");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Runnable look = () -> seen.add(user.get() + " " + Thread.currentThread().getContextClassLoader()
        + " " + Thread.currentThread().isDaemon());
    try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
      Thread.currentThread().setContextClassLoader(loader);
      executors.calls().execute(look);
      executors.execute(look, NEVER);
      executors.schedule(look, 0);
      for (int i = 0; i < 3; i++) {
        assertThat(seen.poll(30, SECONDS)).isEqualTo("null null true");
      }
    } finally {
      Thread.currentThread().setContextClassLoader(before);
      user.remove();
    }
  }

  @Test
  void callbacksThatWaitForEachOther_allGetAThread() throws Exception {
    int callbacks = 100;
    CountDownLatch all = new CountDownLatch(callbacks);
    CountDownLatch done = new CountDownLatch(callbacks);
    for (int i = 0; i < callbacks; i++) {
      executors.execute(
          () -> {
            all.countDown();
            try {
              all.await();
              done.countDown();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          },
          NEVER);
    }
    assertThat(done.await(30, SECONDS)).isTrue();
  }

  @Test
  void executorThatRunsTasksOnTheCallingThread_isNotGivenAThreadThatReadersWaitFor()
      throws Exception {
    ManagerExecutors direct = new ManagerExecutors(Runnable::run);
    Thread here = Thread.currentThread();
    BlockingQueue<Boolean> internal = new LinkedBlockingQueue<>();
    Runnable look = () -> internal.add(direct.isInternalThread());
    AtomicReference<Thread> ofCaller = new AtomicReference<>();
    direct.execute(() -> ofCaller.set(Thread.currentThread()), NEVER);
    direct.calls().execute(() -> direct.execute(look, NEVER));
    direct.schedule(() -> direct.execute(look, NEVER), 0);

    assertThat(ofCaller).hasValue(here);
    assertThat(internal.poll(30, SECONDS)).isFalse();
    assertThat(internal.poll(30, SECONDS)).isFalse();
    direct.close();
  }

  @Test
  void executorThatTakesNoMore_isReported_onceAndWithoutTheTask() throws Exception {
    ExecutorService shut = Executors.newSingleThreadExecutor();
    shut.shutdown();
    ManagerExecutors given = new ManagerExecutors(shut);
    CompletableFuture<Throwable> ofCaller = new CompletableFuture<>();
    CompletableFuture<Throwable> ofCallThread = new CompletableFuture<>();
    Runnable never = () -> NEVER.accept(new AssertionError("a task that was rejected is run"));
    given.execute(never, ofCaller::complete);
    given.calls().execute(() -> given.execute(never, ofCallThread::complete));

    assertThat(ofCaller.get(30, SECONDS)).isInstanceOf(RejectedExecutionException.class);
    assertThat(ofCallThread.get(30, SECONDS)).isInstanceOf(RejectedExecutionException.class);
    given.close();
  }

  @Test
  void closed_takesNoTasks_andForgetsThoseThatWait() throws Exception {
    BlockingQueue<String> run = new LinkedBlockingQueue<>();
    executors.schedule(() -> run.add("timer"), SECONDS.toNanos(1));
    executors.close();
    executors.schedule(() -> run.add("later"), 0);
    CompletableFuture<Throwable> rejected = new CompletableFuture<>();
    executors.execute(() -> run.add("callback"), rejected::complete);

    assertThat(rejected.get(30, SECONDS)).isInstanceOf(RejectedExecutionException.class);
    assertThat(run.poll(2, SECONDS)).isNull();
  }
}
