package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.InstalledServer;
import tech.tailor.secretmanager.fixtures.postgresql.TestServer;

/**
 * A value is nowhere at the server: not in its log, though that has every statement with its
 * parameters, not in its data files, its write-ahead log, its rows or a dump. The control is a
 * value that the server encrypts, and for the dump one that stands in a plain table.
 */
@Tag("suite")
class CanaryTest {

  private static final String CANARY = "canary-of-the-store-7431";
  private static final String CONTROL = "canary-of-the-control-7431";
  private static final String CONTROL_IN_DUMP = "canary-in-a-plain-table-7431";
  private static final Pattern VERSION = Pattern.compile("\\) (\\d+)");

  private static final String BYTES = "canary-of-the-bytes-7431";

  @TempDir
  Path directory;

  @Test
  void value_isNowhereAtTheServer() throws Exception {
    MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
    String keyLine = Files.readString(directory.resolve("master.key")).strip();
    try (TestServer server = TestServer.start(
        Files.createDirectory(directory.resolve("server")),
        "logging_collector",
        "on",
        "log_statement",
        "all",
        "log_min_duration_statement",
        "0",
        "log_parameter_max_length",
        "-1")) {
      PostgresSchema.createOrUpgrade(server.dataSource());
      try (PostgresSecretStore store = PostgresSecretStore.builder(
              server.dataSource(), TestStore.WORKSPACE, key)
          .createIfMissing()
          .open()) {
        store.createVault(TestStore.VAULT);
        for (int i = 0; i < 10; i++) {
          TestStore.put(store, "name", CANARY);
        }
        assertThat(TestStore.read(store, "name")).isEqualTo(CANARY);
        store.rotateDataKey();
      }
      server.run("CREATE EXTENSION pgcrypto; CREATE TABLE control AS SELECT" + " pgp_sym_encrypt('"
          + CONTROL + "', 'a key') AS value; CREATE TABLE plain AS SELECT '" + CONTROL_IN_DUMP
          + "' AS value; CHECKPOINT");
      try (Connection connection = server.dataSource().getConnection();
          PreparedStatement bytes = connection.prepareStatement("SELECT length(?)")) {
        bytes.setBytes(1, BYTES.getBytes(ISO_8859_1));
        bytes.executeQuery().close();
      }

      assertThat(filesWith(server.data(), CONTROL)).as("the control").isNotEmpty();
      assertThat(filesWith(server.data(), BYTES)).as("the control, as bytes").isNotEmpty();
      assertThat(filesWith(server.data(), "default")).as("names are readable").isNotEmpty();
      assertThat(filesWith(server.data(), CANARY)).isEmpty();
      assertThat(filesWith(server.data(), keyLine)).isEmpty();
      requireNotIn(rows(server));
      Optional<String> dump = dump(server);
      if (dump.isPresent()) {
        requireNotIn(dump.get());
        assertThat(shapes(CONTROL_IN_DUMP)).as("the control").anyMatch(dump.get()::contains);
      }
    }
  }

  private static void requireNotIn(String content) {
    assertThat(content).contains("default");
    assertThat(shapes(CANARY)).noneMatch(content::contains);
  }

  private static String rows(TestServer server) throws SQLException {
    StringBuilder rows = new StringBuilder();
    for (String table :
        List.of("store", "data_key", "vault", "secret", "secret_version", "change")) {
      rows.append(server.ask("SELECT string_agg(t::text, ',') FROM secretmanager." + table + " t"));
    }
    return rows.toString();
  }

  /** What {@code pg_dump} writes; empty where there is none that knows a server so new. */
  private Optional<String> dump(TestServer server) throws Exception {
    Optional<Path> program = InstalledServer.program("pg_dump");
    if (program.isEmpty() || version(program.get()) < server.version()) {
      System.out.println("SKIPPED: a dump: needs pg_dump of PostgreSQL " + server.version()
          + " or newer; with -Dpostgresql.bin=DIRECTORY it is that of the server");
      return Optional.empty();
    }
    Path file = directory.resolve("dump.sql");
    Process process = new ProcessBuilder(
            program.get().toString(),
            "--host=localhost",
            "--port=" + server.port(),
            "--username=postgres",
            "--file=" + file,
            "postgres")
        .inheritIO()
        .start();
    assertThat(process.waitFor()).isZero();
    String dump = Files.readString(file, ISO_8859_1);
    System.out.println("a dump by pg_dump of " + dump.length() + " characters: no canary");
    return Optional.of(dump);
  }

  /** The 17 of {@code pg_dump (PostgreSQL) 17.6}. */
  private static int version(Path program) throws IOException {
    Process process = new ProcessBuilder(program.toString(), "--version").start();
    try (BufferedReader reader = process.inputReader(ISO_8859_1)) {
      Matcher version = VERSION.matcher(reader.readLine());
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
  }

  /** As it is, as PostgreSQL writes bytes in its log and in a dump, in UTF-16, and in Base64. */
  private static Stream<String> shapes(String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    return Stream.of(
        text,
        HexFormat.of().formatHex(bytes),
        new String(text.getBytes(UTF_16LE), ISO_8859_1),
        Base64.getEncoder().encodeToString(bytes));
  }

  private static List<Path> filesWith(Path data, String text) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String content = Files.readString(file, ISO_8859_1);
        if (shapes(text).anyMatch(content::contains)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
