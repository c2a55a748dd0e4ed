package tech.tailor.secretmanager.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Passes a pair on, but not the one that was rejected last: a secret in JSON may change in another
 * member, and a database may lock an account after some failures. For one login, on one thread.
 */
final class UnlessRejected implements Connector {

  private final Connector connector;
  private final Predicate<? super Exception> isRejected;
  private @Nullable Rejection last;

  UnlessRejected(Connector connector, Predicate<? super Exception> isRejected) {
    this.connector = connector;
    this.isRejected = isRejected;
  }

  private record Rejection(String user, String password, SQLException failure) {

    @Override
    public String toString() {
      return "Rejection";
    }
  }

  @Override
  public Connection connect(String user, String password) throws SQLException {
    Rejection rejection = last;
    if (rejection != null
        && rejection.user().equals(user)
        && rejection.password().equals(password)) {
      throw rejection.failure();
    }
    try {
      return connector.connect(user, password);
    } catch (SQLException e) {
      if (isRejected.test(e)) {
        last = new Rejection(user, password, e);
      }
      throw e;
    }
  }
}
