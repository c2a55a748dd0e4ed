package tech.tailor.secretmanager.file;

import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.OpaqueBytes;

/** Encrypts a value for its place, and decrypts what stands there. */
final class ValueCipher {

  private ValueCipher() {}

  static StoredSecret.StoredVersion encrypt(
      SealedDocument content,
      StoredVault vault,
      OpaqueBytes secretId,
      String name,
      long version,
      Instant time,
      SecretValue value) {
    Envelope envelope = content.envelope();
    Envelope.Place place = new Envelope.Place(vault.id(), secretId, version, name);
    OpaqueBytes ciphertext =
        value.<OpaqueBytes, RuntimeException>withBytes(bytes -> envelope.sealValue(place, bytes));
    return new StoredSecret.StoredVersion(version, time, envelope.sealingKey(), ciphertext);
  }

  /** The current value, or null if what stands there was not encrypted for this place. */
  static @Nullable SecretValue decrypt(
      SealedDocument content, StoredVault vault, StoredSecret secret) {
    return decrypt(content, vault, secret, secret.current());
  }

  /**
   * The value of a version that is not destroyed, or null if what stands there was not encrypted
   * for this place.
   */
  static @Nullable SecretValue decrypt(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    byte[] value = plaintext(content, vault, secret, version);
    return value == null
        ? null
        : SecretValue.adopt(value, SecretMetadata.of(version.version(), version.createTime()));
  }

  /**
   * The same version under the sealing key, or null if what stands there was not encrypted for this
   * place.
   */
  static StoredSecret.@Nullable StoredVersion reencrypt(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    byte[] value = plaintext(content, vault, secret, version);
    if (value == null) {
      return null;
    }
    try {
      Envelope envelope = content.envelope();
      return new StoredSecret.StoredVersion(
          version.version(),
          version.createTime(),
          version.state(),
          envelope.sealingKey(),
          envelope.sealValue(place(vault, secret, version), value));
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private static byte @Nullable [] plaintext(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    OpaqueBytes ciphertext = version.ciphertext();
    if (ciphertext == null) {
      return null;
    }
    byte[] value =
        content.envelope().openValue(version.key(), place(vault, secret, version), ciphertext);
    if (value != null
        && value.length > SecretValue.MAX_SIZE_BYTES) { // by no version of this library
      Arrays.fill(value, (byte) 0);
      return null;
    }
    return value;
  }

  private static Envelope.Place place(
      StoredVault vault, StoredSecret secret, StoredSecret.StoredVersion version) {
    return new Envelope.Place(vault.id(), secret.id(), version.version(), secret.name());
  }
}
