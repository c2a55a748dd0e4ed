package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;

/** The emulator's command over an encrypted file. In this package to start it in this process. */
class EmulatorCommandStoreTest {

  @TempDir
  Path directory;

  @Test
  void store_isMadeWithItsKey_andOutlivesTheEmulator() {
    String[] args = {
      "--port",
      "0",
      "--token",
      "admin=" + directory.resolve("admin.token"),
      "--store",
      directory.resolve("store").toString(),
      "--key",
      directory.resolve("key").toString()
    };
    List<String> printed = new ArrayList<>();
    try (SecretManagerEmulator first = EmulatorCommand.start(printed::add, args)) {
      first.put("default", "api-key", "a made-up value");
    }
    try (SecretManagerEmulator second = EmulatorCommand.start(printed::add, args);
        SecretManager manager = SecretManagers.open(HttpSecretStore.builder()
            .endpoint(second.endpoint())
            .workspaceId(second.workspaceId())
            .accessToken(AccessTokenSource.fromFile(directory.resolve("admin.token")))
            .build())) {
      String value = manager.withSecret("default", "api-key", SecretValue::revealString);
      assertThat(value).isEqualTo("a made-up value");
    }
  }
}
