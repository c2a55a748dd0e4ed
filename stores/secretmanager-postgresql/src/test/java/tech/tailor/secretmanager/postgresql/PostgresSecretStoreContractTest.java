package tech.tailor.secretmanager.postgresql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

class PostgresSecretStoreContractTest extends VersionedSecretStoreContract {

  @TempDir
  private static Path directory;

  private static HikariDataSource pool;

  @BeforeAll
  static void makePool() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setDataSource(TestStore.withTables().dataSource());
    config.setMaximumPoolSize(12);
    config.setMinimumIdle(0);
    pool = new HikariDataSource(config);
  }

  @AfterAll
  static void closePool() {
    pool.close();
  }

  @Override
  protected VersionedSecretStore emptyStore() {
    return PostgresSecretStore.builder(
            pool,
            UUID.randomUUID().toString(),
            MasterKey.createFile(directory.resolve("master.key")))
        .createIfMissing()
        .open();
  }
}
