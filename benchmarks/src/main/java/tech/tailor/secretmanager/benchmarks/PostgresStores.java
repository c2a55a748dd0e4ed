package tech.tailor.secretmanager.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.TestServer;
import tech.tailor.secretmanager.postgresql.PostgresSchema;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;

/**
 * A store of secrets of 64 bytes in PostgreSQL, and a plain table beside it with as many rows of
 * the same size, over one pool of HikariCP. The server is on the same machine, and doesn't wait for
 * its disk, which would hide what the client does; that of {@link OnDisk} does.
 */
@State(Scope.Benchmark)
public class PostgresStores {

  static final String VAULT = "default";

  private static final int TEN = 10;

  /** Any of them at random. */
  @Param("MANY")
  public Keys.Choice keys = Keys.Choice.MANY;

  /** How many secrets, and rows, there are. */
  @Param("10000")
  public int count = 10_000;

  /** The same on a server that flushes each commit to its disk, as PostgreSQL does by default. */
  public static class OnDisk extends PostgresStores {

    @Override
    boolean waitsForDisk() {
      return true;
    }
  }

  /** Another process, whose cache is told of changes of these secrets. */
  @State(Scope.Benchmark)
  public static class Watcher {

    private WatcherProcess process;

    @Setup(Level.Trial)
    public void start(PostgresStores stores) throws IOException {
      process = stores.startWatcher();
    }

    @TearDown(Level.Trial)
    public void stop() {
      process.close();
    }

    WatcherProcess process() {
      return process;
    }
  }

  private List<String> names = List.of();
  private Path directory;
  private TestServer server;
  private HikariDataSource pool;
  private MasterKey key;
  private PostgresSecretStore store;

  @Setup(Level.Trial)
  public void make() throws IOException, SQLException {
    try {
      start();
    } catch (IOException | SQLException | RuntimeException e) {
      delete(); // nobody else would
      throw e;
    }
  }

  private void start() throws IOException, SQLException {
    names = IntStream.range(0, count)
        .mapToObj(index -> String.format(Locale.ROOT, "secret-%06d", index))
        .toList();
    directory = waitsForDisk()
        ? Files.createTempDirectory(
            Files.createDirectories(Path.of("target")).toAbsolutePath(), "benchmark")
        : Files.createTempDirectory("benchmark");
    server = TestServer.start(directory, "fsync", waitsForDisk() ? "on" : "off");
    PostgresSchema.createOrUpgrade(server.dataSource());
    HikariConfig config = new HikariConfig();
    config.setDataSource(server.dataSource());
    config.setMaximumPoolSize(4);
    pool = new HikariDataSource(config);
    key = MasterKey.createFile(directory.resolve("master.key"));
    store =
        PostgresSecretStore.builder(pool, "benchmark", key).createIfMissing().open();
    store.createVault(VAULT);
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      Map<String, SecretValue> values = new HashMap<>();
      names.forEach(name -> values.put(name, value));
      store.putAll(VAULT, values);
    }
    server.run("CREATE TABLE plain (name text PRIMARY KEY, value bytea NOT NULL)");
    try (Connection connection = pool.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO plain (name, value) VALUES (?, ?)")) {
      for (String name : names) {
        insert.setString(1, name);
        insert.setBytes(2, FileStores.value());
        insert.addBatch();
      }
      insert.executeBatch();
    }
    server.run("ANALYZE");
  }

  @TearDown(Level.Trial)
  public void delete() throws IOException {
    if (store != null) {
      store.close();
    }
    if (pool != null) {
      pool.close();
    }
    if (server != null) {
      server.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  boolean waitsForDisk() {
    return false;
  }

  WatcherProcess startWatcher() throws IOException {
    return new WatcherProcess(
        server.url(), "benchmark", directory.resolve("master.key"), watched());
  }

  /** The secret that a process of its own watches. */
  SecretRef watched() {
    return SecretRef.of(VAULT, names.get(0));
  }

  /** Another store on the same rows. */
  PostgresSecretStore open() {
    return PostgresSecretStore.builder(pool, "benchmark", key).open();
  }

  PostgresSecretStore store() {
    return store;
  }

  String name() {
    return names.get(ThreadLocalRandom.current().nextInt(names.size()));
  }

  Set<String> ten() {
    Set<String> ten = new LinkedHashSet<>();
    while (ten.size() < Math.min(TEN, names.size())) {
      ten.add(name());
    }
    return ten;
  }

  /** Reads rows of the plain table. */
  Map<String, byte[]> select(Set<String> asked) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT name, value FROM plain WHERE name = ANY (?)")) {
      select.setArray(1, connection.createArrayOf("text", asked.toArray()));
      Map<String, byte[]> found = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getString(1), rows.getBytes(2));
        }
      }
      return found;
    }
  }

  /** Reads the names of all rows of the plain table. */
  List<String> list() throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT name FROM plain ORDER BY name");
        ResultSet rows = select.executeQuery()) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }

  /** Changes a row of the plain table. */
  int change(String name) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement update =
            connection.prepareStatement("UPDATE plain SET value = ? WHERE name = ?")) {
      update.setBytes(1, FileStores.value());
      update.setString(2, name);
      return update.executeUpdate();
    }
  }
}
