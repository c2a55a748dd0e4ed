package tech.tailor.secretmanager.postgresql;

import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

class PostgresSecretStoreContractTest extends VersionedSecretStoreContract {

  @TempDir
  private static Path directory;

  private static TestDatabase database;

  @BeforeAll
  static void makeDatabase() throws Exception {
    database = TestStore.withTables();
  }

  @Override
  protected VersionedSecretStore emptyStore() {
    return PostgresSecretStore.builder(
            database.dataSource(),
            UUID.randomUUID().toString(),
            MasterKey.createFile(directory.resolve("master.key")))
        .createIfMissing()
        .open();
  }
}
