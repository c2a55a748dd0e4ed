package tech.tailor.secretmanager.cli;

import java.time.Duration;
import java.time.Instant;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far long work is: on standard error, if that is a terminal, and only once the work has
 * taken a second. Not thread-safe.
 */
final class Progress implements AutoCloseable {

  /** A total that nobody knows. */
  static final long UNKNOWN = -1;

  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int WIDTH = 79;

  private final Io io;
  private final String task;
  private final long total;
  private final Instant start;
  private @Nullable ProgressBar bar;
  private long done;

  Progress(Io io, String task, long total) {
    this.io = io;
    this.task = task;
    this.total = total;
    this.start = io.clock().instant();
  }

  /** Says that this many more are done. */
  void step(long count) {
    done += count;
    ProgressBar shown = bar;
    if (shown == null
        && io.terminal().isError()
        && Duration.between(start, io.clock().instant()).compareTo(PATIENCE) >= 0) {
      shown = bar(io, task, total);
      bar = shown;
    }
    if (shown != null) {
      shown.stepTo(done);
    }
  }

  /** A bar on standard error; of work whose length is {@link #UNKNOWN}, it shows the time. */
  static ProgressBar bar(Io io, String task, long total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.ASCII)
        .setConsumer(new ConsoleProgressBarConsumer(io.err(), WIDTH))
        .build();
  }

  /** Ends the display. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
