package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.ForwardingFiles;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.fixtures.Tools;

/**
 * Somebody puts links, pipes, devices and directories in the place of each file. What lies outside
 * the store is neither read as the store nor written, and nobody waits for a pipe.
 */
@Tag("suite")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PathAttackTest {

  private static final String TEMPORARY = ".secrets-" + "0b".repeat(16) + ".tmp";

  @TempDir
  Path parent;

  private Path directory = Path.of("");
  private Path keyFile = Path.of("");

  /** Another store under the same key, whose value nobody may get. */
  private Path outside = Path.of("");

  private byte[] original = {};
  private byte[] foreign = {};
  private int cases;
  private final List<String> skipped = new ArrayList<>();

  /** What is put in a file's place. */
  private enum Planted {
    LINK {
      @Override
      void plant(Path name, Path outside) throws IOException {
        Files.createSymbolicLink(name, outside.resolve("secrets.json"));
      }
    },
    DANGLING_LINK {
      @Override
      void plant(Path name, Path outside) throws IOException {
        Files.createSymbolicLink(name, outside.resolve("made-by-the-store"));
      }
    },
    LINK_TO_A_DIRECTORY {
      @Override
      void plant(Path name, Path outside) throws IOException {
        Files.createSymbolicLink(name, outside);
      }
    },
    HARD_LINK {
      @Override
      void plant(Path name, Path outside) throws IOException {
        Files.createLink(name, outside.resolve("secrets.json"));
      }
    },
    DIRECTORY {
      @Override
      void plant(Path name, Path outside) throws IOException {
        Files.createDirectory(name);
      }
    },
    PIPE {
      @Override
      void plant(Path name, Path outside) throws IOException {
        make("mkfifo", name.toString());
      }
    },
    DEVICE {
      @Override
      void plant(Path name, Path outside) throws IOException {
        make("mknod", name.toString(), "c", "1", "5"); // zeros without an end
      }
    };

    abstract void plant(Path name, Path outside) throws IOException;

    private static void make(String... command) throws IOException {
      try {
        if (new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() != 0) {
          throw new UnsupportedOperationException(command[0]);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
  }

  @BeforeEach
  void makeTheStores() {
    directory = parent.resolve("store");
    outside = parent.resolve("outside");
    keyFile = parent.resolve("key/master.key");
    MasterKey key = MasterKey.createFile(keyFile);
    for (Path each : List.of(directory, outside)) {
      try (FileSecretStore store = FileSecretStore.create(each, key)) {
        TestStore.put(store, "default", "one", each.getFileName().toString());
      }
    }
    original = TestStore.bytes(TestStore.file(directory));
    foreign = TestStore.bytes(TestStore.file(outside));
  }

  @Test
  void whatIsPlanted_isNeitherFollowedNorWaitedFor() throws IOException {
    for (Planted planted : Planted.values()) {
      attack("the file", planted, () -> replaced(TestStore.file(directory), planted));
      attack("the lock", planted, () -> replaced(directory.resolve("lock"), planted));
      attack("an orphan", planted, () -> planted.plant(directory.resolve(TEMPORARY), outside));
      attackTemporary(planted);
      attackKey(planted);
      attackNewKey(planted);
    }
    System.out.println("path attacks: " + cases + " cases, 0 followed; skipped: " + skipped);
    assertThat(cases).isGreaterThanOrEqualTo(Tools.isRoot() ? 60 : 40);
  }

  private interface Attack {
    void run() throws IOException;
  }

  /** Reads, writes and makes a store where something was planted. */
  private void attack(String place, Planted planted, Attack attack) throws IOException {
    for (String action : List.of("open", "create")) {
      restore();
      try {
        attack.run();
      } catch (UnsupportedOperationException e) {
        skipped.add(planted.toString());
        return;
      }
      String what = action + " with " + planted + " as " + place;
      Throwable failure = catchThrowable(() -> {
        MasterKey key = MasterKey.fromFile(keyFile);
        try (FileSecretStore store = action.equals("open")
            ? FileSecretStore.open(directory, key)
            : FileSecretStore.create(directory, key)) {
          String read = TestStore.read(store, "default", "one");
          // A hard link is the file: only that it is sealed vouches for it.
          boolean linked = planted == Planted.HARD_LINK && place.equals("the file");
          assertThat(read).as(what).isEqualTo(linked ? "outside" : "store");
          TestStore.put(store, "default", "one", "changed");
        }
      });
      judge(what, failure);
      boolean harmless = place.equals("an orphan") || planted == Planted.HARD_LINK;
      assertThat(failure == null).as("%s: %s", what, failure).isEqualTo(harmless);
    }
  }

  /** What others could replace is refused, whatever it holds; what they can only read is not. */
  @Test
  void whatOthersMayWrite_isRefused() throws IOException {
    Path above = Files.createDirectory(parent.resolve("above"));
    directory = above.resolve("store");
    try (FileSecretStore store = FileSecretStore.create(directory, MasterKey.fromFile(keyFile))) {
      TestStore.put(store, "default", "one", "store");
    }
    Path file = TestStore.file(directory);
    int control = mode(keyFile, 0600, 0400) + mode(directory, 0700, 0755, 0750);
    control += mode(file, 0600, 0644, 0640, 0400) + mode(above, 0700, 0755, 0770, 01777);
    assertThat(control).as("what is no attack is refused").isZero();
    int tried = 0;
    int refused = mode(directory, 0777, 0770, 0720, 0702, 0722, 01777);
    tried += 6;
    control = mode(file, 0666, 0660, 0620, 0602, 0622);
    assertThat(control)
        .as("a file that others can't reach through its directory")
        .isZero();
    Files.setAttribute(directory, "unix:mode", 0755);
    refused += mode(file, 0666, 0660, 0620, 0602, 0622);
    tried += 5;
    Files.setAttribute(directory, "unix:mode", 0700);
    refused += mode(above, 0777, 0707, 0702);
    tried += 3;
    refused += mode(keyFile, 0640, 0604, 0644, 0666, 0660, 0620, 0610, 0601);
    tried += 8;
    refused += mode(keyFile.getParent(), 0777, 0707);
    tried += 2;
    if (Tools.isRoot()) {
      for (Path given : List.of(file, directory, above, keyFile, keyFile.getParent())) {
        Files.setAttribute(given, "unix:uid", 12_345);
        refused += refused() ? 1 : 0;
        Files.setAttribute(given, "unix:uid", 0);
        tried++;
      }
    } else {
      System.out.println("SKIPPED: only root can give a file away");
    }
    System.out.println("path attacks: " + tried + " modes and owners, " + refused + " refused");
    assertThat(refused).isEqualTo(tried);
  }

  /** How many of the modes are refused. */
  private int mode(Path path, int... modes) throws IOException {
    Object before = Files.getAttribute(path, "unix:mode");
    int refused = 0;
    for (int mode : modes) {
      Files.setAttribute(path, "unix:mode", mode);
      refused += refused() ? 1 : 0;
    }
    Files.setAttribute(path, "unix:mode", before);
    return refused;
  }

  private boolean refused() {
    try (FileSecretStore store = FileSecretStore.open(directory, MasterKey.fromFile(keyFile))) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("store");
      return false;
    } catch (SecretStorageException e) {
      assertThat(e).hasMessageMatching("(?s).*ch(mod|own) .*");
      return true;
    }
  }

  /** As if the random name of the temporary file had been guessed. */
  private void attackTemporary(Planted planted) throws IOException {
    restore();
    AtomicBoolean done = new AtomicBoolean();
    StoreFiles guessed = new ForwardingFiles() {
      @Override
      public NewFile create(Path file) throws IOException {
        planted.plant(file, outside);
        done.set(true);
        return super.create(file);
      }
    };
    String what = "write with " + planted + " as the temporary file";
    Throwable failure = catchThrowable(() -> {
      try (FileSecretStore store = FileSecretStore.open(
          directory, MasterKey.fromFile(keyFile), TestStore.CLOCK, guessed, TestStore.PATIENCE)) {
        TestStore.put(store, "default", "one", "changed");
      }
    });
    if (done.get()) {
      judge(what, failure);
      assertThat(failure).as(what).isNotNull();
      assertThat(TestStore.bytes(TestStore.file(directory))).as(what).isEqualTo(original);
    }
  }

  private void attackKey(Planted planted) throws IOException {
    if (planted == Planted.LINK || planted == Planted.HARD_LINK) {
      return; // a mounted key often is one
    }
    restore();
    Files.delete(keyFile);
    try {
      planted.plant(keyFile, outside);
    } catch (UnsupportedOperationException e) {
      return;
    }
    for (boolean create : new boolean[] {false, true}) {
      String what = (create ? "make" : "read") + " a key with " + planted + " in its place";
      Throwable failure = catchThrowable(
          () -> assertThat(create ? MasterKey.createFile(keyFile) : MasterKey.fromFile(keyFile))
              .isNull());
      judge(what, failure);
      assertThat(failure).as(what).isNotNull();
    }
  }

  private void attackNewKey(Planted planted) throws IOException {
    restore();
    AtomicBoolean done = new AtomicBoolean();
    StoreFiles guessed = new ForwardingFiles() {
      @Override
      public NewFile create(Path file) throws IOException {
        planted.plant(file, outside);
        done.set(true);
        return super.create(file);
      }
    };
    Path fresh = parent.resolve("key/fresh.key");
    Throwable failure = catchThrowable(() -> EnvelopeFixtures.createKeyFile(fresh, guessed));
    if (done.get()) {
      judge("make a key with " + planted + " as the temporary file", failure);
      assertThat(failure).isNotNull();
      assertThat(fresh).doesNotExist();
    }
  }

  /** Refused with a declared error, if it was; and nothing happened outside. */
  private void judge(String what, @Nullable Throwable failure) {
    cases++;
    if (failure != null) {
      assertThat(failure).as(what).isInstanceOf(SecretManagerException.class);
    }
    assertThat(TestStore.bytes(TestStore.file(outside))).as(what).isEqualTo(foreign);
    assertThat(TestStore.filesIn(outside)).as(what).hasSize(2);
  }

  private void replaced(Path name, Planted planted) throws IOException {
    Files.delete(name);
    planted.plant(name, outside);
  }

  /** The store and the key as they were. */
  private void restore() throws IOException {
    for (Path name : TestStore.filesIn(directory)) {
      Files.delete(name);
    }
    byte[] key = Files.isRegularFile(parent.resolve("kept"))
        ? TestStore.bytes(parent.resolve("kept"))
        : TestStore.bytes(keyFile);
    Files.write(parent.resolve("kept"), key);
    for (Path name : TestStore.filesIn(keyFile.getParent())) {
      Files.delete(name);
    }
    Files.write(keyFile, key);
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    Files.write(TestStore.file(directory), original);
    Files.createFile(directory.resolve("lock"));
  }

  /** Somebody swaps the file for a link between any two calls of a reader. */
  @Test
  void racerThatSwapsTheFileForALink_isNeverFollowed() throws Exception {
    int followed = race(StoreFiles.local(), TestStore.figure(20_000, 1_000_000));
    assertThat(followed).isZero();
  }

  /** The control. */
  @Test
  void readerThatFollowsLinks_isCaught() throws Exception {
    int followed = race(
        new ForwardingFiles() {
          @Override
          public FileIdentity identify(Path file) throws IOException {
            return super.identify(file.toRealPath());
          }

          @Override
          public ReadFile open(Path file) throws IOException {
            return super.open(file.toRealPath());
          }
        },
        100_000);
    assertThat(followed).isPositive();
  }

  private int race(StoreFiles files, int flips) throws Exception {
    restore();
    MasterKey key = MasterKey.fromFile(keyFile);
    AtomicBoolean ended = new AtomicBoolean();
    int[] flipped = {0};
    int followed = 0;
    int read = 0;
    int refused = 0;
    Path file = TestStore.file(directory);
    Path aside = directory.resolve("aside");
    Path link = directory.resolve("link");
    Thread racer = new Thread(() -> {
      try {
        for (; flipped[0] < flips && !ended.get(); flipped[0]++) {
          Files.createSymbolicLink(link, TestStore.file(outside));
          Files.createLink(aside, file);
          Files.move(link, file, StandardCopyOption.ATOMIC_MOVE);
          Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        ended.set(true);
      }
    });
    racer.start();
    while (!ended.get()) {
      try (FileSecretStore store =
          FileSecretStore.open(directory, key, TestStore.CLOCK, files, TestStore.PATIENCE)) {
        if (TestStore.read(store, "default", "one").equals("outside")) {
          followed++;
          ended.set(files != StoreFiles.local());
        } else {
          read++;
        }
      } catch (SecretManagerException e) {
        refused++;
      }
    }
    racer.join();
    System.out.println("path race: " + flipped[0] + " swaps, " + read + " reads of the file, "
        + refused + " refused, " + followed + " of what the link led to"
        + (files == StoreFiles.local() ? "" : " (control)"));
    return followed;
  }

  /** Names never become paths. */
  @Test
  void hostileNames_areRefusedBeforeAnythingHappens() {
    List<String> names = new ArrayList<>();
    for (String part : List.of(
        "..",
        ".",
        "/",
        "\\",
        "\0",
        "%2e%2e",
        "%00",
        "~",
        "$(id)",
        "`id`",
        ";",
        "|",
        "*",
        "?",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u202e",
        "\u2024",
        "\uff0e",
        "\u00e9",
        "e\u0301",
        "\ud800",
        "A",
        "_",
        ":",
        "CON",
        "nul.txt",
        "secrets.json",
        "lock",
        "a".repeat(64),
        "a".repeat(5_000))) {
      names.addAll(List.of(
          part,
          part + "abc",
          "abc" + part,
          "abc" + part + "def",
          "../" + part,
          part + "/../../etc/passwd",
          "-" + part,
          part + "-",
          "../../" + part,
          part.toUpperCase(Locale.ROOT) + "X"));
    }
    int refused = 0;
    try (FileSecretStore store = FileSecretStore.open(directory, MasterKey.fromFile(keyFile));
        SecretValue value = SecretValue.of("value")) {
      for (String name : names) {
        if (name.matches("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")) {
          continue; // an honest one
        }
        assertThatThrownBy(() -> store.createVault(name))
            .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.createSecret("default", name, value))
            .isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TestStore.fetch(store, name, name))
            .isExactlyInstanceOf(IllegalArgumentException.class);
        refused++;
      }
    }
    assertThat(TestStore.bytes(TestStore.file(directory))).isEqualTo(original);
    assertThat(TestStore.filesIn(directory)).hasSize(2);
    System.out.println("hostile names: " + refused + " of each kind refused");
    assertThat(refused).isGreaterThanOrEqualTo(300);
  }

  /** The port itself, without a look before. */
  @Test
  void openedLink_isRefused() throws IOException {
    restore();
    replaced(TestStore.file(directory), Planted.LINK);
    assertThatThrownBy(() -> StoreFiles.local().open(TestStore.file(directory)))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NoSuchFileException.class);
  }
}
