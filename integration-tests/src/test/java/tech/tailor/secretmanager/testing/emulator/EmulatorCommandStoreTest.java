package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  @ParameterizedTest
  @ValueSource(strings = {"../key", "key"})
  void emptyDirectory_isANewStore(String key) throws IOException {
    Path empty = Files.createDirectory(directory.resolve("it's empty"));

    for (int i = 0; i < 2; i++) {
      try (SecretManagerEmulator emulator = start(empty, empty.resolve(key))) {
        emulator.put("default", "api-key", "a made-up value");
      }
    }
    assertThat(empty.resolve("secrets.json")).isRegularFile();
  }

  @Test
  void relativePaths_areThoseOfTheWorkingDirectory() throws Exception {
    Files.createDirectory(directory.resolve("data"));
    Process process = command(Path.of("data"), Path.of("data.key"));
    try {
      assertThat(process.inputReader().readLine()).startsWith("export PLATFORM_URL=");
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(directory.resolve("data/secrets.json")).isRegularFile();
  }

  @Test
  void storeThatCantBeUsed_isToldInOneLine() throws Exception {
    Path store = directory.resolve("store");
    start(store, directory.resolve("key")).close();
    start(directory.resolve("other"), directory.resolve("other-key")).close();
    Path file = Files.writeString(directory.resolve("file"), "no store");
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("secrets.json"), "no store");
    Path key = directory.resolve("key");

    assertToldInOneLine(store, directory.resolve("other-key"));
    assertToldInOneLine(store, directory.resolve("missing-key"));
    assertToldInOneLine(store, file);
    assertToldInOneLine(file, key);
    assertToldInOneLine(full, key);
  }

  private void assertToldInOneLine(Path store, Path key) throws Exception {
    Process process = command(store, key);
    List<String> said = process.inputReader().lines().toList();

    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said).singleElement().asString().startsWith("The emulator did not start: ");
  }

  private Process command(Path store, Path key) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EmulatorCommand.class.getName(),
            "--port",
            "0",
            "--token",
            "admin=" + directory.resolve("admin.token"),
            "--store",
            store.toString(),
            "--key",
            key.toString())
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private SecretManagerEmulator start(Path store, Path key) {
    return EmulatorCommand.start(
        line -> {},
        "--port",
        "0",
        "--token",
        "admin=" + directory.resolve("admin.token"),
        "--store",
        store.toString(),
        "--key",
        key.toString());
  }
}
