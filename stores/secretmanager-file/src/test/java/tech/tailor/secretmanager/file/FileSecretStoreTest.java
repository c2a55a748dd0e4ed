package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VaultInfo;

class FileSecretStoreTest {

  @TempDir
  Path parent;

  private Path directory;

  @BeforeEach
  void nameTheDirectory() {
    directory = parent.resolve("store");
  }

  @Nested
  class Opening {

    @Test
    void missingStore_saysWhatToDo() {
      assertThatThrownBy(() -> TestStore.open(directory))
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("FileSecretStore.create");
      assertThat(directory).doesNotExist();
    }

    @Test
    void createdTwice_keepsWhatWasThere() {
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "first");
      }
      try (FileSecretStore store = TestStore.create(directory)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      }
    }

    @Test
    void createdByManyAtOnce_isOneStore() throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<Callable<FileSecretStore>> creators = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          creators.add(() -> TestStore.create(directory));
        }
        List<Future<FileSecretStore>> stores = threads.invokeAll(creators);
        TestStore.put(stores.get(0).get(), "default", "one", "first");
        for (Future<FileSecretStore> store : stores) {
          assertThat(TestStore.read(store.get(), "default", "one")).isEqualTo("first");
          store.get().close();
        }
      } finally {
        threads.shutdownNow();
      }
    }

    @Test
    void wrongKey_isToldApartFromDamage() {
      TestStore.create(directory).close();
      assertThatThrownBy(() -> FileSecretStore.open(directory, TestStore.key(2)))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("not the master key that the store was made with")
          .hasMessageContaining("which key file belongs to the store")
          .hasMessageNotContaining("backup");
      assertThatThrownBy(() -> FileSecretStore.create(directory, TestStore.key(2)))
          .isInstanceOf(SecretIntegrityException.class);

      String text = new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
      String damaged = text.replaceFirst("(\"wrapped\": \")(.{8}).{4}", "$1$2AAAA");
      assertThat(damaged).isNotEqualTo(text);
      TestStore.replace(directory, damaged.getBytes(US_ASCII));
      assertThatThrownBy(() -> TestStore.open(directory))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("key entry 1")
          .hasMessageContaining("restore it from a backup")
          .hasMessageNotContaining("which key file");
    }

    @Test
    void symbolicLinkInTheFilesPlace_isNotFollowed() throws Exception {
      TestStore.create(directory).close();
      Path elsewhere = parent.resolve("elsewhere.json");
      Files.move(TestStore.file(directory), elsewhere);
      Files.createSymbolicLink(TestStore.file(directory), elsewhere);

      assertThatThrownBy(() -> TestStore.open(directory))
          .isInstanceOf(SecretStorageException.class);
    }

    @Test
    @Timeout(60)
    void pipeInTheFilesPlace_isNotWaitedFor() throws Exception {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "SKIPPED: no mkfifo here");
      TestStore.create(directory).close();
      Files.delete(TestStore.file(directory));
      Path key = parent.resolve("master.key");
      for (Path pipe : List.of(TestStore.file(directory), key)) {
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", "-m", "600", pipe.toString())
                .start()
                .waitFor())
            .isZero();
      }
      assertThatThrownBy(() -> TestStore.open(directory))
          .isInstanceOf(SecretStorageException.class);
      assertThatThrownBy(() -> MasterKey.fromFile(key)).isInstanceOf(SecretStorageException.class);
    }

    @Test
    void filesAndDirectories_areTheirOwnersOnly() throws Exception {
      assumeTrue(EnvelopeFixtures.hasPermissions(parent), "SKIPPED: no POSIX permissions here");
      try (FileSecretStore store = TestStore.create(parent.resolve("a/store"))) {
        TestStore.put(store, "default", "one", "first");
        assertThat(mode(parent.resolve("a"))).isEqualTo("rwx------");
        assertThat(mode(parent.resolve("a/store"))).isEqualTo("rwx------");
        assertThat(mode(parent.resolve("a/store/lock"))).isEqualTo("rw-------");
        assertThat(mode(parent.resolve("a/store/secrets.json"))).isEqualTo("rw-------");
        assertThat(TestStore.filesIn(parent.resolve("a/store"))).hasSize(2);
      }
    }

    @Test
    void nothingButTheDirectoryAndTheKey_isNeeded() {
      MasterKey key = MasterKey.createFile(parent.resolve("master.key"));
      try (FileSecretStore store = FileSecretStore.create(directory, key)) {
        TestStore.put(store, "default", "one", "first");
      }
      MasterKey again = MasterKey.fromFile(parent.resolve("master.key"));
      try (FileSecretStore store = FileSecretStore.open(directory, again)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
        assertThat(store).hasToString("FileSecretStore[" + TestStore.file(directory) + "]");
      }
    }
  }

  @Nested
  class Vaults {

    @Test
    void vault_isCreatedDescribedListedAndDeleted() {
      try (FileSecretStore store = TestStore.create(directory)) {
        VaultInfo created = store.createVault("default");
        assertThat(created).isEqualTo(VaultInfo.of("default", TestStore.TIME, TestStore.TIME));
        assertThat(store.describeVault("default")).contains(created);
        VaultInfo another = store.createVault("another");
        assertThat(store.listVaults()).containsExactly(another, created);
        assertThatThrownBy(() -> store.createVault("default"))
            .isInstanceOf(SecretAlreadyExistsException.class)
            .hasMessageContaining("default");
        store.deleteVault("default");
        assertThat(store.describeVault("default")).isEmpty();
        assertThatThrownBy(() -> store.deleteVault("default"))
            .isInstanceOf(SecretNotFoundException.class);
      }
    }

    @Test
    void vaultWithSecrets_isNotDeleted() {
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "first");
        assertThatThrownBy(() -> store.deleteVault("default"))
            .isInstanceOf(SecretPreconditionException.class);
        store.deleteSecret("default", "one");
        store.deleteVault("default");
        assertThat(store.listVaults()).isEmpty();
      }
    }

    @Test
    void fullVault_takesNoMore() {
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "first");
        TestStore.reseal(directory, document -> {
          StoredVault vault = document.vaults().get("default");
          TreeSet<String> names = new TreeSet<>(vault.secrets().keySet());
          java.util.SortedMap<String, StoredSecret> full = new java.util.TreeMap<>(vault.secrets());
          StoredSecret one = vault.secrets().get("one");
          for (int i = 0; names.size() < StoreLimits.SECRETS_PER_VAULT - 1; i++) {
            String name = "secret-" + i;
            names.add(name);
            full.put(name, new StoredSecret(name, one.id(), one.createTime(), one.versions()));
          }
          return document.with(new StoredVault("default", vault.id(), vault.createTime(), full));
        });
        TestStore.put(store, "default", "last", "fits");
        assertThat(store.listSecrets("default")).hasSize(StoreLimits.SECRETS_PER_VAULT);
        assertThatThrownBy(() -> TestStore.put(store, "default", "more", "too much"))
            .isInstanceOf(SecretLimitException.class)
            .hasMessageContaining("10000");
        TestStore.put(store, "default", "last", "may change");
        assertThat(TestStore.read(store, "default", "last")).isEqualTo("may change");
      }
    }
  }

  @Nested
  class Secrets {

    @Test
    void secret_isCreatedUpdatedDescribedListedAndDeleted() {
      Instant later = TestStore.TIME.plusMillis(1500);
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "first");
        SecretInfo one = SecretInfo.of("one", 1, TestStore.TIME, TestStore.TIME);
        assertThat(store.describeSecret("default", "one")).contains(one);
        TestStore.put(store, "default", "abc", "another");
        assertThat(store.listSecrets("default")).extracting("name").containsExactly("abc", "one");

        try (FileSecretStore laterStore = FileSecretStore.open(
                directory,
                TestStore.key(1),
                Clock.fixed(later.plusNanos(999_999), ZoneOffset.UTC),
                StoreFiles.local(),
                TestStore.PATIENCE);
            SecretValue value = SecretValue.of("second")) {
          assertThat(laterStore.updateSecret("default", "one", value))
              .isEqualTo(SecretInfo.of("one", 2, TestStore.TIME, later));
        }
        SecretOutcome outcome = TestStore.fetch(store, "default", "one");
        assertThat(outcome).isInstanceOfSatisfying(SecretOutcome.Found.class, found -> {
          assertThat(found.value().revealString()).isEqualTo("second");
          assertThat(found.value().version()).isEqualTo(2);
          assertThat(found.value().updateTime()).contains(later);
          found.value().close();
        });
        store.deleteSecret("default", "one");
        assertThat(store.describeSecret("default", "one")).isEmpty();
        assertThatThrownBy(() -> store.deleteSecret("default", "one"))
            .isInstanceOf(SecretNotFoundException.class);

        TestStore.put(store, "default", "one", "again");
        assertThat(store.describeSecret("default", "one").orElseThrow().version())
            .isEqualTo(1);
      }
    }

    @Test
    void missing_saysWhatIsMissing() {
      try (FileSecretStore store = TestStore.create(directory);
          SecretValue value = SecretValue.of("first")) {
        assertThat(store.fetch("nowhere", Set.of("one", "two")))
            .containsOnlyKeys("one", "two")
            .containsValues(new SecretOutcome.Missing(Missing.VAULT));
        assertThatThrownBy(() -> store.createSecret("nowhere", "one", value))
            .isInstanceOfSatisfying(
                SecretNotFoundException.class,
                e -> assertThat(e.missing()).isEqualTo(Missing.VAULT));
        assertThatThrownBy(() -> store.listSecrets("nowhere"))
            .isInstanceOf(SecretNotFoundException.class);
        assertThat(store.describeSecret("nowhere", "one")).isEmpty();

        store.createVault("default");
        assertThat(TestStore.fetch(store, "default", "one"))
            .isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
        assertThatThrownBy(() -> store.updateSecret("default", "one", value))
            .isInstanceOfSatisfying(
                SecretNotFoundException.class,
                e -> assertThat(e.missing()).isEqualTo(Missing.SECRET));
        store.createSecret("default", "one", value);
        assertThatThrownBy(() -> store.createSecret("default", "one", value))
            .isInstanceOf(SecretAlreadyExistsException.class);
      }
    }

    @Test
    void anyBytes_comeBack() {
      byte[] all = new byte[256];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) i;
      }
      byte[] largest = new byte[SecretValue.MAX_SIZE_BYTES];
      Arrays.fill(largest, (byte) 0xfe);
      try (FileSecretStore store = TestStore.create(directory)) {
        store.createVault("default");
        int number = 0;
        for (byte[] bytes : List.of(new byte[0], new byte[1], all, largest)) {
          String name = "secret-" + number++;
          try (SecretValue value = SecretValue.copyOf(bytes)) {
            store.createSecret("default", name, value);
            assertThat(value.matches(bytes)).as("stays the caller's").isTrue();
          }
          try (FileSecretStore again = TestStore.open(directory)) {
            SecretOutcome.Found found =
                (SecretOutcome.Found) TestStore.fetch(again, "default", name);
            assertThat(found.value().matches(bytes)).isTrue();
            found.value().close();
          }
        }
      }
    }

    @Test
    void invalidNames_areRefusedBeforeAnythingIsTouched() {
      try (FileSecretStore store = TestStore.create(directory);
          SecretValue value = SecretValue.of("first")) {
        byte[] before = TestStore.bytes(TestStore.file(directory));
        assertThatThrownBy(() -> store.createVault("../x"))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.createSecret("default", "A", value))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.fetch("default", Set.of("../x")))
            .isInstanceOf(IllegalArgumentException.class);
        assertThat(TestStore.bytes(TestStore.file(directory))).isEqualTo(before);
      }
    }
  }

  @Nested
  class SeveralStores {

    @Test
    void reopened_keepsEverything() {
      List<SecretInfo> infos;
      try (FileSecretStore store = TestStore.create(directory)) {
        for (int i = 0; i < 20; i++) {
          TestStore.put(store, "default", "secret-" + i, "value-" + i);
        }
        TestStore.put(store, "default", "secret-3", "changed");
        infos = store.listSecrets("default");
      }
      try (FileSecretStore store = TestStore.open(directory)) {
        assertThat(store.listSecrets("default")).isEqualTo(infos);
        assertThat(TestStore.read(store, "default", "secret-3")).isEqualTo("changed");
        assertThat(TestStore.read(store, "default", "secret-19")).isEqualTo("value-19");
      }
    }

    @Test
    void twoStoresOnOneDirectory_seeEachOthersChanges() {
      try (FileSecretStore one = TestStore.create(directory);
          FileSecretStore two = TestStore.open(directory)) {
        for (int i = 0; i < 50; i++) {
          TestStore.put(one, "default", "shared", "one-" + i);
          assertThat(TestStore.read(two, "default", "shared")).isEqualTo("one-" + i);
          TestStore.put(two, "default", "shared", "two-" + i);
          assertThat(TestStore.read(one, "default", "shared")).isEqualTo("two-" + i);
        }
      }
    }

    @Test
    void concurrentWritersAndReaders_loseNothing() throws Exception {
      int writers = 6;
      int updates = 20;
      try (FileSecretStore one = TestStore.create(directory);
          FileSecretStore two = TestStore.open(directory)) {
        TestStore.put(one, "default", "counter", "start");
        ExecutorService threads = Executors.newFixedThreadPool(writers + 2);
        try {
          List<Future<List<Long>>> results = new ArrayList<>();
          for (int i = 0; i < writers; i++) {
            FileSecretStore store = i % 2 == 0 ? one : two;
            results.add(threads.submit(() -> {
              List<Long> versions = new ArrayList<>();
              for (int n = 0; n < updates; n++) {
                try (SecretValue value = SecretValue.of("update-" + n)) {
                  versions.add(store.updateSecret("default", "counter", value).version());
                }
              }
              return versions;
            }));
          }
          List<Future<Long>> readers = new ArrayList<>();
          for (FileSecretStore store : List.of(one, two)) {
            readers.add(threads.submit(() -> {
              long last = 0;
              while (last < 1 + writers * updates) {
                SecretOutcome.Found found =
                    (SecretOutcome.Found) TestStore.fetch(store, "default", "counter");
                assertThat(found.value().version()).isGreaterThanOrEqualTo(last);
                last = found.value().version();
                found.value().close();
              }
              return last;
            }));
          }
          TreeSet<Long> versions = new TreeSet<>();
          for (Future<List<Long>> result : results) {
            assertThat(result.get()).isSorted();
            versions.addAll(result.get());
          }
          assertThat(versions).hasSize(writers * updates);
          assertThat(versions.first()).isEqualTo(2);
          assertThat(versions.last()).isEqualTo(1 + writers * updates);
          for (Future<Long> reader : readers) {
            assertThat(reader.get()).isEqualTo(1 + writers * updates);
          }
        } finally {
          threads.shutdownNow();
        }
      }
    }
  }

  @Nested
  class Closing {

    @Test
    void closedStore_refusesEveryCall() {
      FileSecretStore store = TestStore.create(directory);
      store.createVault("default");
      store.close();
      store.close();
      try (SecretValue value = SecretValue.of("first")) {
        List<Runnable> calls = List.of(
            () -> store.fetch("default", Set.of("one")),
            () -> store.createVault("another"),
            store::listVaults,
            () -> store.describeVault("default"),
            () -> store.deleteVault("default"),
            () -> store.createSecret("default", "one", value),
            () -> store.updateSecret("default", "one", value),
            () -> store.listSecrets("default"),
            () -> store.describeSecret("default", "one"),
            () -> store.deleteSecret("default", "one"));
        for (Runnable call : calls) {
          assertThatThrownBy(call::run)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("closed");
        }
      }
    }

    @Test
    void closingOneStore_leavesTheOtherItsLock() {
      FileSecretStore one = TestStore.create(directory);
      try (FileSecretStore two = TestStore.open(directory)) {
        TestStore.put(one, "default", "first", "value");
        TestStore.put(two, "default", "second", "value");
        one.close();
        TestStore.put(two, "default", "third", "value");
        assertThat(two.listSecrets("default")).hasSize(3);
      }
    }

    @Test
    void replacedLockFile_isNoticed() throws Exception {
      try (FileSecretStore store = TestStore.create(directory)) {
        store.createVault("default");
        Files.delete(directory.resolve("lock"));
        Files.createFile(directory.resolve("lock"));
        assertThatThrownBy(() -> store.createVault("another"))
            .isInstanceOf(SecretStorageException.class)
            .hasMessageContaining("lock");
      }
      try (FileSecretStore store = TestStore.open(directory)) {
        store.createVault("another");
      }
    }
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
