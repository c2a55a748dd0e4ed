package tech.tailor.secretmanager.etcd;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A value as the store holds it.
 *
 * @param key the id of the data key that it is encrypted with
 * @param sha256 of the ciphertext, in hex
 * @param ciphertext null if it was not read from etcd
 */
record StoredValue(long key, String sha256, @Nullable OpaqueBytes ciphertext) {

  static StoredValue of(long key, OpaqueBytes ciphertext) {
    return new StoredValue(key, digest(ciphertext), ciphertext);
  }

  /** The value with the ciphertext that was found; null if that is another one. */
  static @Nullable StoredValue with(StoredValue value, @Nullable OpaqueBytes found) {
    return found != null && digest(found).equals(value.sha256)
        ? new StoredValue(value.key, value.sha256, found)
        : null;
  }

  private static String digest(OpaqueBytes ciphertext) {
    return Digests.sha256(ciphertext.toArray()).toHex();
  }
}
