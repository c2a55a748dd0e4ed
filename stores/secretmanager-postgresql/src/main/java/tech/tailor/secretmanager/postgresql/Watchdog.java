package tech.tailor.secretmanager.postgresql;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import tech.tailor.secretmanager.SecretSupport;

/**
 * Aborts a connection whose call is over its time. The time-out of a socket ends what waits for
 * bytes; what sends bytes to a server that takes none would wait for ever. Thread-safe.
 */
final class Watchdog implements AutoCloseable {

  /** The socket's time-out comes first: it is the gentler end. */
  private static final long GRACE_NANOS = Duration.ofSeconds(1).toNanos();

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
      1, task -> SecretSupport.newDaemonThread("secretmanager-postgresql-watchdog", task));

  Watchdog() {
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /** Aborts the connection a little after that time, unless it is told before that all is well. */
  Future<?> abortAfter(Connection connection, long nanos) {
    try {
      return timer.schedule(() -> abort(connection), nanos + GRACE_NANOS, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) { // the store was closed, and this call ends soon
      return new FutureTask<>(() -> true);
    }
  }

  /** By a thread of its own: to close a connection over TLS may wait for the one that hangs. */
  private static void abort(Connection connection) {
    SecretSupport.newDaemonThread(
            "secretmanager-postgresql-abort", () -> Database.abort(connection))
        .start();
  }

  /** Looks after nothing any more. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
