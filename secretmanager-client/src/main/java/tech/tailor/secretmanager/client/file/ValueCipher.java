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
    StoredSecret.StoredVersion current = secret.current();
    DataKey key = content.keys().get(current.key());
    if (key == null) {
      return null;
    }
    byte[] place = AssociatedData.ofValue(
        content.document().storeId(), vault.id(), secret.id(), current.version(), secret.name());
    byte[] value = key.decryptValue(current.ciphertext(), place);
    if (value == null) {
      return null;
    }
    if (value.length > SecretValue.MAX_SIZE_BYTES) { // by no version of this library
      Arrays.fill(value, (byte) 0);
      return null;
    }
    return SecretValue.adopt(value, SecretMetadata.of(current.version(), current.createTime()));
  }
}
