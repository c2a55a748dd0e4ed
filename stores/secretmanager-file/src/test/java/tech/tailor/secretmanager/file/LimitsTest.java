package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.WrappedKey;

/** What is one too many is refused, before it is believed; what is just allowed is not. */
class LimitsTest {

  @TempDir
  Path directory;

  @BeforeEach
  void makeAStore() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
  }

  @Test
  void keys() {
    refuses(document -> withKeys(document, StoreLimits.KEYS), "seal does not match");
    refuses(document -> withKeys(document, StoreLimits.KEYS + 1), "too many keys");
  }

  @Test
  void versions() {
    TestStore.reseal(
        directory, document -> withVersions(document, StoreLimits.VERSIONS_PER_SECRET));
    TestStore.open(directory).close();
    TestStore.reseal(
        directory, document -> withVersions(document, StoreLimits.VERSIONS_PER_SECRET + 1));
    assertRefused("too many versions");
  }

  @Test
  void vaults() {
    TestStore.reseal(directory, document -> withVaults(document, StoreLimits.VAULTS - 1));
    try (FileSecretStore store = TestStore.open(directory)) {
      store.createVault("last");
      assertThat(store.listVaults()).hasSize(StoreLimits.VAULTS);
      assertThatThrownBy(() -> store.createVault("one-more"))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("10000 vaults");
      store.deleteVault("last");
      store.createVault("one-more");
    }
    TestStore.reseal(directory, document -> withVaults(document, StoreLimits.VAULTS + 1));
    assertRefused("too many vaults");
  }

  @Test
  void generation() {
    TestStore.reseal(
        directory,
        document -> new StoredDocument(
            document.storeId(), Long.MAX_VALUE - 1, document.keys(), document.vaults()));
    try (FileSecretStore store = TestStore.open(directory)) {
      store.createVault("last");
      for (Runnable change : List.<Runnable>of(
          () -> store.createVault("more"),
          () -> store.deleteVault("last"),
          () -> TestStore.put(store, "default", "one", "second"))) {
        assertThatThrownBy(change::run)
            .isInstanceOf(SecretLimitException.class)
            .hasMessageContaining("the store was changed");
      }
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void version() {
    TestStore.reseal(directory, document -> {
      StoredSecret.StoredVersion one =
          document.vaults().get("default").secrets().get("one").current();
      return withVersions(
          document,
          List.of(new StoredSecret.StoredVersion(
              Long.MAX_VALUE, one.createTime(), one.key(), one.ciphertext())));
    });
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThatThrownBy(() -> TestStore.put(store, "default", "one", "second"))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("default/one");
    }
  }

  private interface Change {
    StoredDocument of(StoredDocument document);
  }

  /** The document with another reason to be refused, which is only come to within the limits. */
  private void refuses(Change change, String refusal) {
    byte[] original = TestStore.bytes(TestStore.file(directory));
    SealedDocument content = SealedDocument.open(directory, original, TestStore.key(1), null);
    StoredDocument changed = change.of(content.document());
    TestStore.replace(directory, DocumentWriter.file(changed, content.seal()));
    assertRefused(refusal);
    TestStore.replace(directory, original);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TestStore.open(directory))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining(message);
  }

  private static StoredDocument withKeys(StoredDocument document, int count) {
    List<WrappedKey> keys = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      keys.addAll(
          EnvelopeFixtures.ofOneKey(SealedDocument.LABEL, document.storeId(), id, TestStore.key(1))
              .wrappedKeys());
    }
    return new StoredDocument(document.storeId(), document.generation(), keys, document.vaults());
  }

  private static StoredDocument withVaults(StoredDocument document, int count) {
    StoredVault one = requireNonNull(document.vaults().get(document.vaults().firstKey()));
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String name = "vault-" + i;
      vaults.put(name, new StoredVault(name, one.id(), one.createTime(), new TreeMap<>()));
    }
    return new StoredDocument(
        document.storeId(), document.generation() + 1, document.keys(), vaults);
  }

  private static StoredDocument withVersions(StoredDocument document, int count) {
    StoredSecret.StoredVersion one =
        document.vaults().get("default").secrets().get("one").current();
    List<StoredSecret.StoredVersion> versions = new ArrayList<>();
    for (int version = 1; version <= count; version++) {
      versions.add(
          new StoredSecret.StoredVersion(version, one.createTime(), one.key(), one.ciphertext()));
    }
    return withVersions(document, versions);
  }

  private static StoredDocument withVersions(
      StoredDocument document, List<StoredSecret.StoredVersion> versions) {
    StoredVault vault = document.vaults().get("default");
    StoredSecret one = vault.secrets().get("one");
    return document.with(vault.with(new StoredSecret("one", one.id(), one.createTime(), versions)));
  }
}
