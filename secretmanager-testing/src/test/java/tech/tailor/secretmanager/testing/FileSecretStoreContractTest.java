package tech.tailor.secretmanager.testing;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.client.file.FileSecretStore;
import tech.tailor.secretmanager.client.file.MasterKey;
import tech.tailor.secretmanager.spi.VersionedSecretStore;
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
