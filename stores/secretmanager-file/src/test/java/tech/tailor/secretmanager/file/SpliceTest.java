package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.FileAnchor;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Every ciphertext that there is or was, put in the place of every other one: of three versions of
 * four secrets in three vaults, of a second store with the same master key, and of a secret and a
 * vault that were deleted and made again. And every older file, put back under an open store.
 */
@Tag("suite")
class SpliceTest {

  private static final int VAULTS = 3;
  private static final int SECRETS = 4;
  private static final int VERSIONS = 3;
  private static final String AGAIN = "again-";

  @TempDir
  Path parent;

  /** A ciphertext, and the place that it was made for. */
  private record Piece(
      Path store,
      String vault,
      String name,
      long version,
      OpaqueBytes ciphertext,
      String text,
      boolean remade) {

    private boolean isAt(Piece other) {
      return store.equals(other.store)
          && vault.equals(other.vault)
          && name.equals(other.name)
          && version == other.version;
    }
  }

  @Test
  void everyCiphertext_opensInItsOwnPlaceOnly() {
    int stores = TestStore.figure(1, 5);
    int swaps = 0;
    int accepted = 0;
    int sealed = 0;
    int controls = 0;
    for (int run = 0; run < stores; run++) {
      Path directory = parent.resolve("store-" + run);
      List<Piece> own = new ArrayList<>();
      List<Piece> all = new ArrayList<>();
      fill(directory, own);
      fill(parent.resolve("other-" + run), all);
      all.addAll(own);
      all.addAll(makeAgain(directory));
      SealedDocument content = content(directory);
      byte[] file = TestStore.bytes(TestStore.file(directory));
      for (Piece place : own) {
        for (Piece piece : all) {
          String text = open(content, place, piece.ciphertext);
          if (piece.isAt(place) && piece.remade == isRemade(place)) {
            assertThat(text).as("the control, %s", place).isEqualTo(piece.text);
            controls++;
            continue;
          }
          swaps++;
          accepted += text == null ? 0 : 1;
          if (isInFile(file, place) && swaps % 10 == 0) {
            String edited = new String(file, US_ASCII)
                .replace(place.ciphertext.toBase64(), piece.ciphertext.toBase64());
            assertThatThrownBy(() -> SealedDocument.open(
                    directory, edited.getBytes(US_ASCII), TestStore.key(1), null))
                .isExactlyInstanceOf(SecretIntegrityException.class)
                .hasMessageContaining("seal");
            sealed++;
          }
        }
      }
    }
    System.out.println("splices: " + swaps + " ciphertexts in another place, " + accepted
        + " accepted; " + sealed + " of them in the file under its old seal, 0 accepted;"
        + " control: " + controls + " in their own place, all accepted");
    assertThat(controls).isEqualTo(VAULTS * SECRETS * VERSIONS * stores);
    assertThat(swaps).isGreaterThanOrEqualTo(2_500 * stores);
    assertThat(accepted).isZero();
    assertThat(sealed).isPositive();
  }

