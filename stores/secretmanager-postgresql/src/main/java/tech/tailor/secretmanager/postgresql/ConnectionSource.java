package tech.tailor.secretmanager.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;

/**
 * Connections of the application's data source, within a deadline of our own: a pool may wait for
 * half a minute, and a driver for ever. Thread-safe.
 */
final class ConnectionSource implements AutoCloseable {

  /** How many wait for the data source at once; further callers wait for their turn. */
  private static final int MOST_THREADS = 16;

  private final DataSource dataSource;
  private final String store;
  private final AtomicLong started = new AtomicLong();
  private final ThreadPoolExecutor threads;

  ConnectionSource(DataSource dataSource, String store) {
    this.dataSource = dataSource;
    this.store = store;
    this.threads = new ThreadPoolExecutor(
        MOST_THREADS,
        MOST_THREADS,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> SecretSupport.newDaemonThread(
            "secretmanager-postgresql-connect-" + started.incrementAndGet(), task));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * A connection that the caller closes; the wait for it is taken off the budget.
   *
   * @param longest how much of the budget may be spent on it
   */
  Connection get(Budget budget, Duration longest) throws SQLException {
    long mostNanos = Math.min(budget.leftNanos(), longest.toNanos());
    if (mostNanos == 0) {
      throw new SQLException(SqlTrouble.OUT_OF_TIME, SqlTrouble.CLIENT_TIMEOUT);
    }
    CompletableFuture<Connection> coming = new CompletableFuture<>();
    Runnable connecting = () -> connect(coming);
    try {
      threads.execute(connecting);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("The " + store + " is closed", e);
    }
    long startNanos = System.nanoTime();
    try {
      return coming.get(mostNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      threads.remove(connecting);
      abandon(coming);
      throw new SecretTimeoutException(
          "The " + store + " got no connection from the data source in time; check the database,"
              + " and whether the pool is large enough, or raise timeout on the builder");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      threads.remove(connecting);
      abandon(coming);
      throw new SecretUnavailableException(
          "The thread was interrupted while it waited for a connection to the " + store);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof SQLException failure) {
        throw failure;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new SecretUnavailableException("The data source of the " + store + " failed with a "
          + (cause == null ? e : cause).getClass().getName());
    } finally {
      budget.spendSince(startNanos);
    }
  }

  private void connect(CompletableFuture<Connection> coming) {
    if (coming.isDone()) {
      return; // its caller has given up
    }
    try {
      Connection connection = dataSource.getConnection();
      if (!coming.complete(connection)) {
        connection.close(); // nobody waits for it any more
      }
    } catch (SQLException | RuntimeException | Error e) {
      coming.completeExceptionally(e);
    }
  }

  private static void abandon(CompletableFuture<Connection> coming) {
    if (!coming.cancel(false) && !coming.isCompletedExceptionally()) {
      Connection late = coming.getNow(null);
      if (late != null) {
        Database.closeQuietly(late);
      }
    }
  }

  /** Connections that are out stay so until their users close them. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
