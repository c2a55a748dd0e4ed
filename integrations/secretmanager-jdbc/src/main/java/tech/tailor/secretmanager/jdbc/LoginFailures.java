package tech.tailor.secretmanager.jdbc;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretUnavailableException;

/** What a failed login says: whether the password was rejected, and never the password. */
final class LoginFailures {

  /** SQLState class 28 of ISO/IEC 9075-2: invalid authorization specification. */
  private static final String INVALID_AUTHORIZATION = "28";

  /** ORA-01017: invalid username or password; it comes with the SQLState 72000. */
  private static final int ORACLE_INVALID_LOGIN = 1017;

  /** SQL Server: login failed; it comes with the SQLState S0001. */
  private static final int SQL_SERVER_LOGIN_FAILED = 18456;

  /** SQLState: the client can't establish the connection. */
  private static final String NOT_ESTABLISHED = "08001";

  /** More links than any real chain has; one that has them may be a circle. */
  private static final int LONGEST_CHAIN = 20;

  /** What is shorter may be in a message by chance. */
  private static final int SHORTEST_SOUGHT = 6;

  private LoginFailures() {}

  /** Returns whether the database says that it did not accept the user and the password. */
  static boolean isRejected(SQLException failure) {
    return rejection(failure, LONGEST_CHAIN) != null;
  }

  /** Returns the link of the chains that says so, or null. */
  private static @Nullable SQLException rejection(@Nullable Throwable failure, int links) {
    if (failure == null || links == 0) {
      return null;
    }
    SQLException found = null;
    if (failure instanceof SQLException e) {
      found = saysRejected(e.getSQLState(), e.getErrorCode())
          ? e
          : rejection(e.getNextException(), links - 1);
    }
    return found != null ? found : rejection(failure.getCause(), links - 1);
  }

  private static boolean saysRejected(@Nullable String state, int code) {
    return (state != null && state.startsWith(INVALID_AUTHORIZATION))
        || (code == ORACLE_INVALID_LOGIN && "72000".equals(state))
        || code == SQL_SERVER_LOGIN_FAILED;
  }

  /**
   * Returns the failure of a driver or a connector, or one in its place if it quotes the password.
   */
  static Exception withoutPassword(Exception failure, String user, String password) {
    if (password.length() < SHORTEST_SOUGHT
        || user.contains(password)
        || !quotes(failure, password, LONGEST_CHAIN)) {
      return failure;
    }
    String message = "The login failed with " + failure.getClass().getName()
        + "; its message is withheld, since the driver put the password into it";
    SQLException rejection = rejection(failure, LONGEST_CHAIN);
    if (rejection != null) {
      return new SQLException(message, rejection.getSQLState(), rejection.getErrorCode());
    }
    return failure instanceof SQLException e
        ? new SQLException(message, e.getSQLState(), e.getErrorCode())
        : new SQLException(message, NOT_ESTABLISHED);
  }

  private static boolean quotes(@Nullable Throwable failure, String password, int links) {
    if (failure == null) {
      return false;
    }
    if (links == 0 || String.valueOf(failure.getMessage()).contains(password)) {
      return true;
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      if (quotes(suppressed, password, links - 1)) {
        return true;
      }
    }
    return quotes(failure.getCause(), password, links - 1)
        || (failure instanceof SQLException e && quotes(e.getNextException(), password, links - 1));
  }

  /** Returns what a pool gets when the user or the password could not be read. */
  static SQLException notRead(RuntimeException failure) {
    String message = "The user and password of the database can't be read: " + failure.getMessage();
    return failure instanceof SecretUnavailableException
        ? new SQLTransientConnectionException(message, NOT_ESTABLISHED, failure)
        : new SQLNonTransientConnectionException(message, NOT_ESTABLISHED, failure);
  }
}
