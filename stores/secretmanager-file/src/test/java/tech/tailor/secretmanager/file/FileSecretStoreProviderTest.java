package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.SecretStore;

class FileSecretStoreProviderTest {

  @TempDir
  Path directory;

  @Test
  void store_isOpened_byPathAndByUri() {
    Path key = directory.resolve("key");
    Path secrets = directory.resolve("my secrets");
    try (FileSecretStore store = FileSecretStore.create(secrets, MasterKey.createFile(key));
        SecretValue value = SecretValue.of("from a file")) {
      store.createVault("default");
      store.createSecret("default", "api-key", value);
    }
    for (String url : new String[] {"file:" + secrets, secrets.toUri().toString()}) {
      try (SecretManager manager = SecretManagers.open(SecretStores.open(environment(url, key)));
          SecretValue value = manager.requireSecret("default", "api-key")) {
        assertThat(value.revealString()).isEqualTo("from a file");
      }
    }
    assertThatThrownBy(
            () -> SecretStores.open(Map.of("TAILOR_SECRETMANAGER_URL", "file:" + secrets)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TAILOR_SECRETMANAGER_KEY_FILE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:",
        "file://localhost/var/lib/app",
        "file://var/lib/app",
        "file:///var/lib/my app",
        "file:///var/lib/app?query",
        "file:///var/lib/%00app",
        "file:/var/lib/\0app"
      })
  void addressThatIsNoDirectory_isRefused_andNotShown(String url) {
    Map<String, String> environment = environment(url, directory.resolve("key"));
    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> SecretStores.open(environment), () -> SecretStores.create(environment))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasNoCause()
          .hasMessageStartingWith("TAILOR_SECRETMANAGER_URL must be file: and a directory")
          .hasMessageNotContainingAny("localhost", "my app", "query");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void create_makesStoreAndKey_andOpensThemTheNextTime() {
    Map<String, String> environment =
        environment("file:" + directory.resolve("new/store"), directory.resolve("new/key"));
    assertThatThrownBy(() -> SecretStores.open(environment))
        .isInstanceOf(SecretStorageException.class);
    try (SecretStore store = SecretStores.create(environment)) {
      store.createVault("default");
    }
    for (int run = 0; run < 2; run++) {
      try (SecretStore store =
          run == 0 ? SecretStores.create(environment) : SecretStores.open(environment)) {
        assertThat(store.describeVault("default")).isPresent();
      }
    }
  }

  @Test
  void otherKey_isRefused() {
    Map<String, String> made =
        environment("file:" + directory.resolve("store"), directory.resolve("key"));
    SecretStores.create(made).close();
    Map<String, String> other =
        environment("file:" + directory.resolve("store"), directory.resolve("other"));
    MasterKey.createFile(directory.resolve("other"));

    assertThatThrownBy(() -> SecretStores.open(other))
        .isInstanceOf(SecretManagerException.class)
        .hasMessageContaining("this is not the master key");
  }

  private static Map<String, String> environment(String url, Path key) {
    return Map.of("TAILOR_SECRETMANAGER_URL", url, "TAILOR_SECRETMANAGER_KEY_FILE", key.toString());
  }
}
