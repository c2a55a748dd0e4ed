package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** A file that is put back is noticed by a store that was open, and only by that. */
class RollbackTest {

  @TempDir
  Path parent;

  @Test
  void everyOlderFile_isRefusedWhileTheStoreIsOpen() throws IOException {
    Path directory = parent.resolve("store");
    List<byte[]> generations = new ArrayList<>();
    int restored = 0;
    try (FileSecretStore store = TestStore.create(directory)) {
      for (int i = 0; i < 8; i++) {
        TestStore.put(store, "default", "one", "value-" + i);
        generations.add(TestStore.bytes(TestStore.file(directory)));
      }
      byte[] newest = generations.remove(generations.size() - 1);
      for (byte[] older : generations) {
        for (boolean inPlace : new boolean[] {false, true}) {
          if (inPlace) {
            Files.write(TestStore.file(directory), older);
          } else {
            TestStore.replace(directory, older);
          }
          assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
              .isExactlyInstanceOf(SecretIntegrityException.class)
              .hasMessageContaining("rolled back");
          assertThatThrownBy(() -> TestStore.put(store, "default", "one", "new"))
              .isExactlyInstanceOf(SecretIntegrityException.class);
          restored++;
        }
      }
      TestStore.replace(directory, newest);
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("value-7");
    }
    System.out.println("rollback: " + restored + " older files put back, 0 accepted");
  }

  /** Between the commit and the next read nothing was read, but something was written. */
  @Test
  void olderFileRightAfterAWrite_isRefused() {
    Path directory = parent.resolve("store");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      byte[] older = TestStore.bytes(TestStore.file(directory));
      store.deleteSecret("default", "one");
      TestStore.replace(directory, older);
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isExactlyInstanceOf(SecretIntegrityException.class);
    }
  }

  /** A link keeps the inode, the size and the time of the file that the change was made from. */
  @Test
  void olderFileThatWasLinked_isRefused() throws IOException {
    Path directory = parent.resolve("store");
    Path old = directory.resolve("old");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      Files.createLink(old, TestStore.file(directory));
      TestStore.put(store, "default", "one", "second");
      StoreFiles.local().replace(old, TestStore.file(directory));
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("rolled back");
    }
  }

  @Test
  void fork_isRefused() throws IOException {
    Path directory = parent.resolve("store");
    Path copy = Files.createDirectories(parent.resolve("copy"));
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      Files.copy(TestStore.file(directory), TestStore.file(copy));
      TestStore.put(store, "default", "one", "ours");
      try (FileSecretStore other = TestStore.open(copy)) {
        TestStore.put(other, "default", "one", "theirs");
      }
      TestStore.replace(directory, TestStore.bytes(TestStore.file(copy)));
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("forked");
    }
  }

  @Test
  void otherStoreWithTheSameMasterKey_isRefused() {
    Path directory = parent.resolve("store");
    Path another = parent.resolve("another");
    try (FileSecretStore store = TestStore.create(directory);
        FileSecretStore other = TestStore.create(another)) {
      TestStore.put(store, "default", "one", "ours");
      for (int i = 0; i < 5; i++) {
        TestStore.put(other, "default", "one", "theirs");
      }
      TestStore.replace(directory, TestStore.bytes(TestStore.file(another)));
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("another store");
    }
  }

  @Test
  void removedFile_isRefusedWhileTheStoreIsOpen() throws IOException {
    Path directory = parent.resolve("store");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      Files.delete(TestStore.file(directory));
      assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
          .isExactlyInstanceOf(SecretStorageException.class);
    }
  }

  /** The stated limit: nothing outside the file remembers the newest generation. */
  @Test
  void olderFile_isNotNoticedByAStoreThatIsOpenedLater() {
    Path directory = parent.resolve("store");
    byte[] older;
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      older = TestStore.bytes(TestStore.file(directory));
      TestStore.put(store, "default", "one", "second");
    }
    TestStore.replace(directory, older);
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }
}
