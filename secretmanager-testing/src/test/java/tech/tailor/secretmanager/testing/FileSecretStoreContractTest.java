package tech.tailor.secretmanager.testing;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.client.file.FileSecretStore;
import tech.tailor.secretmanager.client.file.MasterKey;
import tech.tailor.secretmanager.spi.SecretStore;
import tech.tailor.secretmanager.testing.contract.SecretStoreContract;

class FileSecretStoreContractTest extends SecretStoreContract {
  @TempDir
  private Path directory;

  @Override
  protected SecretStore emptyStore() {
    return FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("master.key")));
  }
}
