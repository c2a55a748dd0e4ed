package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A ciphertext opens at its own place only: even for an attacker who could make a proper seal, and
 * so is not stopped by it.
 */
class BindingTest {

  private static final List<SecretRef> ALL = List.of(
      SecretRef.of("vault-a", "one"),
      SecretRef.of("vault-a", "two"),
      SecretRef.of("vault-b", "one"),
      SecretRef.of("vault-b", "two"),
      SecretRef.of("vault-c", "one"));

  @TempDir
  Path parent;

  @Test
  void movedCiphertext_isRefusedByItsPlaceAndByTheSeal() {
    int moves = 0;
    Path directory = parent.resolve("store");
    fill(directory);
    byte[] original = TestStore.bytes(TestStore.file(directory));
    for (SecretRef from : ALL) {
      for (SecretRef to : ALL) {
        if (from.equals(to)) {
          continue;
        }
        TestStore.replace(directory, original);
        OpaqueBytes moved = ciphertext(directory, from);
        OpaqueBytes replaced = ciphertext(directory, to);
        TestStore.reseal(directory, document -> withCiphertext(document, to, moved));
        assertRefused(directory, to);

        String edited =
            new String(original, US_ASCII).replace(replaced.toBase64(), moved.toBase64());
        TestStore.replace(directory, edited.getBytes(US_ASCII));
        assertThatThrownBy(() -> TestStore.open(directory))
            .isInstanceOf(SecretIntegrityException.class)
            .hasMessageContaining("seal");
        moves++;
      }
    }
    System.out.println(
        "moved ciphertexts: " + moves + " with a proper seal, " + moves + " without, 0 accepted");
  }

  /** The control: the same helper, without a move, gives a store that is accepted. */
  @Test
  void resealedUnchanged_isAccepted() {
    Path directory = parent.resolve("store");
    fill(directory);
    for (SecretRef ref : ALL) {
      OpaqueBytes own = ciphertext(directory, ref);
      TestStore.reseal(directory, document -> withCiphertext(document, ref, own));
    }
    try (FileSecretStore store = TestStore.open(directory)) {
      for (SecretRef ref : ALL) {
        assertThat(TestStore.read(store, ref.vault(), ref.name())).isEqualTo("value of " + ref);
      }
    }
  }

  @Test
  void ciphertextOfAnotherStoreWithTheSameMasterKey_isRefused() {
    Path directory = parent.resolve("store");
    Path other = parent.resolve("other");
    fill(directory);
    fill(other);
    SecretRef ref = ALL.get(0);
    OpaqueBytes foreign = ciphertext(other, ref);

    TestStore.reseal(directory, document -> withCiphertext(document, ref, foreign));

    assertRefused(directory, ref);
  }

  @Test
  void dataKeyOfAnotherStoreWithTheSameMasterKey_isRefused() {
    Path directory = parent.resolve("store");
    Path other = parent.resolve("other");
    fill(directory);
    fill(other);
    SealedDocument foreign = content(other);

    TestStore.replace(
        directory,
        SealedDocument.seal(
                new StoredDocument(
                    content(directory).document().storeId(),
                    9,
                    foreign.document().keys(),
                    foreign.document().vaults()),
                foreign.envelope())
            .file());

    assertThatThrownBy(() -> TestStore.open(directory))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("key");
  }

  @Test
  void ciphertextOfADeletedSecret_isRefusedByItsSuccessor() {
    Path directory = parent.resolve("store");
    fill(directory);
    SecretRef ref = ALL.get(0);
    OpaqueBytes old = ciphertext(directory, ref);
    try (FileSecretStore store = TestStore.open(directory)) {
      store.deleteSecret(ref.vault(), ref.name());
      TestStore.put(store, ref.vault(), ref.name(), "another");
    }

    TestStore.reseal(directory, document -> withCiphertext(document, ref, old));

    assertRefused(directory, ref);
  }

