package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.JavaProcess;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.store.AuditedSecretStore;
import tech.tailor.secretmanager.store.SecretStore;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PostgresSecretStoreProviderTest {

  private static final String SCRAM_WITHOUT_PASSWORD = "08004";

  @TempDir
  Path directory;

  private Map<String, String> variables(String url) {
    return Map.of(
        "TAILOR_SECRETMANAGER_URL",
        url,
        "TAILOR_SECRETMANAGER_KEY_FILE",
        directory.resolve("master.key").toString(),
        "TAILOR_SECRETMANAGER_ACTOR",
        "a test");
  }

  @Test
  void address_makesTablesKeyAndWorkspace_andOpensThem() throws Exception {
    TestDatabase database = TestDatabase.empty();
    Map<String, String> variables =
        variables(database.url() + "&secretmanager.workspace=orders&ApplicationName=provider");
    try (SecretStore store = SecretStores.create(variables)) {
      store.createVault(TestStore.VAULT);
      TestStore.put(store, "one", "first");
      assertThat(((AuditedSecretStore) store).history(Long.MAX_VALUE, 1).get(0).actor())
          .isEqualTo("a test");
    }
    try (SecretManager manager = SecretManagers.fromEnvironment(variables)) {
      assertThat(manager.withSecret(TestStore.VAULT, "one", SecretValue::revealString))
          .isEqualTo("first");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String name = "missing-" + i;
        threads.add(new Thread(() -> manager.exists(TestStore.VAULT, name)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(Integer.parseInt(database.ask(
              "SELECT count(*) FROM pg_stat_activity" + " WHERE application_name = 'provider'")))
          .isBetween(1, 2);
    }
    String left = "more";
    while (!left.equals("0")) { // the server notices the end of a session a little later
      left =
          database.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'provider'");
    }
  }

  @Test
  void previousKey_opensTheStore_untilItIsRotated() throws Exception {
    Map<String, String> made =
        variables(TestDatabase.empty().url() + "&secretmanager.workspace=orders");
    SecretStores.create(made).close();
    MasterKey nextKey = MasterKey.createFile(directory.resolve("next"));
    Map<String, String> next = new HashMap<>(made);
    next.put("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("next").toString());
    assertThatThrownBy(() -> SecretStores.open(next)).isInstanceOf(SecretIntegrityException.class);

    next.put(
        "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE",
        directory.resolve("master.key").toString());
    try (SecretStore store = SecretStores.open(next)) {
      store.createVault("written-before");
    }
    SecretStores.open(made).close(); // it is of the old key
    for (int run = 0; run < 2; run++) {
      try (SecretStore store = SecretStores.open(next)) {
        ((EncryptedSecretStore) store).rotateMasterKey(nextKey);
      }
    }
  }

  /** As a service does: its environment names the database, and a file has the password. */
  @Test
  void passwordOfAFile_logsIn() throws Exception {
    TestStore made = TestStore.create(directory);
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "one", "first");
    }
    TestDatabase database = made.database();
    String role = "login_" + database.name();
    database.run(PostgresSchema.rolesScript());
    database.run("CREATE ROLE " + role + " LOGIN PASSWORD 'made-up' IN ROLE secretmanager_reader;"
        + " INSERT INTO secretmanager.member VALUES ('" + role + "', 'orders')");
    requirePassword(database, role);
    Path passwords = Files.createFile(
        directory.resolve("passwords"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwords, "localhost:" + database.port() + ":*:" + role + ":made-up\n");
    String url = "jdbc:postgresql://localhost:" + database.port() + "/" + database.name() + "?user="
        + role + "&secretmanager.workspace=orders";
    List<String> environment = new ArrayList<>(List.of("env", "PGPASSFILE=" + passwords));
    variables(url).forEach((name, value) -> environment.add(name + "=" + value));
    Process process = JavaProcess.start(environment, ReadingProgram.class);
    try (BufferedReader lines = process.inputReader(US_ASCII)) {
      assertThat(lines.readLine()).isEqualTo("first");
      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Prints a secret of the store that its environment names. */
  static final class ReadingProgram {

    public static void main(String[] args) {
      try (SecretManager manager = SecretManagers.fromEnvironment()) {
        System.out.println(manager.<String, RuntimeException>withSecret(
            TestStore.VAULT, "one", SecretValue::revealString));
      }
    }
  }

  /** For this role alone: the server's other tests log in without one. */
  private static void requirePassword(TestDatabase database, String role) throws Exception {
    Path rules = Path.of(database.ask("SHOW hba_file"));
    String rule = "host all " + role + " samehost scram-sha-256\n";
    Files.writeString(rules, rule + Files.readString(rules));
    database.run("SELECT pg_reload_conf()");
    PGSimpleDataSource withoutPassword = database.dataSource();
    withoutPassword.setUser(role);
    String state = "none";
    while (!state.equals(SCRAM_WITHOUT_PASSWORD)) { // the server reads the file a little later
      try (Connection connection = withoutPassword.getConnection()) {
        assertThat(connection.isValid(0)).isTrue();
      } catch (SQLException e) {
        state = e.getSQLState();
      }
    }
  }

  @Test
  void connectionThatBroke_isReplaced() throws Exception {
    TestStore made = TestStore.create(directory);
    String url = made.database().url() + "&secretmanager.workspace=orders&ApplicationName=broken";
    try (SecretStore store = SecretStores.open(variables(url))) {
      TestStore.put(store, "one", "first");
      made.database()
          .run("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
              + " WHERE application_name = 'broken'");
      boolean isBack = false;
      while (!isBack) { // at most one call for each connection meets the broken ones
        try {
          isBack = store.exists(TestStore.VAULT, "one");
        } catch (tech.tailor.secretmanager.SecretUnavailableException e) {
          isBack = false;
        }
      }
    }
  }

  @Test
  void invalidAddresses_areRefused_withoutShowingThem() {
    for (String url : List.of(
        "jdbc:postgresql://localhost/db?password=canary",
        "jdbc:postgresql://localhost/db?password=canary&secretmanager.workspace=",
        "jdbc:mysql://localhost/db?password=canary&secretmanager.workspace=orders",
        "jdbc:postgresql://localhost:port/canary?secretmanager.workspace=orders")) {
      assertThatThrownBy(() -> SecretStores.open(
              Map.of("TAILOR_SECRETMANAGER_URL", url, "TAILOR_SECRETMANAGER_KEY", keyLine())))
          .as(url)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("secretmanager.workspace=")
          .hasMessageNotContaining("canary")
          .hasNoCause();
    }
    assertThatThrownBy(() -> SecretStores.open(Map.of(
            "TAILOR_SECRETMANAGER_URL",
            "jdbc:postgresql://localhost/db?secretmanager.workspace=orders")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a store in PostgreSQL")
        .hasMessageContaining("TAILOR_SECRETMANAGER_KEY_FILE");
  }

  private String keyLine() {
    Path file = directory.resolve("line.key");
    tech.tailor.secretmanager.envelope.MasterKey.createFile(file);
    try {
      return java.nio.file.Files.readString(file).strip();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void databaseWithoutTables_isSaid() throws Exception {
    tech.tailor.secretmanager.envelope.MasterKey.createFile(directory.resolve("master.key"));
    String url = TestDatabase.empty().url() + "&secretmanager.workspace=orders";
    assertThatThrownBy(() -> SecretStores.open(variables(url)))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("PostgresSchema.createOrUpgrade");
  }
}
