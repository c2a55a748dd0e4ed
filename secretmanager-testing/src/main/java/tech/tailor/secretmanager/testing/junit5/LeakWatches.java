package tech.tailor.secretmanager.testing.junit5;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of the tests that are running, each of which is told what its test lets out: what the
 * thread does that runs the test, and what any thread does that runs none. The standard streams and
 * the root logger are listened to as long as there is one. Thread-safe.
 */
final class LeakWatches {

  /**
   * The test that a thread runs. Not inherited: a thread that a test started may be one of a pool,
   * which works for all.
   */
  private static final ThreadLocal<@Nullable LeakWatch> OF_THREAD = new ThreadLocal<>();

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
    watch.interrupts(OF_THREAD.get());
    OF_THREAD.set(watch);
  }

  /** The watch is told nothing any more. */
  synchronized void end(LeakWatch watch) {
    running.remove(watch);
    LeakWatch interrupted = watch.interrupted();
    if (interrupted != null && running.contains(interrupted)) {
      OF_THREAD.set(interrupted); // a thread that waits in one test may run another meanwhile
    } else {
      OF_THREAD.remove();
    }
    if (running.isEmpty()) {
      streams.leave();
      logger.leave();
    }
  }

  /** Does a part of a test that may run on another thread than the one that began the watch. */
  <T extends @Nullable Object> T onThisThread(LeakWatch watch, Part<T> part) throws Throwable {
    LeakWatch before = OF_THREAD.get();
    OF_THREAD.set(watch);
    try {
      return part.run();
    } finally {
      if (before == null) {
        OF_THREAD.remove();
      } else {
        OF_THREAD.set(before);
      }
    }
  }

  /** A part of a test. */
  interface Part<T extends @Nullable Object> {
    T run() throws Throwable;
  }

  /** Tells whom it concerns what this thread did. */
  void tell(Consumer<LeakWatch> what) {
    ofThisThread().ifPresentOrElse(what, () -> running.forEach(what));
  }

  /** The watch of the test that this thread runs. */
  Optional<LeakWatch> ofThisThread() {
    return Optional.ofNullable(OF_THREAD.get()).filter(running::contains);
  }
}
