package tech.tailor.secretmanager.file;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

class FileSecretStoreContractTest extends VersionedSecretStoreContract {
  @TempDir
  private Path directory;

  @Override
  protected VersionedSecretStore emptyStore() {
    return FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("master.key")));
  }
}
