package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.store.SecretVersionInfo;

/** New keys for a store that is in use. */
class KeyRotationTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");

  @TempDir
  Path parent;

  private Path directory;

  @BeforeEach
  void nameTheDirectory() {
    directory = parent.resolve("store");
  }

  @Test
  void rotatedMasterKey_opensTheStore_andTheOldOneDoesNot() {
    List<MasterKey> keys = List.of(
        TestStore.key(1),
        TestStore.key(2),
        KeySourcesTest.passphrase("pass phrase one"),
        KeySourcesTest.passphrase("pass phrase two"),
        MasterKey.fromKms("test-kms://one", KeySourcesTest.kms(1)),
        TestStore.key(3));
    try (FileSecretStore store = FileSecretStore.create(directory, keys.get(0))) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "one", "second");
    }
    for (int i = 1; i < keys.size(); i++) {
      MasterKey old = keys.get(i - 1);
      MasterKey next = keys.get(i);
      try (FileSecretStore store = FileSecretStore.open(directory, old)) {
        store.rotateMasterKey(next);
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
        byte[] rotated = TestStore.bytes(TestStore.file(directory));
        store.rotateMasterKey(next);
        assertThat(TestStore.bytes(TestStore.file(directory)))
            .as("a second time changes nothing")
            .isEqualTo(rotated);
      }
      assertThatThrownBy(() -> FileSecretStore.open(directory, old))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("not the master key");
      try (FileSecretStore store = FileSecretStore.open(directory, next);
          SecretValue first = store.readVersion("default", "one", 1)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
        assertThat(first.revealString()).isEqualTo("first");
      }
    }
  }

  @Test
  void storeThatIsOpen_goesOnWithoutTheNextMasterKey() {
    try (FileSecretStore store = TestStore.create(directory);
        FileSecretStore other = TestStore.open(directory)) {
      TestStore.put(store, "default", "one", "first");
      store.rotateMasterKey(TestStore.key(2));
      assertThat(TestStore.read(other, "default", "one")).isEqualTo("first");
      TestStore.put(other, "default", "one", "second");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
      store.rotateDataKey();
      assertThatThrownBy(() -> TestStore.read(other, "default", "one"))
          .as("the old master key alone does not open a new data key")
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("not the master key");
    }
  }

  @Test
  void previousKey_opensAStoreBeforeAndAfterTheRotation() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      MasterKey next = TestStore.key(2);
      for (int step = 0; step < 2; step++) {
        for (FileSecretStore both : List.of(
            FileSecretStore.builder(directory, TestStore.key(1))
                .previousKey(next)
                .open(),
            FileSecretStore.builder(directory, next)
                .previousKey(TestStore.key(1))
                .open())) {
          assertThat(TestStore.read(both, "default", "one")).isEqualTo("first");
          both.rotateDataKey();
          both.close();
        }
        store.rotateMasterKey(next);
      }
      assertThatThrownBy(() -> TestStore.open(directory))
          .as("entries that are added are of the key that the store is of")
          .isInstanceOf(SecretIntegrityException.class);
      FileSecretStore.open(directory, next).close();
    }
  }

  @Test
  void rotationFromAKeyThatIsOutdated_isRefused() {
    try (FileSecretStore store = TestStore.create(directory);
        FileSecretStore other = TestStore.open(directory)) {
      store.rotateMasterKey(TestStore.key(2));
      byte[] before = TestStore.bytes(TestStore.file(directory));
      assertThatThrownBy(() -> other.rotateMasterKey(TestStore.key(3)))
          .isExactlyInstanceOf(SecretIntegrityException.class);
      assertThatThrownBy(other::rotateDataKey).isExactlyInstanceOf(SecretIntegrityException.class);
      assertThat(TestStore.bytes(TestStore.file(directory))).isEqualTo(before);
    }
  }

  @Test
  void rotatedDataKey_leavesEverythingButTheCiphertexts() throws Exception {
    int secrets = StoreLimits.REENCRYPTED_AT_ONCE / 10 + 7; // of ten versions: more than one commit
    try (FileSecretStore store = TestStore.create(directory)) {
      store.inOneCommit(changes -> {
        for (int i = 0; i < secrets; i++) {
          for (int version = 1; version <= 10; version++) {
            TestStore.put(changes, "vault-" + i % 3, "secret-" + i, i + "." + version);
          }
        }
        changes.disableVersion("vault-0", "secret-0", 10);
        changes.destroyVersion("vault-0", "secret-0", 2);
        changes.setLabels("vault-0", "secret-0", Map.of("env", "dev"));
      });
      StoredDocument before = document();
      Map<String, List<SecretVersionInfo>> infos = infos(store);
      store.rotateDataKey();
      StoredDocument after = document();
      assertThat(after.keys()).hasSize(1);
      assertThat(after.keys().get(0).id()).isEqualTo(2);
      assertThat(after.generation())
          .as("one to add, two to encrypt, one to drop")
          .isEqualTo(before.generation() + 4);
      assertThat(infos(store)).isEqualTo(infos);
      assertThat(store.labels("vault-0", "secret-0")).containsEntry("env", "dev");
      String file = new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
      before
          .vaults()
          .values()
          .forEach(vault -> vault
              .secrets()
              .values()
              .forEach(secret -> secret
                  .versions()
                  .forEach(version -> assertThat(file)
                      .doesNotContain(String.valueOf(
                          version.ciphertext() == null
                              ? "none"
                              : version.ciphertext().toBase64())))));
      for (int i = 0; i < secrets; i++) {
        for (int version = 1; version <= 10; version++) {
          if (i != 0 || (version != 2 && version != 10)) {
            try (SecretValue value = store.readVersion("vault-" + i % 3, "secret-" + i, version)) {
              assertThat(value.revealString()).isEqualTo(i + "." + version);
            }
          }
        }
      }
      store.rotateDataKey();
      assertThat(document().keys().get(0).id()).as("each rotation is a new key").isEqualTo(3);
    }
  }

  @Test
  void damagedValue_isNamed_andTheRotationGoesOnOnceItIsGone() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "bad", "unlucky");
      TestStore.put(store, "default", "one", "first");
      TestStore.reseal(directory, document -> {
        StoredVault vault = document.vaults().get("default");
        StoredSecret bad = vault.secrets().get("bad");
        StoredSecret.StoredVersion foreign = new StoredSecret.StoredVersion(
            1, bad.createTime(), 1, vault.secrets().get("one").current().ciphertext());
        return document.with(vault.with(bad.withVersions(List.of(foreign))));
      });
      assertThatThrownBy(store::rotateDataKey)
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("default/bad");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      store.destroyVersion("default", "bad", 1);
      store.rotateDataKey();
      assertThat(document().keys()).extracting("id").containsExactly(2L);
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  /** A call that fails ends a rotation just where a kill would. */
  @Test
  void rotationBrokenOffAnywhere_isEndedByTheNextOne() {
    int brokenOff = 0;
    int unfinished = 0;
    for (boolean afterwards : new boolean[] {false, true}) {
      for (int call = 0; true; call++) {
        Path each = parent.resolve("store-" + afterwards + call);
        RecordingFiles faulty = new RecordingFiles();
        boolean reached;
        try (FileSecretStore store = TestStore.create(each, faulty)) {
          TestStore.put(store, "default", "one", "first");
          TestStore.put(store, "default", "one", "second");
          faulty.failAt(call, afterwards);
          Throwable failure = catchThrowable(store::rotateDataKey);
          reached = faulty.calls.size() > call;
          faulty.failNoMore();
          if (failure != null) {
            assertThat(failure).isInstanceOf(SecretManagerException.class);
            brokenOff++;
          }
        }
        try (FileSecretStore store = TestStore.open(each)) {
          assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
          List<WrappedKey> keys = document(each).keys();
          long last = keys.get(keys.size() - 1).id();
          unfinished += keys.size() - 1;
          TestStore.put(store, "default", "two", "another");
          store.rotateDataKey();
          assertThat(document(each).keys())
              .extracting("id")
              .containsExactly(keys.size() > 1 ? last : last + 1);
          assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
          try (SecretValue first = store.readVersion("default", "one", 1)) {
            assertThat(first.revealString()).isEqualTo("first");
          }
        }
        if (!reached) {
          break;
        }
      }
    }
    assertThat(brokenOff).isGreaterThan(40);
    assertThat(unfinished).isGreaterThan(10);
    System.out.println("rotation: interrupted at " + brokenOff + " calls, " + unfinished
        + " of them with two keys in the store; 0 values lost");
  }

  @Test
  void rotationsUnderLoad_loseNoRead() throws Exception {
    Load load = underLoad(DEEP ? 100 : 12, (store, master, soFar) -> {
      store.rotateDataKey();
      store.rotateMasterKey(TestStore.key(master));
    });
    System.out.println("rotation under load: " + load);
    assertThat(load.failures).isEmpty();
    assertThat(load.reads).hasValueGreaterThan(100);
    assertThat(load.writes).hasValueGreaterThan(5);
  }

  /** What a careless author does: drops the old key, and encrypts the values afterwards. */
  @Test
  void control_aRotationThatDropsTheKeyFirst_losesReads() throws Exception {
    Load load = underLoad(3, (store, master, soFar) -> {
      SealedDocument content = SealedDocument.open(
          directory, TestStore.bytes(TestStore.file(directory)), TestStore.key(1), null);
      StoredDocument document = content.document();
      Envelope next = content
          .envelope()
          .withNewKey(content.envelope().sealingKey() + 1, List.of(TestStore.key(1)), "store")
          .withoutKeysBefore(content.envelope().sealingKey() + 1);
      StoredDocument dropped = new StoredDocument(
          document.storeId(),
          document.generation() + 1,
          next.wrappedKeys(),
          relabelled(document, next.sealingKey()));
      byte[] before = TestStore.bytes(TestStore.file(directory));
      byte[] after = SealedDocument.seal(dropped, next).file();
      int failures = soFar.failures.size();
      // Again, if a writer, which knows nothing of it, puts its own file in the place at once.
      for (int tries = 0; soFar.failures.size() == failures && tries < 10_000; tries++) {
        TestStore.replace(directory, after);
        Thread.yield();
      }
      TestStore.replace(directory, before);
    });
    System.out.println("rotation under load, control: " + load);
    assertThat(load.failures).isNotEmpty();
  }

  private static SortedMap<String, StoredVault> relabelled(StoredDocument document, long key) {
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    document.vaults().forEach((name, vault) -> {
      SortedMap<String, StoredSecret> secrets = new TreeMap<>();
      vault
          .secrets()
          .forEach((secretName, secret) -> secrets.put(
              secretName,
              secret.withVersions(secret.versions().stream()
                  .map(each -> new StoredSecret.StoredVersion(
                      each.version(), each.createTime(), each.state(), key, each.ciphertext()))
                  .toList())));
      vaults.put(name, vault.with(secrets));
    });
    return vaults;
  }

  private interface Rotation {
    void of(FileSecretStore store, int masterKey, Load soFar);
  }

  private static final class Load {
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    private int rotations;

    @Override
    public String toString() {
      return rotations + " rotations, " + reads + " reads, " + writes + " writes, "
          + failures.size() + " failed";
    }
  }

  /** Readers and writers with stores of their own, while the keys are rotated. */
  private Load underLoad(int rotations, Rotation rotation) throws Exception {
    Load load = new Load();
    try (FileSecretStore first = TestStore.create(directory)) {
      for (int version = 0; version < 30; version++) {
        TestStore.put(first, "default", "one", "value-" + version);
        TestStore.put(first, "default", "two-" + version, "value-" + version);
      }
    }
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      List<FileSecretStore> stores = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean writes = i == 3;
        FileSecretStore store = withAllKeys(rotations);
        stores.add(store);
        running.add(threads.submit(() -> {
          while (!ended.get()) {
            try {
              if (writes) {
                TestStore.put(store, "default", "one", "value-" + load.writes);
                load.writes.incrementAndGet();
              }
              assertThat(TestStore.read(store, "default", "one")).startsWith("value-");
              load.reads.incrementAndGet();
            } catch (SecretManagerException | AssertionError e) {
              load.failures.add(e);
            }
          }
        }));
      }
      FileSecretStore rotating = TestStore.open(directory);
      for (int i = 0; i < rotations; i++) {
        rotation.of(rotating, i + 2, load);
        load.rotations++;
        int reads = load.reads.get() + load.failures.size();
        while (load.reads.get() + load.failures.size() < reads + 20) {
          Thread.onSpinWait(); // others come to it
        }
      }
      ended.set(true);
      for (Future<?> each : running) {
        each.get(60, TimeUnit.SECONDS);
      }
      rotating.close();
      stores.forEach(FileSecretStore::close);
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
    return load;
  }

  /** Opens a store as a stepwise deployment does: readers know each key before it is used. */
  private FileSecretStore withAllKeys(int rotations) {
    List<MasterKey> keys = new ArrayList<>();
    for (int i = 1; i <= rotations + 1; i++) {
      keys.add(TestStore.key(i));
    }
    return FileSecretStore.builder(directory, TestStore.key(1))
        .keysForTest(keys)
        .open();
  }

  @Test
  void closedStore_holdsNoKey() {
    FileSecretStore store = TestStore.create(directory);
    TestStore.put(store, "default", "one", "first");
    WeakReference<MasterKey> key = new WeakReference<>(rotatedTo(store));
    assertThat(isGone(key)).as("control: an open store holds its key").isFalse();
    store.close();
    assertThat(isGone(key)).isTrue();
    assertThat(store).hasToString("FileSecretStore[" + TestStore.file(directory) + "]");
  }

  private static MasterKey rotatedTo(FileSecretStore store) {
    MasterKey next = TestStore.key(2);
    store.rotateMasterKey(next);
    return next;
  }

  private static boolean isGone(WeakReference<?> reference) {
    for (int i = 0; i < 20 && reference.get() != null; i++) {
      System.gc();
    }
    return reference.get() == null;
  }

  private static Map<String, List<SecretVersionInfo>> infos(FileSecretStore store) {
    Map<String, List<SecretVersionInfo>> infos = new HashMap<>();
    store
        .listVaults()
        .forEach(vault -> store
            .listSecrets(vault.name())
            .forEach(secret ->
                infos.put(secret.name(), store.listVersions(vault.name(), secret.name()))));
    return infos;
  }

  private StoredDocument document() {
    return document(directory);
  }

  private static StoredDocument document(Path directory) {
    try {
      return DocumentReader.read(TestStore.bytes(TestStore.file(directory))).document();
    } catch (CanonicalInput.MalformedException e) {
      throw new AssertionError(e);
    }
  }
}
