package tech.tailor.secretmanager.postgresql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

/** The contract over pools whose defaults are not the server's. */
@Tag("suite")
class PooledContractTest {

  @TempDir
  private static Path directory;

  private static TestDatabase database;
  private static MasterKey key;
  private static HikariDataSource repeatableRead;
  private static HikariDataSource withoutAutoCommit;

  @BeforeAll
  static void makePools() throws Exception {
    database = TestStore.withTables();
    key = MasterKey.createFile(directory.resolve("master.key"));
    repeatableRead = pool(config -> config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ"));
    withoutAutoCommit = pool(config -> config.setAutoCommit(false));
  }

  @AfterAll
  static void closePools() {
    repeatableRead.close();
    withoutAutoCommit.close();
  }

  private static HikariDataSource pool(Consumer<HikariConfig> settings) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.dataSource());
    config.setMaximumPoolSize(12);
    config.setMinimumIdle(0);
    settings.accept(config);
    return new HikariDataSource(config);
  }

  private static VersionedSecretStore store(HikariDataSource pool) {
    return PostgresSecretStore.builder(pool, UUID.randomUUID().toString(), key)
        .createIfMissing()
        .open();
  }

  @Nested
  class RepeatableReadTest extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return store(repeatableRead);
    }
  }

  @Nested
  class WithoutAutoCommitTest extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return store(withoutAutoCommit);
    }
  }
}
