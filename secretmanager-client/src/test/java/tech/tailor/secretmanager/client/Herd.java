package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Threads that begin at once. They are kept from one run to the next. */
final class Herd implements AutoCloseable {

  /** What the threads are. */
  enum Kind {
    PLATFORM,
    /** From JDK 21 on. */
    VIRTUAL
  }

  private static final long SMALL_STACK_BYTES = 256 << 10;

  private final Kind kind;
  private final int size;
  private final ExecutorService threads;

  private Herd(Kind kind, int size, ExecutorService threads) {
    this.kind = kind;
    this.size = size;
    this.threads = threads;
  }

  /** A herd; the test is skipped, and says so, where there are no such threads. */
  static Herd of(Kind kind, int size) throws ReflectiveOperationException {
    if (kind == Kind.PLATFORM) {
      return new Herd(
          kind,
          size,
          Executors.newFixedThreadPool(
              size, task -> new Thread(null, task, "herd", SMALL_STACK_BYTES)));
    }
    if (Runtime.version().feature() < 21) {
      System.out.println("SKIPPED: virtual threads need JDK 21 or newer");
      Assumptions.abort("virtual threads need JDK 21 or newer");
    }
    return new Herd(kind, size, (ExecutorService)
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
  }

  int size() {
    return size;
  }

  Kind kind() {
    return kind;
  }

  /** Runs the work in each thread, told its number, and throws what was thrown first of all. */
  void run(IntConsumer work) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    List<Future<?>> futures = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      int number = i;
      futures.add(threads.submit(() -> {
        gate.await();
        try {
          work.accept(number);
        } catch (Throwable e) {
          first.compareAndSet(null, e);
        }
        return null;
      }));
    }
    gate.countDown();
    for (Future<?> future : futures) {
      future.get(10, TimeUnit.MINUTES);
    }
    if (first.get() != null) {
      throw new AssertionError("A thread of the herd failed", first.get());
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
