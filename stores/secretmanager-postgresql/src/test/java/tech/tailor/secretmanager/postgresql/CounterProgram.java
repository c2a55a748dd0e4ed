package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;

/** Counts up the value of a secret by compare-and-set; as a program, or within a test. */
final class CounterProgram {

  static final String NAME = "counter";

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private CounterProgram() {}

  /**
   * Counts up in a process of its own, and prints how many conflicts were retried.
   *
   * @param args the JDBC URL, the key file, how often
   */
  public static void main(String[] args) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(args[0]);
    AtomicInteger conflicts = new AtomicInteger();
    try (TwoConnections connections = new TwoConnections(dataSource, PATIENCE)) {
      count(
          connections, MasterKey.fromFile(Path.of(args[1])), Integer.parseInt(args[2]), conflicts);
    }
    System.out.println(conflicts);
  }

  static void count(DataSource dataSource, MasterKey key, int times, AtomicInteger conflicts) {
    try (PostgresSecretStore store = PostgresSecretStore.builder(
            dataSource, TestStore.WORKSPACE, key)
        .lockTimeout(PATIENCE)
        .timeout(PATIENCE)
        .open()) {
      for (int done = 0; done < times; ) {
        try {
          increment(store);
          done++;
        } catch (SecretConflictException e) {
          conflicts.incrementAndGet();
        }
      }
    }
  }

  private static void increment(PostgresSecretStore store) {
    long version = store.describeSecret(TestStore.VAULT, NAME).orElseThrow().version();
    long number;
    try (SecretValue value = store.readVersion(TestStore.VAULT, NAME, version)) {
      number = value.withBytes(bytes -> Long.parseLong(new String(bytes, US_ASCII)));
    } catch (SecretNotFoundException e) {
      throw new SecretConflictException("The version is not kept any more");
    }
    try (SecretValue next = SecretValue.of(String.valueOf(number + 1))) {
      store.updateSecret(TestStore.VAULT, NAME, next, version);
    }
  }
}
