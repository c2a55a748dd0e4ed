package tech.tailor.secretmanager.postgresql;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps at most two connections of a data source, for a store that is opened by its address alone.
 * It is no pool: one for load is the application's to choose. Thread-safe.
 */
final class TwoConnections implements DataSource, AutoCloseable {

  private static final int MOST = 2;
  private static final long TRUSTED_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int VALIDATION_SECONDS = 2;

  private final DataSource source;
  private final Duration longestWait;
  private final Semaphore free = new Semaphore(MOST, true);
  private final Deque<Idle> idle = new ArrayDeque<>(); // guarded by itself
  private boolean closed; // guarded by idle

  TwoConnections(DataSource source, Duration longestWait) {
    this.source = source;
    this.longestWait = longestWait;
  }

  private record Idle(Connection connection, long sinceNanos) {}

  @Override
  public Connection getConnection() throws SQLException {
    acquire();
    boolean done = false;
    try {
      Connection connection = usable();
      Connection lent = lend(connection == null ? source.getConnection() : connection);
      done = true;
      return lent;
    } finally {
      if (!done) {
        free.release();
      }
    }
  }

  private void acquire() throws SQLException {
    try {
      if (!free.tryAcquire(longestWait.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SQLException(SqlTrouble.OUT_OF_TIME, SqlTrouble.CLIENT_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted", SqlTrouble.CLIENT_TIMEOUT, e);
    }
  }

  /** An idle connection that is alive; null if there is none. */
  private @Nullable Connection usable() throws SQLException {
    Idle found = take();
    while (found != null) {
      boolean isTrusted = System.nanoTime() - found.sinceNanos < TRUSTED_NANOS;
      if (isTrusted || found.connection.isValid(VALIDATION_SECONDS)) {
        return found.connection;
      }
      Database.closeQuietly(found.connection);
      found = take();
    }
    return null;
  }

  private @Nullable Idle take() {
    synchronized (idle) {
      return idle.pollFirst();
    }
  }

  private Connection lend(Connection connection) {
    AtomicBoolean isBack = new AtomicBoolean();
    return (Connection) Proxy.newProxyInstance(
        TwoConnections.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("close")) {
            if (isBack.compareAndSet(false, true)) {
              takeBack(connection);
            }
            return null;
          }
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getTargetException();
          }
        });
  }

  private void takeBack(Connection connection) throws SQLException {
    boolean isKept = false;
    try {
      isKept = !connection.isClosed() && keep(connection);
    } finally {
      if (!isKept) {
        Database.closeQuietly(connection);
      }
      free.release();
    }
  }

  private boolean keep(Connection connection) {
    synchronized (idle) {
      if (!closed) {
        idle.addFirst(new Idle(connection, System.nanoTime()));
      }
      return !closed;
    }
  }

  /** Closes what is idle; what is lent is closed when it comes back. */
  @Override
  public void close() {
    Idle found;
    synchronized (idle) {
      closed = true;
      found = idle.pollFirst();
    }
    while (found != null) {
      Database.closeQuietly(found.connection);
      found = take();
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("The user is part of the data source");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("There is no log writer");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    source.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return source.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("A store logs by System.Logger");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return source.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return source.isWrapperFor(type);
  }
}
