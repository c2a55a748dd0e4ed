package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.MasterKey;

/** What docs/operations.md says of backups, of moving a store, and of lost keys. */
class OperationsTest {

  @TempDir
  Path parent;

  private Path directory;
  private Path keyFile;

  @BeforeEach
  void makeAStore() {
    directory = parent.resolve("store");
    keyFile = parent.resolve("key");
    try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.createFile(keyFile))) {
      TestStore.put(store, "default", "one", "first");
    }
  }

  @Test
  void copyOfTheFile_isWhole_whileTheStoreIsWritten() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Thread writer = new Thread(() -> {
      try (FileSecretStore store = open(directory)) {
        for (int i = 0; !ended.get(); i++) {
          TestStore.put(store, "default", "one", "value-" + i);
        }
      }
    });
    writer.start();
    try {
      for (int i = 0; i < 20; i++) {
        Path copy = Files.createDirectory(parent.resolve("backup-" + i));
        Files.copy(TestStore.file(directory), TestStore.file(copy));
        try (FileSecretStore backup = open(copy)) {
          assertThat(TestStore.read(backup, "default", "one")).isNotEmpty();
        }
      }
    } finally {
      ended.set(true);
      writer.join();
    }
  }

  @Test
  void restoredFile_isRefusedByProcessesThatHaveTheNewerOneOpen_andReadAfterARestart() {
    byte[] backup = TestStore.bytes(TestStore.file(directory));
    try (FileSecretStore store = open(directory)) {
      TestStore.put(store, "default", "one", "second");
      TestStore.put(store, "default", "two", "second");
      TestStore.replace(directory, backup);
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("rolled back");
    }
    try (FileSecretStore store = open(directory)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      assertThat(store.describeSecret("default", "two")).isEmpty();
      TestStore.put(store, "default", "one", "third");
    }
  }

  @Test
  void restoredFile_needsANewAnchor() throws Exception {
    Path anchorFile = parent.resolve("elsewhere/anchor");
    MasterKey key = MasterKey.fromFile(keyFile);
    byte[] backup;
    try (FileSecretStore store = FileSecretStore.builder(directory, key)
        .anchor(FileAnchor.create(anchorFile))
        .open()) {
      TestStore.put(store, "default", "one", "second");
      backup = TestStore.bytes(TestStore.file(directory));
      TestStore.put(store, "default", "one", "third");
    }
    TestStore.replace(directory, backup);
    assertThatThrownBy(() -> FileSecretStore.builder(directory, key)
            .anchor(FileAnchor.open(anchorFile))
            .open())
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("make a new anchor");
    Files.delete(anchorFile);
    try (FileSecretStore store = FileSecretStore.builder(directory, key)
        .anchor(FileAnchor.create(anchorFile))
        .open()) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
      TestStore.put(store, "default", "one", "third");
    }
    assertThat(FileAnchor.open(anchorFile).read()).isPresent();
  }

  @Test
  void store_isMovedWithItsKey_orCopiedToAnotherStore() throws Exception {
    Path moved = Files.createDirectories(parent.resolve("another/place"));
    Files.move(TestStore.file(directory), TestStore.file(moved), StandardCopyOption.ATOMIC_MOVE);
    try (FileSecretStore store = open(moved)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      TestStore.put(store, "default", "one", "second");
      Path other = parent.resolve("other");
      try (FileSecretStore target = FileSecretStore.create(other, TestStore.key(2));
          InMemorySecretStore memory = InMemorySecretStore.create()) {
        assertThat(store.copyTo(target)).isEqualTo(1);
        assertThat(target.copyTo(memory)).isEqualTo(1);
        assertThat(TestStore.read(target, "default", "one")).isEqualTo("second");
        assertThat(TestStore.read(memory, "default", "one")).isEqualTo("second");
      }
    }
    assertThatThrownBy(() -> open(directory)).isInstanceOf(SecretStorageException.class);
  }

  @Test
  void lostKey_leavesTheNames_andAStoreIsMadeAgain() throws Exception {
    Map<String, String> environment = Map.of(
        "TAILOR_SECRETMANAGER_URL",
        "file:" + directory,
        "TAILOR_SECRETMANAGER_KEY_FILE",
        keyFile.toString());
    Files.delete(keyFile);
    for (boolean create : new boolean[] {false, true}) {
      assertThatThrownBy(() -> {
            if (create) {
              SecretStores.create(environment).close();
            } else {
              SecretStores.open(environment).close();
            }
          })
          .isInstanceOf(SecretManagerException.class)
          .hasMessageContaining("without either its values are lost");
    }
    assertThat(new String(TestStore.bytes(TestStore.file(directory)), US_ASCII))
        .contains("\"name\": \"default\"", "\"name\": \"one\"")
        .doesNotContain("first");
    Files.move(directory, parent.resolve("lost"));
    SecretStores.create(environment).close();
    try (FileSecretStore store = open(directory)) {
      TestStore.put(store, "default", "one", "again");
    }
  }

  @Test
  void keyInWrongHands_isReplaced_withTheDataKey() {
    MasterKey next = MasterKey.createFile(parent.resolve("next"));
    try (FileSecretStore store = open(directory)) {
      store.rotateMasterKey(next);
      store.rotateDataKey();
    }
    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining(next.fingerprint().orElseThrow());
    try (FileSecretStore store = FileSecretStore.open(directory, next)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void deletedLock_isMadeAgainWhenTheStoreIsOpenedAgain() throws Exception {
    try (FileSecretStore store = open(directory)) {
      TestStore.put(store, "default", "one", "second");
      Files.delete(directory.resolve("lock"));
      assertThatThrownBy(() -> store.createVault("more"))
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining("Close the store and open it again");
    }
    try (FileSecretStore store = open(directory)) {
      store.createVault("more");
    }
  }

  /** As systemd has it for a service with a user that is made for it. */
  @Test
  void stateDirectoryBehindALink_isTaken() throws Exception {
    Path state = Files.createDirectories(parent.resolve("lib/private/app"));
    assumeTrue(
        state.getFileSystem().supportedFileAttributeViews().contains("unix"),
        "SKIPPED: no owners and modes in the manner of Unix here");
    Files.setAttribute(state.getParent(), "unix:mode", 0700);
    Path link = Files.createSymbolicLink(parent.resolve("lib/app"), Path.of("private/app"));
    try (FileSecretStore store =
        FileSecretStore.create(link.resolve("secrets"), MasterKey.fromFile(keyFile))) {
      TestStore.put(store, "default", "one", "first");
    }
    assertThat(TestStore.file(state.resolve("secrets"))).exists();
  }

  /** Every variable of the page is one that a provider knows, and every setting a method. */
  @Test
  void page_namesWhatThereIs() {
    Path page = Path.of("../../docs/operations.md");
    assumeTrue(Files.exists(page), "SKIPPED: the page is not beside this module");
    String text = text(page);
    TreeSet<String> variables = new TreeSet<>();
    Matcher variable = Pattern.compile("TAILOR_[A-Z_]+").matcher(text);
    while (variable.find()) {
      variables.add(variable.group());
    }
    assertThat(variables)
        .containsExactly(
            "TAILOR_SECRETMANAGER_ALLOW",
            "TAILOR_SECRETMANAGER_KEY",
            "TAILOR_SECRETMANAGER_KEY_FILE",
            "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE",
            "TAILOR_SECRETMANAGER_URL");
    List<String> methods = new ArrayList<>();
    for (Class<?> type : List.of(
        FileSecretStore.class, FileSecretStore.Builder.class, MasterKey.class, FileAnchor.class)) {
      for (java.lang.reflect.Method method : type.getMethods()) {
        methods.add(method.getName());
      }
    }
    Matcher method = Pattern.compile("([a-z]\\w+)\\(").matcher(text);
    int found = 0;
    while (method.find()) {
      assertThat(methods).contains(method.group(1));
      found++;
    }
    assertThat(found).isPositive();
  }

  private FileSecretStore open(Path other) {
    return FileSecretStore.open(other, MasterKey.fromFile(keyFile));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
