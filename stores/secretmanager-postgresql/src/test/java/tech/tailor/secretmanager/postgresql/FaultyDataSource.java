package tech.tailor.secretmanager.postgresql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Connections whose next commit fails in a chosen way, as seen by the client. */
final class FaultyDataSource {

  /** What becomes of a commit. */
  enum Fault {
    /** The server ends the session before it gets the commit. */
    BEFORE_COMMIT,
    /** The server commits, and its answer is lost. */
    AFTER_COMMIT,
    /** The server commits, and the answer says something else, as a pooler may. */
    AFTER_COMMIT_WITH_ANOTHER_STATE,
    /** The server commits and says so, and then the connection breaks. */
    AFTER_ANSWER,
    /** As after the commit, and then there are no more connections. */
    AFTER_COMMIT_AND_GONE
  }

  private final DataSource real;
  private final AtomicReference<@Nullable Fault> next = new AtomicReference<>();
  private final AtomicInteger failedCommits;
  private volatile boolean gone;
  private volatile Meanwhile meanwhile = () -> {};
  private final AtomicInteger held = new AtomicInteger();
  private volatile @Nullable CountDownLatch release;
  private volatile Duration delay = Duration.ZERO;
  private final AtomicInteger longestNetworkTimeout = new AtomicInteger();

  FaultyDataSource(DataSource real) {
    this(real, new AtomicInteger());
  }

  /**
   * Over a data source whose commits may fail by themselves, too.
   *
   * @param failedCommits counts them
   */
  FaultyDataSource(DataSource real, AtomicInteger failedCommits) {
    this.real = real;
    this.failedCommits = failedCommits;
  }

  /** Something else that happens after the server has committed, and before the client knows. */
  interface Meanwhile {
    void happens() throws SQLException;
  }

  void beforeTheCommitFails(Meanwhile other) {
    meanwhile = other;
  }

  void failNextCommit(Fault fault) {
    next.set(fault);
  }

  /** Gives no connection until it is released. */
  void holdConnections(CountDownLatch until) {
    release = until;
  }

  /** Takes that long to give a connection, and forgets how long calls waited for the network. */
  void delayConnections(Duration time) {
    delay = time;
    longestNetworkTimeout.set(0);
  }

  /** The longest time, in milliseconds, that was set for a wait for the network. */
  int longestNetworkTimeout() {
    return longestNetworkTimeout.get();
  }

  /** How many connections were asked for since they are held. */
  int held() {
    return held.get();
  }

  DataSource dataSource() {
    return proxy(DataSource.class, real, (method, arguments, call) -> {
      if (!method.equals("getConnection")) {
        return call.run();
      }
      if (gone) {
        throw broken();
      }
      CountDownLatch until = release;
      if (until != null) {
        held.incrementAndGet();
        until.await();
      }
      Thread.sleep(delay.toMillis());
      return connection((Connection) call.run());
    });
  }

  private Connection connection(Connection connection) {
    AtomicBoolean broken = new AtomicBoolean();
    return proxy(Connection.class, connection, (method, arguments, call) -> {
      if (method.equals("setNetworkTimeout")) {
        if (broken.get()) {
          throw broken();
        }
        longestNetworkTimeout.accumulateAndGet((int) arguments[1], Math::max);
      }
      Fault fault = method.equals("commit") ? next.getAndSet(null) : null;
      if (fault == null) {
        return method.equals("commit") ? counted(call) : call.run();
      }
      if (fault == Fault.BEFORE_COMMIT) {
        terminate(connection.unwrap(PGConnection.class).getBackendPID());
        return call.run();
      }
      Object answer = call.run();
      meanwhile.happens();
      if (fault == Fault.AFTER_ANSWER) {
        broken.set(true);
        return answer;
      }
      if (fault == Fault.AFTER_COMMIT_WITH_ANOTHER_STATE) {
        throw new SQLException("An internal error, for the test", "XX000");
      }
      gone = fault == Fault.AFTER_COMMIT_AND_GONE;
      connection.abort(Runnable::run);
      throw broken();
    });
  }

  private Object counted(Call call) throws Throwable {
    try {
      return call.run();
    } catch (SQLException e) {
      failedCommits.incrementAndGet();
      throw e;
    }
  }

  private static SQLException broken() {
    return new SQLException("The connection broke, for the test", "08006");
  }

  private void terminate(int backend) throws SQLException {
    try (Connection other = real.getConnection();
        Statement statement = other.createStatement()) {
      statement.execute("SELECT pg_terminate_backend(" + backend + ", 60000)");
    }
  }

  private interface Call {
    Object run() throws Throwable;
  }

  private interface Around {
    Object run(String method, Object[] arguments, Call call) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T target, Around around) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          return around.run(method.getName(), arguments, () -> {
            try {
              return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
        }));
  }
}
