package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.crypto.tink.Aead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.ForwardingFiles;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** What keeps a store from being opened or changed says what it is, and what to do. */
class StoreErrorsTest {

  @TempDir
  Path parent;

  private Path directory;

  @BeforeEach
  void makeAStore() {
    directory = parent.resolve("store");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
  }

  @Test
  void storeThatOthersMayWrite_isRefused() throws IOException {
    assumeUnix();
    for (String mode : List.of("rwxrwx---", "rwx---rwx", "rwx----w-")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
      assertRefused("written by others", "chmod 700");
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String mode : List.of("rw--w----", "rw-----w-")) {
      Files.setPosixFilePermissions(
          TestStore.file(directory), PosixFilePermissions.fromString(mode));
      assertRefused("written by others", "chmod 600");
    }
    Files.setPosixFilePermissions(
        TestStore.file(directory), PosixFilePermissions.fromString("rw-r--r--"));
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThat(TestStore.read(store, "default", "one"))
          .as("the file holds nothing that may not be read: it may be a checkout")
          .isEqualTo("first");
    }
  }

  @Test
  void storeBelowADirectoryThatEverybodyMayWrite_isRefused() throws IOException {
    assumeUnix();
    Path above = Files.createDirectory(parent.resolve("above"));
    Path below = above.resolve("a").resolve("store");
    TestStore.create(below).close();
    Files.setAttribute(above, "unix:mode", 0777);
    assertThatThrownBy(() -> TestStore.open(below))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("by every user")
        .hasMessageContaining("chmod o-w");
    Files.setAttribute(above, "unix:mode", 01777);
    TestStore.open(below).close();
  }

  @Test
  void allThatIsToBeMended_standsInOneMessage_andCanBeAllowed() throws IOException {
    assumeUnix();
    Path above = Files.createDirectory(parent.resolve("above"));
    Path below = above.resolve("a").resolve("store");
    Files.setAttribute(above, "unix:mode", 0777);
    assertThatThrownBy(() -> TestStore.create(below))
        .isExactlyInstanceOf(SecretStorageException.class)
        .hasMessageContaining("nothing was made")
        .hasMessageContaining("allowSharedDirectory()");
    assertThat(above).isEmptyDirectory();
    FileSecretStore.Builder shared =
        FileSecretStore.builder(below, TestStore.key(1)).allowSharedDirectory();
    shared.create().close();
    Files.setAttribute(below, "unix:mode", 0777);
    Files.setAttribute(TestStore.file(below), "unix:mode", 0666);
    assertThatThrownBy(() -> TestStore.open(below))
        .isExactlyInstanceOf(SecretStorageException.class)
        .hasMessageContaining("chmod o-w '" + above + "'")
        .hasMessageContaining("chmod 700 '" + below + "'")
        .hasMessageContaining("chmod 600 '" + TestStore.file(below) + "'");
    try (FileSecretStore store = shared.open()) {
      TestStore.put(store, "default", "one", "first");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  /** What could refuse a new store is asked before there is a directory, a lock or a file. */
  @Test
  void refusedStore_leavesNothingBehind() {
    Path below = parent.resolve("not/made");
    RecordingFiles remote = new RecordingFiles();
    remote.fileSystemType = "nfs";
    assertThatThrownBy(() -> TestStore.create(below, remote))
        .isExactlyInstanceOf(SecretStorageException.class);
    FileAnchor anchor = FileAnchor.create(parent.resolve("anchor"));
    FileSecretStore.builder(parent.resolve("other"), TestStore.key(1))
        .anchor(anchor)
        .create()
        .close();
    assertThatThrownBy(() ->
            FileSecretStore.builder(below, TestStore.key(1)).anchor(anchor).create())
        .isExactlyInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(() ->
            FileSecretStore.create(below, MasterKey.fromKms("kms://down", new Aead() {
              @Override
              public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
                throw new IllegalStateException("down");
              }

              @Override
              public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
                throw new IllegalStateException("down");
              }
            })))
        .isExactlyInstanceOf(SecretUnavailableException.class);
    assertThat(parent.resolve("not")).doesNotExist();
    // Where the anchor knows of a store, no new one is advised.
    assertThatThrownBy(() ->
            FileSecretStore.builder(below, TestStore.key(1)).anchor(anchor).open())
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("is gone")
        .hasMessageNotContaining("FileSecretStore.create");
  }

  @Test
  void typeOfTheFileSystemThatCanNotBeTold_namesTheSetting() {
    StoreFiles hidden = new ForwardingFiles() {
      @Override
      public String fileSystemType(Path each) throws IOException {
        throw new IOException("Mount point not found");
      }
    };
    try (FileSecretStore store = TestStore.create(directory, hidden)) {
      assertThatThrownBy(() -> store.createVault("another"))
          .isExactlyInstanceOf(SecretStorageException.class)
          .hasMessageContaining("/proc")
          .hasMessageContaining("allowNetworkFileSystem()");
    }
    try (FileSecretStore store = FileSecretStore.builder(directory, TestStore.key(1))
        .forTest(TestStore.CLOCK, hidden, TestStore.PATIENCE)
        .allowNetworkFileSystem()
        .open()) {
      store.createVault("another");
    }
  }

  @Test
  void linkedFile_namesTheDirectoryToOpen() throws IOException {
    Path content = Files.createDirectory(parent.resolve("..2026"));
    Files.createSymbolicLink(parent.resolve("..data"), Path.of("..2026"));
    Files.move(TestStore.file(directory), content.resolve("secrets.json"));
    Files.createSymbolicLink(TestStore.file(directory), Path.of("../..data/secrets.json"));
    Path named = directory.resolve("../..data");
    assertThatThrownBy(() -> TestStore.open(directory))
        .isExactlyInstanceOf(SecretStorageException.class)
        .hasMessageContaining("symbolic link")
        .hasMessageContaining("Open the directory that it leads to: \"" + named + "\"");
    TestStore.open(named).close();
    // A link into the directory's own subdirectory, as Kubernetes mounts it.
    Files.delete(TestStore.file(directory));
    Files.createSymbolicLink(parent.resolve("secrets.json"), Path.of("..data/secrets.json"));
    assertThatThrownBy(() -> TestStore.open(parent))
        .hasMessageContaining("\"" + parent.resolve("..data") + "\"");
    try (FileSecretStore store = TestStore.open(parent.resolve("..data"))) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void storeOfAnotherUser_isRefused() throws IOException {
    assumeUnix();
    assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
        "SKIPPED: only root can give a file away");
    Path above = Files.createDirectory(parent.resolve("above"));
    directory = above.resolve("store");
    TestStore.create(directory).close();
    for (Path each : List.of(TestStore.file(directory), directory, above)) {
      Files.setAttribute(each, "unix:uid", 12_345);
      assertRefused("belongs to another user (12345)", "chown");
    }
  }

  /**
   * A hard link is never written through: the file is replaced, and the other name keeps the old.
   */
  @Test
  void hardLinkedFile_isNotWrittenThrough() throws IOException {
    Path outside = parent.resolve("outside");
    Files.createLink(outside, TestStore.file(directory));
    byte[] before = TestStore.bytes(outside);
    try (FileSecretStore store = TestStore.open(directory)) {
      TestStore.put(store, "default", "one", "second");
    }
    assertThat(TestStore.bytes(outside)).isEqualTo(before);
    assertThat(TestStore.bytes(TestStore.file(directory))).isNotEqualTo(before);
  }

  @Test
  void linkedLockFile_isNotFollowed() throws IOException {
    Path outside = Files.createFile(parent.resolve("outside"));
    Files.delete(directory.resolve("lock"));
    Files.createSymbolicLink(directory.resolve("lock"), outside);
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThatThrownBy(() -> store.createVault("another"))
          .isExactlyInstanceOf(SecretStorageException.class)
          .hasMessageContaining("lock");
    }
  }

  @Test
  void whatIsNoStore_isSaidSo() throws IOException {
    assertThatThrownBy(() -> TestStore.open(parent))
        .isExactlyInstanceOf(SecretStorageException.class)
        .hasMessageContaining("There is no store")
        .hasMessageContaining("FileSecretStore.create");
    Path aFile = Files.createFile(parent.resolve("a-file"));
    assertThatThrownBy(() -> TestStore.open(aFile)).isInstanceOf(SecretStorageException.class);
    assertThatThrownBy(() -> TestStore.create(aFile)).isInstanceOf(SecretStorageException.class);
    for (String content : List.of("", "{}", "[]", "canary", "{\"format\": \"1\"}", "{\n\n}\n")) {
      TestStore.replace(directory, content.getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(() -> TestStore.open(directory))
          .as(content)
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("no store of this library, or was damaged at its beginning")
          .hasMessageNotContaining("canary");
    }
  }

  @Test
  void newerFormat_asksForAnUpdate() {
    TestStore.replace(
        directory, "{\n  \"format\": 3,\n  \"more\": 1\n}\n".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> TestStore.open(directory))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("format 3")
        .hasMessageContaining("update the library");
  }

  @Test
  void lockThatIsHeld_isWaitedForAsLongAsIsSet() throws Exception {
    try (FileSecretStore store = FileSecretStore.builder(directory, TestStore.key(1))
            .lockTimeout(Duration.ZERO)
            .open();
        FileSecretStore holding = TestStore.open(directory)) {
      holding.inOneCommit(changes -> {
        Thread other = new Thread(() -> assertThatThrownBy(() -> store.createVault("another"))
            .isExactlyInstanceOf(SecretTimeoutException.class)
            .hasMessageContaining("longer than 0 ms")
            .hasMessageContaining("Try again"));
        AssertionErrors errors = new AssertionErrors();
        other.setUncaughtExceptionHandler(errors);
        other.start();
        try {
          other.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        assertThat(errors.caught).isNull();
      });
    }
    for (Duration bad : List.of(Duration.ofMillis(-1), Duration.ofHours(2))) {
      assertThatThrownBy(
              () -> FileSecretStore.builder(directory, TestStore.key(1)).lockTimeout(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("lockTimeout");
    }
    for (int bad : new int[] {0, -1, 101}) {
      assertThatThrownBy(
              () -> FileSecretStore.builder(directory, TestStore.key(1)).versionsKept(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("versionsKept must be between 1 and 100, got " + bad);
    }
  }

  private static final class AssertionErrors implements Thread.UncaughtExceptionHandler {
    private volatile Throwable caught;

    @Override
    public void uncaughtException(Thread thread, Throwable e) {
      caught = e;
    }
  }

  @Test
  void troubleOfTheDisk_isPutInWords() {
    String file = "secrets.json";
    Map<IOException, String> troubles = Map.of(
        new FileSystemException(file, null, "No space left on device"), "the disk is full",
        new IOException("No space left on device"), "the disk is full",
        new FileSystemException(file, null, "Disk quota exceeded"), "quota is used up",
        new FileSystemException(file, null, "Read-only file system"), "is read-only",
        new AccessDeniedException(file), "permission was denied",
        new FileSystemException(file, null, "Too many open files"), "too many files open");
    troubles.forEach((failure, words) -> {
      for (String step : List.of("create", "createLock")) {
        RecordingFiles faulty = new RecordingFiles();
        if (step.equals("createLock")) {
          TestStore.delete(directory.resolve("lock"));
        }
        try (FileSecretStore store = TestStore.create(directory, faulty)) {
          faulty.before = call -> {
            if (call.equals(step)) {
              faulty.failAt(Set.of(0), false, what -> failure);
            }
          };
          assertThatThrownBy(() -> store.createVault("another"))
              .as(step)
              .isExactlyInstanceOf(SecretStorageException.class)
              .hasMessageContaining(words)
              .hasMessageContaining("nothing was changed")
              .hasCause(failure);
          faulty.before = call -> {};
          faulty.failNoMore();
          assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
          store.createVault("another");
          store.deleteVault("another");
        }
      }
    });
  }

  @Test
  void networkFileSystem_isReadButNotWritten_unlessThatIsAllowed() {
    for (String type :
        List.of("nfs", "nfs4", "NFS", "cifs", "smb3", "fuse.sshfs", "fuse", "fuse.glusterfs")) {
      RecordingFiles remote = new RecordingFiles();
      remote.fileSystemType = type;
      try (FileSecretStore store = TestStore.create(directory, remote)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
        assertThatThrownBy(() -> store.createVault("another"))
            .as(type)
            .isExactlyInstanceOf(SecretStorageException.class)
            .hasMessageContaining("network file system (" + type + ")")
            .hasMessageContaining("allowNetworkFileSystem");
      }
      assertThatThrownBy(() -> TestStore.create(parent.resolve("new"), remote))
          .isExactlyInstanceOf(SecretStorageException.class);
      try (FileSecretStore store = FileSecretStore.builder(directory, TestStore.key(1))
          .forTest(TestStore.CLOCK, remote, TestStore.PATIENCE)
          .allowNetworkFileSystem()
          .open()) {
        store.createVault("another");
        store.deleteVault("another");
      }
    }
    for (String type : List.of(
        "ext4",
        "xfs",
        "btrfs",
        "tmpfs",
        "overlay",
        "zfs",
        "apfs",
        "NTFS",
        "fuseblk",
        "fuse.fuse-overlayfs",
        "")) {
      RecordingFiles local = new RecordingFiles();
      local.fileSystemType = type;
      try (FileSecretStore store = TestStore.create(directory, local)) {
        store.createVault("another");
        store.deleteVault("another");
      }
    }
  }

  private void assertRefused(String... messageParts) {
    for (Runnable opening : List.<Runnable>of(
        () -> TestStore.open(directory).close(),
        () -> TestStore.create(directory).close())) {
      assertThatThrownBy(opening::run)
          .isExactlyInstanceOf(SecretStorageException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(messageParts));
    }
  }

  private void assumeUnix() {
    assumeTrue(
        parent.getFileSystem().supportedFileAttributeViews().contains("unix"),
        "SKIPPED: no owners and modes in the manner of Unix here");
  }
}
