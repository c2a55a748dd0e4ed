package tech.tailor.secretmanager.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * One use of a connection. All statements together may keep the caller waiting for what is left of
 * a budget of time, whatever the server does.
 */
final class Session {

  /** How many statements go out in one round trip; more would make too long a text. */
  private static final int AT_ONCE = 16;

  private static final long ROLLBACK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Connection connection;
  private final Watchdog watchdog;
  private final Budget budget;

  Session(Connection connection, Budget budget, Watchdog watchdog) {
    this.connection = connection;
    this.watchdog = watchdog;
    this.budget = budget;
  }

  /** Reads rows. */
  interface Rows<T> {
    T read(ResultSet rows) throws SQLException;
  }

  /** Reads the rows of several queries. */
  interface Results<T> {
    T read(Next next) throws SQLException;
  }

  /** Gives the rows of the next query. */
  interface Next {
    ResultSet rows() throws SQLException;
  }

  private interface Call<T> {
    T run() throws SQLException;
  }

  /**
   * A statement.
   *
   * @param parameters bytes, numbers, texts, arrays of texts, and null
   * @param oneRow whether it must change exactly one row
   */
  record Statement(String sql, List<@Nullable Object> parameters, boolean oneRow) {

    static Statement of(String sql, @Nullable Object... parameters) {
      return new Statement(sql, list(parameters), true);
    }

    static Statement ofAnyRows(String sql, @Nullable Object... parameters) {
      return new Statement(sql, list(parameters), false);
    }

    private static List<@Nullable Object> list(@Nullable Object... parameters) {
      List<@Nullable Object> all = new ArrayList<>(parameters.length);
      for (Object parameter : parameters) {
        all.add(parameter);
      }
      return all;
    }
  }

  /** Runs a query. */
  <T> T query(Statement statement, Rows<T> rows) throws SQLException {
    return within(() -> {
      try (PreparedStatement prepared = connection.prepareStatement(statement.sql())) {
        bind(prepared, statement.parameters(), 1);
        try (ResultSet found = prepared.executeQuery()) {
          return rows.read(found);
        }
      }
    });
  }

  /**
   * Runs statements whose results don't matter, then queries, in one round trip.
   *
   * @param before without parameters, each ended by a semicolon
   * @param statements how many these are
   */
  <T> T queryAfter(String before, int statements, List<Statement> queries, Results<T> results)
      throws SQLException {
    StringBuilder sql = new StringBuilder(before);
    queries.forEach(query -> sql.append(query.sql()).append(';'));
    return within(() -> {
      try (PreparedStatement prepared = connection.prepareStatement(sql.toString())) {
        int at = 1;
        for (Statement query : queries) {
          at = bind(prepared, query.parameters(), at);
        }
        prepared.execute();
        for (int i = 1; i < statements; i++) {
          prepared.getMoreResults();
        }
        return results.read(() -> {
          prepared.getMoreResults(); // closes the rows of before
          return prepared.getResultSet();
        });
      }
    });
  }

  /**
   * Runs changes in their order: a few in one round trip, many in one for each run of equal ones.
   * Returns whether each that must change one row did.
   */
  boolean update(List<Statement> statements) throws SQLException {
    if (statements.size() <= AT_ONCE) {
      return statements.isEmpty() || together(statements);
    }
    boolean each = true;
    int from = 0;
    for (int to = 1; to <= statements.size(); to++) {
      if (to == statements.size()
          || !statements.get(to).sql().equals(statements.get(from).sql())) {
        each &= batch(statements.subList(from, to));
        from = to;
      }
    }
    return each;
  }

  private boolean together(List<Statement> statements) throws SQLException {
    StringBuilder sql = new StringBuilder();
    for (Statement statement : statements) {
      sql.append(statement.sql()).append(';');
    }
    return within(() -> {
      try (PreparedStatement prepared = connection.prepareStatement(sql.toString())) {
        int next = 1;
        for (Statement statement : statements) {
          next = bind(prepared, statement.parameters(), next);
        }
        prepared.execute();
        boolean each = true;
        for (int i = 0; i < statements.size(); i++) {
          if (i > 0) {
            prepared.getMoreResults();
          }
          each &= !statements.get(i).oneRow() || prepared.getUpdateCount() == 1;
        }
        return each;
      }
    });
  }

  private boolean batch(List<Statement> statements) throws SQLException {
    return within(() -> {
      try (PreparedStatement prepared =
          connection.prepareStatement(statements.get(0).sql())) {
        for (Statement statement : statements) {
          bind(prepared, statement.parameters(), 1);
          prepared.addBatch();
        }
        boolean each = true;
        int[] counts = prepared.executeBatch();
        for (int i = 0; i < counts.length; i++) {
          // The driver doesn't count rows of INSERTs that it sends as one (reWriteBatchedInserts).
          each &= !statements.get(i).oneRow()
              || counts[i] == 1
              || counts[i] == java.sql.Statement.SUCCESS_NO_INFO;
        }
        return each;
      }
    });
  }

  /** Runs a statement without parameters and result. */
  void execute(String sql) throws SQLException {
    within(() -> {
      try (java.sql.Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }

  void commit() throws SQLException {
    within(() -> {
      connection.commit();
      return true;
    });
  }

  /**
   * Rolls back, for which there is a second also where the budget is spent: or a connection that is
   * well would be lost to its pool.
   */
  void rollback() throws SQLException {
    within(Math.max(budget.leftNanos(), ROLLBACK_NANOS), () -> {
      connection.rollback();
      return true;
    });
  }

  Connection connection() {
    return connection;
  }

  /** How long the server may still take. */
  long leftMillis() {
    return TimeUnit.NANOSECONDS.toMillis(budget.leftNanos());
  }

  private <T> T within(Call<T> call) throws SQLException {
    return within(budget.leftNanos(), call);
  }

  private <T> T within(long leftNanos, Call<T> call) throws SQLException {
    long millis = TimeUnit.NANOSECONDS.toMillis(leftNanos);
    if (millis < 1) {
      throw new SQLException(SqlTrouble.OUT_OF_TIME, SqlTrouble.CLIENT_TIMEOUT);
    }
    connection.setNetworkTimeout(Runnable::run, (int) Math.min(millis, Integer.MAX_VALUE));
    Future<?> end = watchdog.abortAfter(connection, leftNanos);
    long startNanos = System.nanoTime();
    try {
      return call.run();
    } finally {
      end.cancel(false);
      budget.spendSince(startNanos);
    }
  }

  private int bind(PreparedStatement prepared, List<@Nullable Object> parameters, int from)
      throws SQLException {
    int at = from;
    for (Object parameter : parameters) {
      if (parameter instanceof OpaqueBytes bytes) {
        prepared.setBytes(at, bytes.toArray());
      } else if (parameter instanceof String[] texts) {
        prepared.setArray(at, connection.createArrayOf("text", texts));
      } else {
        prepared.setObject(at, parameter);
      }
      at++;
    }
    return at;
  }
}
