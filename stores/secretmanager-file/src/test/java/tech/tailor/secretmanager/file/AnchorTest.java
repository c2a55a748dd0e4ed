package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;

/** With an anchor a whole store that is rolled back is noticed when it is opened, too. */
class AnchorTest {

  @TempDir
  Path parent;

  private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFiles() {
    directory = parent.resolve("store");
    file = parent.resolve("elsewhere").resolve("anchor");
  }

  @Test
  void everyOlderFile_isRefusedWhenTheStoreIsOpened() {
    List<byte[]> generations = new ArrayList<>();
    try (FileSecretStore store = create(FileAnchor.create(file))) {
      for (int i = 0; i < 8; i++) {
        TestStore.put(store, "default", "one", "value-" + i);
        generations.add(TestStore.bytes(TestStore.file(directory)));
      }
    }
    byte[] newest = generations.remove(generations.size() - 1);
    for (byte[] older : generations) {
      TestStore.replace(directory, older);
      assertThatThrownBy(() -> open(FileAnchor.open(file)))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("rolled back")
          .hasMessageContaining("anchor");
    }
    TestStore.replace(directory, newest);
    try (FileSecretStore store = open(FileAnchor.open(file))) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("value-7");
    }
    System.out.println("anchor: " + generations.size() + " older files put back, 0 accepted");
  }

  /** The stated limit, and the control of the test above. */
  @Test
  void olderFile_isNotNoticed_withoutAnAnchor_orWithOneThatIsRolledBackToo() throws Exception {
    byte[] older;
    byte[] olderAnchor;
    try (FileSecretStore store = create(FileAnchor.create(file))) {
      TestStore.put(store, "default", "one", "first");
      older = TestStore.bytes(TestStore.file(directory));
      olderAnchor = TestStore.bytes(file);
      TestStore.put(store, "default", "one", "second");
    }
    TestStore.replace(directory, older);
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
    Files.write(file, olderAnchor);
    try (FileSecretStore store = open(FileAnchor.open(file))) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void forkAndForeignStore_areRefused() {
    FileAnchor anchor = FileAnchor.create(file);
    byte[] base;
    try (FileSecretStore store = create(anchor)) {
      TestStore.put(store, "default", "one", "first");
      base = TestStore.bytes(TestStore.file(directory));
      TestStore.put(store, "default", "one", "ours");
    }
    TestStore.replace(directory, base);
    try (FileSecretStore other = TestStore.open(directory)) {
      TestStore.put(other, "default", "one", "theirs");
    }
    assertThatThrownBy(() -> open(anchor))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("forked");
    Path foreign = parent.resolve("foreign");
    TestStore.create(foreign).close();
    TestStore.replace(directory, TestStore.bytes(TestStore.file(foreign)));
    assertThatThrownBy(() -> open(anchor))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("another store");
  }

  @Test
  void newerFile_isAccepted_andRememberedWithTheNextChange() {
    FileAnchor anchor = FileAnchor.create(file);
    try (FileSecretStore store = create(anchor);
        FileSecretStore without = TestStore.open(directory)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(without, "default", "one", "second"); // as a writer that died before it told
      assertThat(anchor.read().orElseThrow().generation()).isEqualTo(3);
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
      TestStore.put(store, "default", "one", "third");
      assertThat(anchor.read().orElseThrow().generation()).isEqualTo(5);
    }
  }

  @Test
  void missingStore_isNotMadeAnew_overAnAnchorThatRemembersOne() throws Exception {
    FileAnchor anchor = FileAnchor.create(file);
    create(anchor).close();
    Files.delete(TestStore.file(directory));
    assertThatThrownBy(() -> create(anchor))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("gone")
        .hasMessageContaining("generation 1");
    assertThat(TestStore.file(directory)).doesNotExist();
  }

  @Test
  void missingAnchor_isNoticed() throws Exception {
    assertThatThrownBy(() -> FileAnchor.open(file))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("no anchor");
    FileAnchor anchor = FileAnchor.create(file);
    create(anchor).close();
    Files.delete(file);
    assertThatThrownBy(() -> open(anchor))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("FileAnchor.create");
    open(FileAnchor.create(file)).close();
  }

  @Test
  void fileThatIsNoAnchor_isRefused() throws Exception {
    Files.createDirectories(file.getParent());
    String mark = "tailor-secretmanager-anchor-1 " + "0a".repeat(16) + " 7 " + "0b".repeat(32);
    for (String line : List.of(
        "",
        "x",
        mark,
        mark + "\n\n",
        mark.replace(" 7 ", " 0 ") + "\n",
        mark.replace(" 7 ", " 9999999999999999999 ") + "\n",
        mark.replace("0a", "0A") + "\n",
        "tailor-secretmanager-anchor-1 none")) {
      Files.writeString(file, line);
      assertThatThrownBy(() -> FileAnchor.open(file))
          .as(line)
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("no anchor of this library");
    }
    Files.writeString(file, mark + "\n");
    FileAnchor anchor = FileAnchor.open(file);
    assertThat(anchor.read()).contains(StoreAnchor.Mark.of("0a".repeat(16), 7, "0b".repeat(32)));
    assertThat(anchor).hasToString("FileAnchor[" + file + "]");
  }

  @Test
  void anchorFile_isItsOwnersOnly_andHoldsTheDigestOfTheStore() throws Exception {
    assumeTrue(EnvelopeFixtures.hasPermissions(parent), "SKIPPED: no POSIX permissions here");
    create(FileAnchor.create(file)).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(TestStore.filesIn(file.getParent()))
        .containsExactly(file, file.resolveSibling("anchor.lock"));
    byte[] digest = java.security.MessageDigest.getInstance("SHA-256")
        .digest(TestStore.bytes(TestStore.file(directory)));
    assertThat(new String(TestStore.bytes(file), US_ASCII))
        .endsWith(" 1 " + java.util.HexFormat.of().formatHex(digest) + "\n");
  }

  @Test
  void anchorThatCanNotBeTold_isReported_andTheChangeStands() {
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    AtomicReference<StoreAnchor.Mark> remembered = new AtomicReference<>();
    StoreAnchor flaky = new StoreAnchor() {
      @Override
      public Optional<Mark> read() {
        return Optional.ofNullable(remembered.get());
      }

      @Override
      public void advance(Mark mark) {
        if (failure.get() != null) {
          throw failure.get();
        }
        remembered.set(mark);
      }
    };
    try (FileSecretStore store = create(flaky)) {
      TestStore.put(store, "default", "one", "first");
      for (RuntimeException each :
          List.of(new SecretStorageException("full"), new IllegalStateException("canary"))) {
        failure.set(each);
        try (SecretValue value = SecretValue.of("second")) {
          assertThatThrownBy(() -> store.updateSecret("default", "one", value))
              .isExactlyInstanceOf(SecretOutcomeUnknownException.class)
              .hasMessageContaining("took effect")
              .hasMessageNotContaining("canary");
        }
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
      }
      failure.set(null);
      TestStore.put(store, "default", "one", "third");
      assertThat(remembered.get().generation()).isEqualTo(6);
    }
  }

  /** The new key is there, and the store goes on with it. */
  @Test
  void masterKeyRotation_thatCanNotBeTold_isNotForgotten() {
    AtomicBoolean isFull = new AtomicBoolean();
    StoreAnchor flaky = new StoreAnchor() {
      @Override
      public Optional<Mark> read() {
        return Optional.empty();
      }

      @Override
      public void advance(Mark mark) {
        if (isFull.get()) {
          throw new SecretStorageException("full");
        }
      }
    };
    MasterKey next = TestStore.key(2);
    try (FileSecretStore store = create(flaky)) {
      TestStore.put(store, "default", "one", "first");
      isFull.set(true);
      assertThatThrownBy(() -> store.rotateMasterKey(next))
          .isExactlyInstanceOf(SecretOutcomeUnknownException.class);
      isFull.set(false);
      store.rotateDataKey();
      try (FileSecretStore other = FileSecretStore.open(directory, next)) {
        other.rotateDataKey();
      }
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void anchorThatCanNotBeRead_keepsTheStoreFromBeingRead() {
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    StoreAnchor flaky = new StoreAnchor() {
      @Override
      public Optional<Mark> read() {
        if (failure.get() != null) {
          throw failure.get();
        }
        return Optional.empty();
      }

      @Override
      public void advance(Mark mark) {}
    };
    create(flaky).close();
    failure.set(new SecretUnavailableException("the database is down"));
    assertThatThrownBy(() -> open(flaky)).isInstanceOf(SecretUnavailableException.class);
    failure.set(new IllegalArgumentException("canary"));
    assertThatThrownBy(() -> open(flaky))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("IllegalArgumentException")
        .hasMessageNotContaining("canary");
  }

  private FileSecretStore create(StoreAnchor anchor) {
    return FileSecretStore.builder(directory, TestStore.key(1)).anchor(anchor).create();
  }

  private FileSecretStore open(StoreAnchor anchor) {
    return FileSecretStore.builder(directory, TestStore.key(1)).anchor(anchor).open();
  }
}
