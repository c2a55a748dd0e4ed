package tech.tailor.secretmanager.postgresql;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/** What an error of the database means for a caller. */
final class SqlTrouble {

  static final String OUT_OF_TIME = "The time for this call is over";

  /** Of our own making: no server sends it. */
  static final String CLIENT_TIMEOUT = "TSM01";

  private static final Set<String> NO_TABLES = Set.of("42P01", "3F000", "42703");
  private static final Set<String> STATEMENTS_MIXED_UP = Set.of("26000", "42P05", "08P01");
  private static final Set<String> SERIALIZATION = Set.of("40001", "40P01");

  private SqlTrouble() {}

  /**
   * The exception for the caller.
   *
   * @param store names the store
   */
  static SecretManagerException of(SQLException failure, String store) {
    SQLException e = withoutParameters(failure);
    String state = e.getSQLState() == null ? "none" : e.getSQLState();
    String what = "The " + store + " ";
    String code = " (SQLSTATE " + state + ")";
    if (state.equals("55P03")) {
      return new SecretTimeoutException(
          what + "is being changed by another writer for longer than the lock timeout; nothing was"
              + " changed. Try again" + code,
          e);
    }
    if (state.equals("25P03")) {
      return new SecretTimeoutException(
          what + "took the lock away from this commit, which stood still for too long; nothing was"
              + " changed. Prepare what takes time before inOneCommit" + code,
          e);
    }
    if (state.equals("57014") || state.equals(CLIENT_TIMEOUT) || isTimeout(e)) {
      return new SecretTimeoutException(
          what + "did not answer in time; check the database and its network, or raise timeout on"
              + " the builder" + code,
          e);
    }
    if (state.equals("42501")) {
      return new SecretAccessDeniedException(
          what + "refused this to the role of the connection; grant what the script of roles grants"
              + " (PostgresSchema.rolesScript)" + code,
          e);
    }
    if (state.equals("25006")) {
      return new SecretStorageException(
          what + "is on a server that can only be read, such as a replica; connect to the primary,"
              + " for example with targetServerType=primary in the JDBC URL" + code,
          e);
    }
    if (NO_TABLES.contains(state)) {
      return new SecretStorageException(
          what + "has no tables in this database; have the schema's owner call"
              + " PostgresSchema.createOrUpgrade" + code,
          e);
    }
    if (STATEMENTS_MIXED_UP.contains(state)) {
      return new SecretUnavailableException(
          what + "is reached through a pooler that mixes up prepared statements; set"
              + " prepareThreshold=0 in the JDBC URL" + code,
          e);
    }
    if (state.startsWith("28") || state.equals("08004")) {
      return new SecretUnavailableException(
          what + "can't be reached, since the database refused the login; check its user and"
              + " password, and what pg_hba.conf allows" + code,
          e);
    }
    if (state.startsWith("08")
        || state.startsWith("57P")
        || state.startsWith("53")
        || SERIALIZATION.contains(state)) {
      return new SecretUnavailableException(
          what + "can't be reached or can't answer now; check the database and its address" + code,
          e);
    }
    return new SecretStorageException(
        what + "refused a statement; see the cause and the server's log" + code, e);
  }

  /** The driver's exception of a batch quotes a statement with all its parameters. */
  private static SQLException withoutParameters(SQLException failure) {
    if (!(failure instanceof BatchUpdateException)) {
      return failure;
    }
    SQLException next = failure.getNextException();
    return next != null
        ? next
        : new SQLException("A batch of statements failed", failure.getSQLState());
  }

  private static boolean isTimeout(@Nullable Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.net.SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }
}
