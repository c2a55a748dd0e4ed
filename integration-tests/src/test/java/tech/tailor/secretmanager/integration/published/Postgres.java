package tech.tailor.secretmanager.integration.published;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A PostgreSQL server on the loopback address that asks everyone for a password, except its
 * superuser. The one that is embedded trusts everyone otherwise.
 */
final class Postgres implements AutoCloseable {

  private static final String ACCESS = """
      host all postgres 127.0.0.1/32 trust
      host all postgres ::1/128      trust
      host all all      127.0.0.1/32 scram-sha-256
      host all all      ::1/128      scram-sha-256
      """;

  private final EmbeddedPostgres server;
  private final Connection admin;

  private Postgres(EmbeddedPostgres server) throws SQLException {
    this.server = server;
    this.admin = DriverManager.getConnection(url(), "postgres", "");
  }

  static Postgres start() throws IOException, SQLException {
    return new Postgres(EmbeddedPostgres.builder()
        .setDataDirectoryCustomizer(Postgres::askForPasswords)
        .setConnectConfig("user", "postgres")
        .start());
  }

  private static void askForPasswords(File data) {
    try {
      Files.writeString(data.toPath().resolve("pg_hba.conf"), ACCESS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
  }

  /** Runs a statement as the superuser. */
  void execute(String sql) throws SQLException {
    try (Statement statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the first column of the first row. */
  String answer(String query) throws SQLException {
    try (Statement statement = admin.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    try {
      admin.close();
    } finally {
      server.close();
    }
  }
}
