package tech.tailor.secretmanager.benchmarks;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;

/**
 * E: reads and changes of a store in PostgreSQL, beside plain JDBC that reads and changes as many
 * rows over the same pool, and seals, verifies and records nothing. The time that passed.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(NANOSECONDS)
public class PostgresBenchmark {

  /** Not cached: one round trip. */
  @Benchmark
  public Map<String, SecretOutcome> fetch(PostgresStores stores) {
    return fetch(stores, Set.of(stores.name()));
  }

  @Benchmark
  public Map<String, byte[]> select(PostgresStores stores) throws SQLException {
    return stores.select(Set.of(stores.name()));
  }

  @Benchmark
  public Map<String, SecretOutcome> fetchTen(PostgresStores stores) {
    return fetch(stores, stores.ten());
  }

  @Benchmark
  public Map<String, byte[]> selectTen(PostgresStores stores) throws SQLException {
    return stores.select(stores.ten());
  }

  /** A new version; the oldest of ten goes. */
  @Benchmark
  public SecretInfo update(PostgresStores stores) {
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      return stores.store().updateSecret(PostgresStores.VAULT, stores.name(), value);
    }
  }

  @Benchmark
  public int updateRow(PostgresStores stores) throws SQLException {
    return stores.change(stores.name());
  }

  @Benchmark
  public SecretInfo updateOnDisk(PostgresStores.OnDisk stores) {
    return update(stores);
  }

  @Benchmark
  public int updateRowOnDisk(PostgresStores.OnDisk stores) throws SQLException {
    return updateRow(stores);
  }

  /** A new version, until another process was told of it and its cache has read it. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  public long updateUntilSeen(PostgresStores stores, PostgresStores.Watcher watcher)
      throws IOException {
    try (SecretValue value = SecretValue.copyOf(FileStores.value())) {
      SecretInfo made =
          stores.store().updateSecret(PostgresStores.VAULT, stores.watched().name(), value);
      return watcher.process().awaitVersion(made.version());
    }
  }

  private static Map<String, SecretOutcome> fetch(PostgresStores stores, Set<String> names) {
    Map<String, SecretOutcome> outcomes = stores.store().fetch(PostgresStores.VAULT, names);
    outcomes.values().forEach(outcome -> ((SecretOutcome.Found) outcome).value().close());
    return outcomes;
  }
}
