package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
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

  /** A process of the next key, which is started before the rotation or after it. */
  @Test
  void previousKey_opensTheStore_untilItIsRotated() {
    String url = "file:" + directory.resolve("store");
    SecretStores.create(environment(url, directory.resolve("key"))).close();
    MasterKey nextKey = MasterKey.createFile(directory.resolve("next"));
    Map<String, String> next = environment(url, directory.resolve("next"));
    Map<String, String> byFile = new HashMap<>(next);
    byFile.put(
        "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE", directory.resolve("key").toString());
    Map<String, String> byText = new HashMap<>(next);
    byText.put("TAILOR_SECRETMANAGER_PREVIOUS_KEY", read(directory.resolve("key")));

    assertThatThrownBy(() -> SecretStores.open(next)).isInstanceOf(SecretIntegrityException.class);
    for (Map<String, String> each : List.of(byFile, byText)) {
      try (SecretStore store = SecretStores.open(each)) {
        store.createVault(each == byFile ? "by-file" : "by-text");
      }
    }
    SecretStores.open(environment(url, directory.resolve("key"))).close(); // it is of the old key
    try (SecretStore store = SecretStores.open(byFile)) {
      ((EncryptedSecretStore) store).rotateMasterKey(nextKey);
    }
    for (Map<String, String> each : List.of(next, byFile, byText)) {
      SecretStores.open(each).close();
    }
  }

  @Test
  void previousKey_comesFromAVariable_orAFile_butNotFromBoth() {
    Map<String, String> made =
        environment("file:" + directory.resolve("store"), directory.resolve("key"));
    SecretStores.create(made).close();
    Map<String, String> both = new HashMap<>(made);
    both.put("TAILOR_SECRETMANAGER_PREVIOUS_KEY", read(directory.resolve("key")));
    both.put("TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE", directory.resolve("key").toString());
    Map<String, String> misplaced = new HashMap<>(made);
    misplaced.put("TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE", "fd:" + read(directory.resolve("key")));

    assertThatThrownBy(() -> SecretStores.open(both))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("both are set");
    assertThatThrownBy(() -> SecretStores.open(misplaced))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE must be a path")
        .hasMessageNotContaining(read(directory.resolve("key")).strip().substring(30));
  }

  @Test
  void key_comesFromAVariable_orAFile_butNotFromBoth() {
    String url = "file:" + directory.resolve("store");
    String line = new String(EnvelopeFixtures.keyLine(1), US_ASCII);
    String text = "TAILOR_SECRETMANAGER_KEY";
    for (String each : List.of(line, line.strip())) {
      try (SecretStore store =
          SecretStores.create(Map.of("TAILOR_SECRETMANAGER_URL", url, text, each))) {
        assertThat(store.describeVault("default")).isEmpty();
      }
    }
    assertThatThrownBy(() ->
            SecretStores.open(Map.of("TAILOR_SECRETMANAGER_URL", url, text, line.substring(0, 50))))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("environment variable TAILOR_SECRETMANAGER_KEY")
        .hasMessageContaining("too short")
        .hasMessageNotContaining("AQEBAQ");
    Map<String, String> both = new HashMap<>(environment(url, directory.resolve("key")));
    both.put(text, line);
    for (Map<String, String> each : List.of(both, Map.of("TAILOR_SECRETMANAGER_URL", url))) {
      for (ThrowingCallable call : List.<ThrowingCallable>of(
          () -> SecretStores.open(each), () -> SecretStores.create(each))) {
        assertThatThrownBy(call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("TAILOR_SECRETMANAGER_KEY_FILE")
            .hasMessageContaining("TAILOR_SECRETMANAGER_KEY (")
            .hasMessageNotContaining("AQEBAQ");
      }
    }
    for (String descriptor : List.of("fd:", "fd:x", "fd:-1", "fd:3 ", "fd:99999999999")) {
      assertThatThrownBy(() -> SecretStores.open(
              Map.of("TAILOR_SECRETMANAGER_URL", url, text + "_FILE", descriptor)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("fd:3");
    }
    assertThatThrownBy(() ->
            SecretStores.open(Map.of("TAILOR_SECRETMANAGER_URL", url, text + "_FILE", "fd:987654")))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("file descriptor 987654");
  }

  @Test
  void lostKey_isNotReplacedByANewOne() throws Exception {
    Path key = directory.resolve("key");
    Map<String, String> environment = environment("file:" + directory.resolve("store"), key);
    SecretStores.create(environment).close();
    byte[] content = Files.readAllBytes(key);
    Files.delete(key);
    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> SecretStores.open(environment), () -> SecretStores.create(environment))) {
      assertThatThrownBy(call)
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining("no other key opens that store")
          .hasMessageContaining("without either its values are lost");
      assertThat(key).doesNotExist();
    }
    MasterKey.createFile(key);
    assertThatThrownBy(() -> SecretStores.open(environment))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("Nothing is lost as long as there is a copy of that key");
    Files.write(key, content);
    SecretStores.open(environment).close();
  }

  @Test
  void settings_areTakenFromTheEnvironment() throws Exception {
    Path above = Files.createDirectory(directory.resolve("above"));
    assumeTrue(
        above.getFileSystem().supportedFileAttributeViews().contains("unix"),
        "SKIPPED: no owners and modes in the manner of Unix here");
    Files.setAttribute(above, "unix:mode", 0777);
    Map<String, String> environment =
        new HashMap<>(environment("file:" + above.resolve("a/store"), directory.resolve("key")));
    assertThatThrownBy(() -> SecretStores.create(environment))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("every user")
        .hasMessageContaining("TAILOR_SECRETMANAGER_ALLOW=shared-directory");
    assertThat(above).as("checked before anything is made").isEmptyDirectory();
    assertThat(directory.resolve("key")).doesNotExist();
    environment.put("TAILOR_SECRETMANAGER_ALLOW", "shared-directories");
    assertThatThrownBy(() -> SecretStores.create(environment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shared-directory, network-file-system");
    for (String allow :
        List.of("shared-directory", "network-file-system, shared-directory", "shared-directory,")) {
      environment.put("TAILOR_SECRETMANAGER_ALLOW", allow);
      SecretStores.create(environment).close();
      SecretStores.open(environment).close();
    }
  }

  /** Names that a shell would expand between double quotes, and one that ends single quotes. */
  @ParameterizedTest
  @ValueSource(strings = {"it's $HOME", "`id`", "back\\\\slash", "a \"b\" $(id)", "''", "plain"})
  void commandsOfTheMessage_mendEverything_whateverThePathIs(String name) throws Exception {
    assumeTrue(
        directory.getFileSystem().supportedFileAttributeViews().contains("unix")
            && Files.isExecutable(Path.of("/bin/sh")),
        "SKIPPED: no owners and modes in the manner of Unix, or no /bin/sh here");
    Path above = Files.createDirectory(directory.resolve(name));
    Path store = above.resolve("store");
    Path key = above.resolve("key");
    Map<String, String> environment = environment("file:" + store, key);
    SecretStores.create(environment).close();
    for (Path each : List.of(above, store, key, TestStore.file(store))) {
      Files.setAttribute(each, "unix:mode", 0777);
    }

    SecretStorageException refusal = catchThrowableOfType(
        SecretStorageException.class, () -> SecretStores.open(environment).close());
    List<String> commands = Pattern.compile("run: (chmod .*)")
        .matcher(refusal.getMessage())
        .results()
        .map(each -> each.group(1))
        .toList();
    assertThat(commands).hasSizeGreaterThanOrEqualTo(4);
    for (String each : commands) {
      assertThat(new ProcessBuilder("/bin/sh", "-c", each).inheritIO().start().waitFor())
          .as(each)
          .isZero();
    }
    SecretStores.open(environment).close();
  }

  @Test
  void refusedStore_isNamedTogetherWithWhatIsWrongWithItsKey() throws Exception {
    Path store = directory.resolve("store");
    Path key = directory.resolve("key");
    assumeTrue(
        directory.getFileSystem().supportedFileAttributeViews().contains("unix"),
        "SKIPPED: no owners and modes in the manner of Unix here");
    String url = "file:" + store;
    SecretStores.create(environment(url, key)).close();
    Files.setAttribute(store, "unix:mode", 0777);
    String line = new String(EnvelopeFixtures.keyLine(1), US_ASCII).substring(0, 50);
    Files.writeString(key, line);
    String name = "TAILOR_SECRETMANAGER_KEY";
    Map<Map<String, String>, String> problems = Map.of(
        environment(url, key), "too short",
        Map.of("TAILOR_SECRETMANAGER_URL", url, name, line), "too short",
        Map.of("TAILOR_SECRETMANAGER_URL", url), "neither is set",
        Map.of("TAILOR_SECRETMANAGER_URL", url, name + "_FILE", "fd:x"), "such as fd:3",
        Map.of("TAILOR_SECRETMANAGER_URL", url, name + "_FILE", "\0"), "must be a path");
    problems.forEach((environment, problem) -> {
      for (ThrowingCallable call : List.<ThrowingCallable>of(
          () -> SecretStores.open(environment), () -> SecretStores.create(environment))) {
        assertThatThrownBy(call)
            .isInstanceOf(SecretStorageException.class)
            .hasMessageContaining("chmod 700")
            .hasMessageContaining(problem)
            .hasMessageNotContaining("AQEBAQ");
      }
    });
  }

  private static String read(Path keyFile) {
    try {
      return Files.readString(keyFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> environment(String url, Path key) {
    return Map.of("TAILOR_SECRETMANAGER_URL", url, "TAILOR_SECRETMANAGER_KEY_FILE", key.toString());
  }
}
