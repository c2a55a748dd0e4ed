package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.KeyProtection.ByKms;
import tech.tailor.secretmanager.envelope.KeyProtection.ByPassphrase;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** What is still within a bound, and what is just outside of it; what names a key. */
class BoundsTest {

  private static final String LABEL = "test-store";

  private final OpaqueBytes storeId = OpaqueBytes.random(16);
  private final AssociatedData data = new AssociatedData(LABEL, storeId);
  private final byte[] raw = EnvelopeFixtures.rawKey(1);

  /** A KMS whose ciphertexts have a size. */
  private static Aead kms(int sizeBytes) {
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
        return new byte[sizeBytes];
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
        throw new AssertionError("nothing is decrypted here");
      }
    };
  }

  @Test
  void ciphertextOfAKms_has1ByteTo16Kibibytes() {
    assertThat(KmsWrapping.of("key", kms(1)).wrap(data, 1, raw).wrapped().sizeBytes())
        .isOne();
    assertThat(KmsWrapping.of("key", kms(16_384)).wrap(data, 1, raw).wrapped().sizeBytes())
        .isEqualTo(16_384);
    for (int size : new int[] {0, 16_385}) {
      assertThatThrownBy(() -> KmsWrapping.of("key", kms(size)).wrap(data, 1, raw))
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining("larger than 16384 bytes, or none");
    }
  }

  @Test
  void nameOfAKmsKey_hasNoSpaceQuoteOrBackslash() {
    assertThat(ByKms.isName("arn:aws:kms:eu-1:1:key/1")).isTrue();
    for (String name : List.of("", "a key", "a\"key", "a\\key", "clé", "x".repeat(257))) {
      assertThat(ByKms.isName(name)).as(name).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> new ByKms(name));
    }
  }

  @Test
  void iterationsOfAPassphrase_haveBounds() {
    OpaqueBytes salt = OpaqueBytes.random(ByPassphrase.SALT_SIZE_BYTES);
    for (int good : new int[] {ByPassphrase.MIN_ITERATIONS, ByPassphrase.MAX_ITERATIONS}) {
      assertThat(new ByPassphrase(good, salt).iterations()).isEqualTo(good);
    }
    for (int bad : new int[] {ByPassphrase.MIN_ITERATIONS - 1, ByPassphrase.MAX_ITERATIONS + 1}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new ByPassphrase(bad, salt));
    }
  }

  /** To derive a key again for each entry would take as long each time. */
  @Test
  void passphrase_of8Characters_derivesOneKeyForAllThatItWraps() {
    char[] passphrase = "8 chars!".toCharArray();
    PassphraseWrapping wrapping = PassphraseWrapping.of(passphrase, ByPassphrase.MIN_ITERATIONS);
    WrappedKey first = wrapping.wrap(data, 1, raw);
    WrappedKey second = wrapping.wrap(data, 2, raw);
    assertThat(second.protection()).isEqualTo(first.protection());
    assertThat(wrapping.unwrap(first, data)).isEqualTo(raw);
    assertThat(wrapping.isNamedBy(second)).isTrue();

    PassphraseWrapping other = PassphraseWrapping.of(passphrase, ByPassphrase.MIN_ITERATIONS);
    WrappedKey salted = other.wrap(data, 1, raw);
    assertThat(salted.protection()).as("another salt").isNotEqualTo(first.protection());
    assertThat(wrapping.unwrap(salted, data)).as("derived again").isEqualTo(raw);
    assertThat(wrapping.unwrap(first, data)).as("and back").isEqualTo(raw);
    char[] shorter = Arrays.copyOf(passphrase, passphrase.length - 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PassphraseWrapping.of(shorter, ByPassphrase.MIN_ITERATIONS));
  }

  @Test
  void value_mayBeAsLargeAsSecretsMayBe() {
    Envelope envelope = Envelope.create(LABEL, storeId, EnvelopeFixtures.key(1));
    Envelope.Place place = new Envelope.Place(storeId, storeId, 1, "large");
    try (SecretValue value = SecretValue.copyOf(new byte[SecretValue.MAX_SIZE_BYTES]);
        SecretValue opened = envelope.openValue(
            1, place, envelope.sealValue(place, value), SecretMetadata.unversioned())) {
      assertThat(opened).isNotNull();
      assertThat(opened.matches(new byte[SecretValue.MAX_SIZE_BYTES])).isTrue();
    }
  }

  /** As the description of the format says: SHA-256 over the purpose and what is named. */
  @Test
  void fingerprints_areOfPurposeAndName() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(AssociatedData.ofKmsFingerprint());
    String ofKms = OpaqueBytes.copyOf(Arrays.copyOf(sha256.digest("key".getBytes(US_ASCII)), 16))
        .toHex();
    assertThat(KmsWrapping.of("key", kms(1)).fingerprint().orElseThrow().toHex())
        .isEqualTo(ofKms);

    OpaqueBytes publicKey = OpaqueBytes.random(32);
    sha256.update(AssociatedData.ofRecoveryFingerprint());
    String ofRecovery = OpaqueBytes.copyOf(Arrays.copyOf(sha256.digest(publicKey.toArray()), 16))
        .toHex();
    assertThat(RecoveryWrapping.fingerprintOf(publicKey).toHex()).isEqualTo(ofRecovery);
    assertThat(new RecoveryEntry(publicKey, OpaqueBytes.random(80)).fingerprint())
        .isEqualTo(ofRecovery);
  }

  /** An entry is made for a master key; only the store says whose copies its entries have. */
  @Test
  void noEntry_isNamedByARecoveryKey() {
    WrappedKey entry = EnvelopeFixtures.key(1).wrapping().wrap(data, 1, raw);
    assertThat(EnvelopeFixtures.recoveryKey(1).wrapping().isNamedBy(entry)).isFalse();
  }

  @Test
  void marks_areEqualInAllOrNotAtAll() {
    String id = "0".repeat(32);
    String digest = "a".repeat(64);
    StoreAnchor.Mark mark = StoreAnchor.Mark.of(id, 1, digest);
    assertThat(mark).isEqualTo(StoreAnchor.Mark.of(id, 1, digest));
    assertThat(mark).hasSameHashCodeAs(StoreAnchor.Mark.of(id, 1, digest));
    assertThat(mark).isNotEqualTo(StoreAnchor.Mark.of("1".repeat(32), 1, digest));
    assertThat(mark).isNotEqualTo(StoreAnchor.Mark.of(id, 2, digest));
    assertThat(mark).isNotEqualTo(StoreAnchor.Mark.of(id, 1, "b".repeat(64)));
    assertThat(mark).isNotEqualTo("a mark");
    assertThat(mark.toString()).contains(id, "1", digest);
  }
}
