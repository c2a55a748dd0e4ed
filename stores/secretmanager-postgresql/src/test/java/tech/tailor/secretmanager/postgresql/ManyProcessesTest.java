package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.fixtures.JavaProcess;

/** Many processes that write, and writers whose sessions the server ends at any moment. */
@Tag("suite")
class ManyProcessesTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final int PROCESSES = 8;
  private static final int UPDATES = DEEP ? 500 : 60;
  private static final int COMMITS = DEEP ? 1_500 : 300;

  @TempDir
  Path directory;

  @Test
  void processesThatCompareAndSet_loseNothing() throws Exception {
    TestStore made = TestStore.create(directory);
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, CounterProgram.NAME, "0");
    }
    List<Process> processes = new ArrayList<>();
    int conflicts = 0;
    try {
      for (int i = 0; i < PROCESSES; i++) {
        processes.add(JavaProcess.start(
            List.of(),
            CounterProgram.class,
            made.database().url(),
            directory.resolve("master.key"),
            UPDATES));
      }
      for (Process process : processes) {
        conflicts += Integer.parseInt(process.inputReader(US_ASCII).readLine());
        assertThat(process.waitFor()).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    made.requireCount(PROCESSES * UPDATES);
    System.out.println(PROCESSES + " processes: " + PROCESSES * UPDATES + " updates, 0 lost, "
        + conflicts + " conflicts retried");
  }

  /** Each answer is held against what the database has, as another store reads it. */
  @Test
  void sessionsThatAreEnded_leaveNoWrongAnswer() throws Exception {
    TestStore made = TestStore.create(directory);
    PGSimpleDataSource victims = made.database().dataSource();
    victims.setApplicationName("victim");
    AtomicInteger broken = new AtomicInteger();
    int confirmed = 0;
    int refused = 0;
    int unknown = 0;
    AtomicBoolean ended = new AtomicBoolean();
    Thread killer = new Thread(() -> kill(made, ended));
    killer.start();
    try (PostgresSecretStore witness = made.open();
        PostgresSecretStore store = openAtLast(made, victims, broken)) {
      TestStore.put(witness, "name", "value 0");
      for (int i = 1; i <= COMMITS; i++) {
        String before = TestStore.read(witness, "name");
        String next = "value " + i;
        try {
          TestStore.put(store, "name", next);
          assertThat(TestStore.read(witness, "name")).isEqualTo(next);
          confirmed++;
        } catch (SecretOutcomeUnknownException e) {
          assertThat(TestStore.read(witness, "name")).isIn(before, next);
          unknown++;
        } catch (SecretUnavailableException e) {
          assertThat(TestStore.read(witness, "name")).isEqualTo(before);
          refused++;
        }
      }
      assertThat(witness.verify().problems()).isEmpty();
    } finally {
      ended.set(true);
      killer.join();
    }
    assertThat(refused + broken.get()).as("the killer met some").isPositive();
    assertThat(unknown).as("could not be settled").isLessThanOrEqualTo(COMMITS / 100);
    System.out.println(COMMITS + " commits under kills: " + confirmed + " confirmed, " + refused
        + " refused, " + broken + " broke in COMMIT and were settled, " + unknown
        + " unknown; 0 wrong answers");
  }

  private static PostgresSecretStore openAtLast(
      TestStore made, PGSimpleDataSource victims, AtomicInteger broken) {
    FaultyDataSource counting = new FaultyDataSource(victims, broken);
    PostgresSecretStore opened = null;
    while (opened == null) {
      try {
        opened = PostgresSecretStore.builder(counting.dataSource(), TestStore.WORKSPACE, made.key())
            .open();
      } catch (SecretUnavailableException e) {
        opened = null; // its session was ended, too
      }
    }
    return opened;
  }

  private static void kill(TestStore made, AtomicBoolean ended) {
    Random random = new Random(42);
    try (Connection connection = made.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      while (!ended.get()) {
        statement.execute("SELECT pg_sleep(" + random.nextInt(40) / 1000.0 + ")");
        try (ResultSet rows = statement.executeQuery("SELECT pg_terminate_backend(pid) FROM"
            + " pg_stat_activity WHERE application_name = 'victim'")) {
          assertThat(rows).isNotNull();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
