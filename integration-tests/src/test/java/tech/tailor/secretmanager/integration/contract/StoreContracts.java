package tech.tailor.secretmanager.integration.contract;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
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
