package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * The tables of {@link PostgresSecretStore}, in the schema {@code secretmanager} of a database. All
 * workspaces of a database share them.
 *
 * <p>They are made and upgraded by their owner, who needs the right to create a schema; stores need
 * no such right.
 */
public final class PostgresSchema {

  /** The version of the schema that this library uses. */
  public static final int VERSION = 1;

  private static final String WHERE = "database";

  /** Any number that no other application locks: "secretma" in ASCII. */
  private static final long LOCK = 0x7365637265746d61L;

  private PostgresSchema() {}

  /**
   * Makes the tables, or brings older ones to this library's version; does nothing if they are of
   * that version. In one transaction, and one process at a time: others wait.
   *
   * @param ownerDataSource gives connections of the role that owns the tables, or shall own them
   * @throws SecretStorageException if the schema is newer than this library, or the server is a
   *     replica
   * @throws tech.tailor.secretmanager.SecretAccessDeniedException if the role may not do so
   * @throws tech.tailor.secretmanager.SecretUnavailableException if the database can't be reached
   */
  public static void createOrUpgrade(DataSource ownerDataSource) {
    requireNonNull(ownerDataSource, "ownerDataSource");
    try (Connection connection = ownerDataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        createOrUpgrade(statement);
        connection.commit();
      } finally {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    } catch (SQLException e) {
      throw trouble(e);
    }
  }

  /**
   * The script that makes two roles, {@code secretmanager_reader} and {@code secretmanager_writer},
   * grants them what they need, and has the server keep the workspaces of different roles apart.
   * For {@code psql}, run by the owner of the tables; it can be run again. See
   * {@code docs/postgresql.md}.
   */
  public static String rolesScript() {
    return resource("roles.sql");
  }

  private static void createOrUpgrade(Statement statement) throws SQLException {
    // What another process made while this one waited for the lock must be seen.
    statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    try (ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
      if (row.next() && row.getBoolean(1)) {
        throw new SecretStorageException("The schema can't be made on a replica; connect to the"
            + " primary, for example with targetServerType=primary in the JDBC URL");
      }
    }
    statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
    statement.execute("CREATE SCHEMA IF NOT EXISTS secretmanager");
    statement.execute("CREATE TABLE IF NOT EXISTS secretmanager.schema_version ("
        + "version integer PRIMARY KEY, installed_at timestamptz NOT NULL DEFAULT now(),"
        + " installed_by name NOT NULL DEFAULT session_user)");
    for (int next = installed(statement) + 1; next <= VERSION; next++) {
      statement.execute(resource("schema-" + next + ".sql"));
      statement.execute("INSERT INTO secretmanager.schema_version (version) VALUES (" + next + ")");
    }
  }

  private static int installed(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery(
        "SELECT coalesce(max(version), 0) FROM secretmanager.schema_version")) {
      return requireKnown(row.next() ? row.getInt(1) : 0);
    }
  }

  /** Refuses a database whose tables are not of this library's version. */
  static void require(Session session) throws SQLException {
    int found = session.query(
        Session.Statement.of("SELECT coalesce(max(version), 0) FROM secretmanager.schema_version"),
        row -> row.next() ? row.getInt(1) : 0);
    if (requireKnown(found) < VERSION) {
      throw new SecretStorageException("The schema secretmanager is of version " + found
          + ", and this library needs version " + VERSION
          + "; have its owner call PostgresSchema.createOrUpgrade");
    }
  }

  private static int requireKnown(int version) {
    if (version > VERSION) {
      throw new SecretStorageException("The schema secretmanager is of version " + version
          + ", and this library knows version " + VERSION + "; use a newer library");
    }
    return version;
  }

  private static SecretManagerException trouble(SQLException e) {
    return SqlTrouble.of(e, WHERE);
  }

  private static String resource(String name) {
    try (InputStream input = PostgresSchema.class.getResourceAsStream(name)) {
      return new String(requireNonNull(input, name).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
