package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

/** Through PgBouncer, which gives each transaction another session. */
@Tag("suite")
@Timeout(600)
class PgBouncerTest {

  @TempDir
  private static Path directory;

  private static TestDatabase database;
  private static MasterKey key;
  private static Process pgbouncer;
  private static int port;

  @BeforeAll
  static void startPooler() throws Exception {
    Tools.require(
        Tools.has("pgbouncer") && Tools.isRoot(),
        "PgBouncerTest",
        "it needs pgbouncer (Debian's package of that name), and root to start it as nobody");
    database = TestStore.withTables();
    key = MasterKey.createFile(directory.resolve("master.key"));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path settings =
        Files.writeString(directory.resolve("pgbouncer.ini"), """
        [databases]
        * = host=localhost port=%d user=postgres
        [pgbouncer]
        listen_addr = localhost
        listen_port = %d
        unix_socket_dir =
        auth_type = any
        pool_mode = transaction
        default_pool_size = 10
        max_client_conn = 200
        ignore_startup_parameters = extra_float_digits
        """.formatted(database.port(), port));
    pgbouncer = new ProcessBuilder("pgbouncer", "-q", "-u", "nobody", settings.toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("pgbouncer.log").toFile())
        .start();
    boolean isUp = false;
    while (!isUp && pgbouncer.isAlive()) {
      try (Connection connection = pooled(0).getConnection()) {
        isUp = connection.isValid(0);
      } catch (SQLException e) {
        Thread.sleep(20);
      }
    }
    assertThat(isUp).as(Files.readString(directory.resolve("pgbouncer.log"))).isTrue();
  }

  @AfterAll
  static void stopPooler() throws InterruptedException {
    if (pgbouncer != null) {
      pgbouncer.destroyForcibly().waitFor();
    }
  }

  private static PGSimpleDataSource pooled(int prepareThreshold) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl("jdbc:postgresql://localhost:" + port + "/" + database.name()
        + "?user=postgres&prepareThreshold=" + prepareThreshold);
    return dataSource;
  }

  private static PostgresSecretStore.Builder builder(String workspace) {
    return PostgresSecretStore.builder(pooled(0), workspace, key).createIfMissing();
  }

  @Nested
  class ContractTest extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return builder(UUID.randomUUID().toString()).open();
    }
  }

  @Test
  void preparedStatements_areRefusedAtOpen_withWhatToSet() throws IOException {
    assertThatThrownBy(() -> PostgresSecretStore.builder(pooled(5), "orders", key)
            .createIfMissing()
            .open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("prepareThreshold=0");
  }

  @Test
  void changes_areTold_thoughNoNotificationArrives() throws Exception {
    BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
    try (PostgresSecretStore watched = builder("watched")
            .listenWith(pooled(0))
            .pollEvery(Duration.ofMillis(100))
            .open();
        PostgresSecretStore writer = builder("watched").open()) {
      writer.createVault(TestStore.VAULT);
      watched.watch(told::add);
      TestStore.put(writer, "one", "first");
      assertThat(told.take()).containsExactly(SecretRef.of(TestStore.VAULT, "one"));
    }
  }

  @Test
  void settingsOfATransaction_reachNoOtherClient() throws Exception {
    try (PostgresSecretStore store = builder("settings").open()) {
      for (int i = 0; i < 20; i++) {
        store.createVault("vault-" + i);
        try (Connection connection = pooled(0).getConnection();
            var statement = connection.createStatement();
            var rows = statement.executeQuery("SELECT current_setting('lock_timeout')")) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).isEqualTo("0");
        }
      }
    }
  }
}