  @Test
  void everyOlderFile_isRefusedByAnOpenStore() throws IOException {
    int generations = TestStore.figure(12, 40);
    Path directory = parent.resolve("rollback");
    List<byte[]> files = new ArrayList<>();
    int restored = 0;
    for (int newest = 0; newest < generations; newest++) {
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "value-" + newest);
        byte[] now = TestStore.bytes(TestStore.file(directory));
        for (byte[] older : files) {
          for (boolean inPlace : new boolean[] {false, true}) {
            if (inPlace) {
              Files.write(TestStore.file(directory), older);
            } else {
              TestStore.replace(directory, older);
            }
            assertThatThrownBy(() -> TestStore.read(store, "default", "one"))
                .isExactlyInstanceOf(SecretIntegrityException.class)
                .hasMessageContaining("rolled back");
            restored++;
          }
        }
        TestStore.replace(directory, now);
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("value-" + newest);
        files.add(now);
      }
    }
    // The stated limit, and the control: a store that is opened later believes it.
    for (int older = 0; older < generations; older++) {
      TestStore.replace(directory, files.get(older));
      try (FileSecretStore store = TestStore.open(directory)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("value-" + older);
      }
    }
    System.out.println("rollbacks: " + restored + " older files under an open store, 0 accepted; "
        + generations + " under a closed one, all accepted, as is documented");
  }

  /** With an anchor, also by a store that is opened later. */
  @Test
  void everyOlderFile_isRefusedWithAnAnchor() throws IOException {
    int generations = TestStore.figure(12, 40);
    Path directory = parent.resolve("anchored");
    Path anchorFile = parent.resolve("anchor");
    FileAnchor.create(anchorFile);
    List<byte[]> files = new ArrayList<>();
    List<byte[]> anchors = new ArrayList<>();
    int restored = 0;
    for (int newest = 0; newest < generations; newest++) {
      try (FileSecretStore store = FileSecretStore.builder(directory, TestStore.key(1))
          .anchor(FileAnchor.open(anchorFile))
          .create()) {
        TestStore.put(store, "default", "one", "value-" + newest);
      }
      byte[] now = TestStore.bytes(TestStore.file(directory));
      for (byte[] older : files) {
        TestStore.replace(directory, older);
        assertThatThrownBy(() -> openAnchored(directory, anchorFile))
            .isExactlyInstanceOf(SecretIntegrityException.class)
            .hasMessageContaining("rolled back");
        restored++;
      }
      TestStore.replace(directory, now);
      assertThat(readAnchored(directory, anchorFile)).isEqualTo("value-" + newest);
      files.add(now);
      anchors.add(TestStore.bytes(anchorFile));
    }
    // The stated limit, and the control: the anchor of that time believes it.
    for (int older = 0; older < generations; older++) {
      TestStore.replace(directory, files.get(older));
      Files.write(anchorFile, anchors.get(older));
      assertThat(readAnchored(directory, anchorFile)).isEqualTo("value-" + older);
    }
    System.out.println("rollbacks with an anchor: " + restored + " older files under a closed"
        + " store, 0 accepted; " + generations
        + " together with the anchor of their time, all accepted, as is documented");
    assertThat(restored).isEqualTo(generations * (generations - 1) / 2);
  }

  private static FileSecretStore openAnchored(Path directory, Path anchorFile) {
    return FileSecretStore.builder(directory, TestStore.key(1))
        .anchor(FileAnchor.open(anchorFile))
        .open();
  }

  private static String readAnchored(Path directory, Path anchorFile) {
    try (FileSecretStore store = openAnchored(directory, anchorFile)) {
      return TestStore.read(store, "default", "one");
    }
  }

  private static void fill(Path directory, List<Piece> pieces) {
    try (FileSecretStore store = TestStore.create(directory)) {
      for (long version = 1; version <= VERSIONS; version++) {
        for (int vault = 0; vault < VAULTS; vault++) {
          for (int secret = 0; secret < SECRETS; secret++) {
            String text = directory.getFileName() + "/" + vault + "/" + secret + "/" + version;
            TestStore.put(store, "vault-" + vault, "secret-" + secret, text);
            pieces.add(piece(directory, "vault-" + vault, "secret-" + secret, text));
          }
        }
      }
    }
  }

  /** Deletes a secret, and a whole vault, and makes them again with the same names and versions. */
  private static List<Piece> makeAgain(Path directory) {
    List<Piece> pieces = new ArrayList<>();
    try (FileSecretStore store = TestStore.open(directory)) {
      store.deleteSecret("vault-0", "secret-0");
      for (int secret = 0; secret < SECRETS; secret++) {
        store.deleteSecret("vault-2", "secret-" + secret);
      }
      store.deleteVault("vault-2");
      for (int version = 1; version <= VERSIONS; version++) {
        TestStore.put(store, "vault-0", "secret-0", AGAIN + version);
        pieces.add(piece(directory, "vault-0", "secret-0", AGAIN + version));
        for (int secret = 0; secret < SECRETS; secret++) {
          TestStore.put(store, "vault-2", "secret-" + secret, AGAIN + version);
          pieces.add(piece(directory, "vault-2", "secret-" + secret, AGAIN + version));
        }
      }
    }
    return pieces;
  }

  private static boolean isRemade(Piece piece) {
    return piece.vault.equals("vault-2")
        || (piece.vault.equals("vault-0") && piece.name.equals("secret-0"));
  }

  private static Piece piece(Path directory, String vault, String name, String text) {
    StoredSecret.StoredVersion current =
        content(directory).document().vaults().get(vault).secrets().get(name).current();
    return new Piece(
        directory,
        vault,
        name,
        current.version(),
        current.ciphertext(),
        text,
        text.startsWith(AGAIN));
  }

  private static boolean isInFile(byte[] file, Piece piece) {
    return new String(file, US_ASCII).contains(piece.ciphertext.toBase64());
  }

  private static SealedDocument content(Path directory) {
    Path file = TestStore.file(directory);
    return SealedDocument.open(file, TestStore.bytes(file), TestStore.key(1), null);
  }

  /** What a reader gets that finds the ciphertext in this place under a proper seal, or null. */
  private static @Nullable String open(
      SealedDocument content, Piece place, OpaqueBytes ciphertext) {
    StoredVault vault = content.document().vaults().get(place.vault);
    StoredSecret secret = vault.secrets().get(place.name);
    StoredSecret.StoredVersion current = secret.current();
    try (SecretValue value = content
        .envelope()
        .openValue(
            current.key(),
            new Envelope.Place(vault.id(), secret.id(), place.version, secret.name()),
            ciphertext,
            SecretMetadata.unversioned())) {
      return value == null ? null : value.revealString();
    }
  }
}
