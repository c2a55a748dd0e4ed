package tech.tailor.secretmanager.integration.contract;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.EtcdServer;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.postgresql.PostgresSchema;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeBackend;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

/** The contracts of the stores whose rules are the editor's. {@link ContractRun} runs them. */
final class StoreContracts {

  private StoreContracts() {}

  static class InMemory extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return InMemorySecretStore.create();
    }
  }

  static class InAFile extends VersionedSecretStoreContract {
    @TempDir
    private Path directory;

    @Override
    protected VersionedSecretStore emptyStore() {
      return FileSecretStore.create(
          directory.resolve("store"), MasterKey.createFile(directory.resolve("master.key")));
    }
  }

  /** The one that the examples write; its source is compiled beside the editor's. */
  static class AnExample extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      try {
        return (VersionedSecretStore)
            Class.forName(BrokenRulesTest.EXAMPLE).getConstructor().newInstance();
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static class InPostgresql extends VersionedSecretStoreContract {

    @TempDir
    private static Path directory;

    private static TestDatabase database;

    @BeforeAll
    static void makeTables() throws SQLException {
      database = TestDatabase.empty();
      PostgresSchema.createOrUpgrade(database.dataSource());
    }

    @Override
    protected VersionedSecretStore emptyStore() {
      MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
      return PostgresSecretStore.builder(
              database.dataSource(), UUID.randomUUID().toString(), key)
          .createIfMissing()
          .open();
    }
  }

  static class InEtcd extends VersionedSecretStoreContract {

    @TempDir
    private static Path directory;

    private static EtcdServer server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
      server = EtcdServer.start(directory);
      client = Client.builder().endpoints(server.url()).build();
    }

    @AfterAll
    static void stop() {
      client.close();
      server.close();
    }

    @Override
    protected VersionedSecretStore emptyStore() {
      MasterKey key = MasterKey.createFile(directory.resolve("master.key"));
      return EtcdSecretStore.builder(client, "/" + UUID.randomUUID(), key)
          .createIfMissing()
          .open();
    }
  }

  /** The fake answers reads alone, from a store in memory. */
  static class Fake extends SecretBackendContract {
    @Override
    protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
      InMemorySecretStore store = InMemorySecretStore.create();
      secrets.keySet().stream().map(SecretRef::vault).distinct().forEach(store::createVault);
      secrets.forEach((ref, value) -> store.createSecret(ref.vault(), ref.name(), value));
      return FakeBackend.over(store);
    }
  }
}
