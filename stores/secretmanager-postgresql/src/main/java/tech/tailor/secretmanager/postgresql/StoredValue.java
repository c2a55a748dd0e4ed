package tech.tailor.secretmanager.postgresql;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A value as the store holds it.
 *
 * @param key the id of the data key that it is encrypted with
 * @param sha256 of the ciphertext
 * @param ciphertext null if it was not read from the database
 */
record StoredValue(long key, OpaqueBytes sha256, @Nullable OpaqueBytes ciphertext) {

  static StoredValue of(long key, OpaqueBytes ciphertext) {
    return new StoredValue(key, Digests.sha256(ciphertext), ciphertext);
  }

  /** The value with its ciphertext. */
  StoredValue with(OpaqueBytes found) {
    return new StoredValue(key, sha256, found);
  }
}
