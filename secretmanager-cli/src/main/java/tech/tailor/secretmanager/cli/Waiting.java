package tech.tailor.secretmanager.cli;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/**
 * Shows that work whose steps nobody counts is under way, and for how long: on standard error, if
 * that is a terminal, and only once the work has taken a second.
 */
final class Waiting implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final @Nullable ScheduledExecutorService timer;
  private @Nullable ProgressBar bar;
  private boolean closed;

  private Waiting(Io io, String task) {
    this(io, task, PATIENCE);
  }

  Waiting(Io io, String task, Duration patience) {
    if (!io.terminal().isError()) {
      timer = null;
      return;
    }
    ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(work -> {
      Thread thread = new Thread(work, "waiting");
      thread.setDaemon(true);
      return thread;
    });
    var unused = started.schedule(() -> show(io, task), patience.toMillis(), TimeUnit.MILLISECONDS);
    timer = started;
  }

  /** Does the work, and returns what it yields. */
  static <T> T during(Io io, String task, Supplier<T> work) {
    Waiting waiting = new Waiting(io, task);
    try {
      return work.get();
    } finally {
      waiting.close();
    }
  }

  private synchronized void show(Io io, String task) {
    if (!closed) {
      bar = Progress.bar(io, task, Progress.UNKNOWN);
    }
  }

  /** Ends the display. */
  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.shutdownNow();
    }
    if (bar != null) {
      bar.close();
    }
  }
}