  @Test
  void ciphertextOfADeletedVault_isRefusedByItsSuccessor() {
    Path directory = parent.resolve("store");
    fill(directory);
    SecretRef ref = ALL.get(4);
    StoredSecret old =
        content(directory).document().vaults().get(ref.vault()).secrets().get(ref.name());
    try (FileSecretStore store = TestStore.open(directory)) {
      store.deleteSecret(ref.vault(), ref.name());
      store.deleteVault(ref.vault());
      TestStore.put(store, ref.vault(), ref.name(), "another");
    }

    TestStore.reseal(
        directory, document -> document.with(document.vaults().get(ref.vault()).with(old)));

    assertRefused(directory, ref);
  }

  @Test
  void ciphertextOfAnotherVersion_isRefused() {
    Path directory = parent.resolve("store");
    fill(directory);
    SecretRef ref = ALL.get(0);
    OpaqueBytes first = ciphertext(directory, ref);
    try (FileSecretStore store = TestStore.open(directory)) {
      TestStore.put(store, ref.vault(), ref.name(), "second");
    }

    TestStore.reseal(directory, document -> withCiphertext(document, ref, first));

    assertRefused(directory, ref);
  }

  @Test
  void sealOrKeyEntry_isNoValue() {
    Path directory = parent.resolve("store");
    fill(directory);
    byte[] original = TestStore.bytes(TestStore.file(directory));
    SealedDocument content = content(directory);
    SecretRef ref = ALL.get(0);
    for (OpaqueBytes other :
        List.of(content.seal(), content.document().keys().get(0).wrapped())) {
      TestStore.replace(directory, original);
      TestStore.reseal(directory, document -> withCiphertext(document, ref, other));
      assertRefused(directory, ref);
    }
  }

  @Test
  void ciphertextOfAnySize_isRefused() {
    Path directory = parent.resolve("store");
    fill(directory);
    byte[] original = TestStore.bytes(TestStore.file(directory));
    SecretRef ref = ALL.get(0);
    for (int sizeBytes = 0; sizeBytes < 45; sizeBytes++) {
      OpaqueBytes random = OpaqueBytes.random(sizeBytes);
      TestStore.replace(directory, original);
      TestStore.reseal(directory, document -> withCiphertext(document, ref, random));
      assertRefused(directory, ref);
    }
  }

  private static void fill(Path directory) {
    try (FileSecretStore store = TestStore.create(directory)) {
      for (SecretRef ref : ALL) {
        TestStore.put(store, ref.vault(), ref.name(), "value of " + ref);
      }
    }
  }

  private static SealedDocument content(Path directory) {
    Path file = TestStore.file(directory);
    return SealedDocument.open(file, TestStore.bytes(file), TestStore.key(1), null);
  }

  private static OpaqueBytes ciphertext(Path directory, SecretRef ref) {
    return content(directory)
        .document()
        .vaults()
        .get(ref.vault())
        .secrets()
        .get(ref.name())
        .current()
        .ciphertext();
  }

  private static StoredDocument withCiphertext(
      StoredDocument document, SecretRef ref, OpaqueBytes ciphertext) {
    StoredVault vault = document.vaults().get(ref.vault());
    StoredSecret secret = vault.secrets().get(ref.name());
    StoredSecret.StoredVersion current = secret.current();
    return document.with(vault.with(new StoredSecret(
        secret.name(),
        secret.id(),
        secret.createTime(),
        List.of(new StoredSecret.StoredVersion(
            current.version(), current.createTime(), current.key(), ciphertext)))));
  }

  /** The store opens, since its seal is good; this value does not, and the others do. */
  private static void assertRefused(Path directory, SecretRef refused) {
    try (FileSecretStore store = TestStore.open(directory)) {
      for (SecretRef ref : ALL) {
        SecretOutcome outcome = TestStore.fetch(store, ref.vault(), ref.name());
        if (ref.equals(refused)) {
          assertThat(outcome).isInstanceOfSatisfying(SecretOutcome.Failed.class, failed -> {
            assertThat(failed.failure())
                .isInstanceOf(SecretIntegrityException.class)
                .hasNoCause();
            assertThat(failed.failure().getMessage()).contains(ref.toString());
          });
        } else {
          assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
          ((SecretOutcome.Found) outcome).value().close();
        }
      }
    }
  }
}
