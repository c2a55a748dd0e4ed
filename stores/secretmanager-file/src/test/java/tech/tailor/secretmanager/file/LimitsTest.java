package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.store.SecretStore;

/** What is one too many is refused, before it is believed; what is just allowed is not. */
class LimitsTest {

  @TempDir
  Path directory;

  private byte[] original = {};

  @BeforeEach
  void makeAStore() {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
    original = TestStore.bytes(TestStore.file(directory));
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

  /** What nothing vouches for yet is given up long before all of it lies in memory. */
  @Test
  @Tag("suite")
  void secretsAndEntriesInAll() {
    TestStore.reseal(directory, document -> withSecrets(document, StoreLimits.SECRETS - 1, 0));
    try (FileSecretStore store = TestStore.open(directory);
        SecretValue value = SecretValue.of("last")) {
      store.createSecret("default", "last", value);
      assertThatThrownBy(() -> store.createSecret("default", "more", value))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("50000 secrets");
      assertThat(TestStore.read(store, "default", "last")).isEqualTo("last");
    }
    TestStore.reseal(directory, document -> withSecrets(document, StoreLimits.SECRETS + 1, 0));
    assertRefused("too many secrets");
    // A vault and 19,047 secrets with one version and 19 labels each.
    int secrets = (StoreLimits.ENTRIES - 1) / 21;
    TestStore.replace(directory, original);
    TestStore.reseal(directory, document -> withSecrets(document, secrets - 3, 19));
    try (FileSecretStore store = TestStore.open(directory)) {
      Map<String, String> labels = new TreeMap<>();
      for (int i = 0; i < SecretStore.MAX_LABELS; i++) {
        labels.put("label-" + (char) ('a' + i), "");
      }
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            for (int i = 0; i < 10; i++) {
              changes.createVault("more-" + i);
              changes.setVaultLabels("more-" + i, labels);
            }
          }))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("400000 vaults, secrets, versions and labels");
    }
    TestStore.reseal(directory, document -> withSecrets(document, secrets + 1, 19));
    assertRefused("too many entries");
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

  private static StoredDocument withSecrets(StoredDocument document, int count, int labels) {
    SortedMap<String, StoredSecret> known = document.vaults().get("default").secrets();
    StoredSecret one = requireNonNull(known.get(known.firstKey()));
    SortedMap<String, String> texts = new TreeMap<>();
    for (int i = 0; i < labels; i++) {
      texts.put("label-" + (char) ('a' + i), "");
    }
    SortedMap<String, SortedMap<String, StoredSecret>> secrets = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String name = "secret-" + i;
      secrets
          .computeIfAbsent(i % 7 == 0 ? "default" : "vault-" + i % 7, vault -> new TreeMap<>())
          .put(
              name,
              new StoredSecret(
                  name, one.id(), one.createTime(), "", texts, List.of(one.current())));
    }
    SortedMap<String, StoredVault> vaults = new TreeMap<>();
    secrets.forEach((vault, each) ->
        vaults.put(vault, new StoredVault(vault, one.id(), one.createTime(), each)));
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
