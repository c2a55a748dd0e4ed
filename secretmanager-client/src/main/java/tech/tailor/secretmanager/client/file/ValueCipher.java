package tech.tailor.secretmanager.client.file;

import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;

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
    byte[] place =
        AssociatedData.ofValue(content.document().storeId(), vault.id(), secretId, version, name);
    DataKey key = content.sealingKey();
    OpaqueBytes ciphertext =
        value.<OpaqueBytes, RuntimeException>withBytes(bytes -> key.encryptValue(bytes, place));
    return new StoredSecret.StoredVersion(version, time, key.wrapped().id(), ciphertext);
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
      DataKey key = content.sealingKey();
      OpaqueBytes ciphertext = key.encryptValue(value, place(content, vault, secret, version));
      return new StoredSecret.StoredVersion(
          version.version(),
          version.createTime(),
          version.state(),
          key.wrapped().id(),
          ciphertext);
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private static byte @Nullable [] plaintext(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    DataKey key = content.keys().get(version.key());
    OpaqueBytes ciphertext = version.ciphertext();
    if (key == null || ciphertext == null) {
      return null;
    }
    byte[] value = key.decryptValue(ciphertext, place(content, vault, secret, version));
    if (value != null
        && value.length > SecretValue.MAX_SIZE_BYTES) { // by no version of this library
      Arrays.fill(value, (byte) 0);
      return null;
    }
    return value;
  }

  private static byte[] place(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    return AssociatedData.ofValue(
        content.document().storeId(), vault.id(), secret.id(), version.version(), secret.name());
  }
}
