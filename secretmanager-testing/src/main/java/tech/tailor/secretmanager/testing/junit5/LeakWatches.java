package tech.tailor.secretmanager.testing.junit5;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of the tests that are running, each of which is told what its test lets out: what its
 * own threads do, and what threads do that are no test's. The standard streams and the root logger
 * are listened to as long as there is one. Thread-safe.
 */
final class LeakWatches {

  /**
   * Whose a thread is. A thread that is started inherits it; held weakly, since it may live on for
   * long after the test.
   */
  private static final InheritableThreadLocal<@Nullable WeakReference<LeakWatch>> OF_THREAD =
      new InheritableThreadLocal<>();

  /** The streams and loggers are the process's, and so is this. */
  static final LeakWatches OF_THE_PROCESS = new LeakWatches();

  private final List<LeakWatch> running = new CopyOnWriteArrayList<>();
  private final StandardStreams streams = new StandardStreams(this);
  private final RootLogger logger = new RootLogger(this);

  private LeakWatches() {}

  /** Begins to watch what this thread does. */
  synchronized void begin(LeakWatch watch) {
    boolean first = running.isEmpty();
    logger.listen();
    if (first) {
      streams.listen();
    }
    running.add(watch);
    watch.interrupts(ofThread());
    OF_THREAD.set(new WeakReference<>(watch));
  }

  /** The watch is told nothing any more. */
  synchronized void end(LeakWatch watch) {
    running.remove(watch);
    LeakWatch interrupted = watch.interrupted();
    if (interrupted != null && running.contains(interrupted)) {
      OF_THREAD.set(new WeakReference<>(
          interrupted)); // a thread that waits in one test may run another meanwhile
    } else {
      OF_THREAD.remove();
    }
    if (running.isEmpty()) {
      streams.leave();
      logger.leave();
    }
  }

  /** Tells whom it concerns what this thread did. */
  void tell(Consumer<LeakWatch> what) {
    LeakWatch own = ofThread();
    if (own != null && running.contains(own)) {
      what.accept(own);
    } else {
      running.forEach(what);
    }
  }

  private static @Nullable LeakWatch ofThread() {
    WeakReference<LeakWatch> watch = OF_THREAD.get();
    return watch == null ? null : watch.get();
  }
}
