package tech.tailor.secretmanager.envelope.shared;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A value as a store holds it.
 *
 * @param key the id of the data key that it is encrypted with
 * @param sha256 of the ciphertext
 * @param ciphertext null if it was not read
 */
public record StoredValue(
    long key, OpaqueBytes sha256, @Nullable OpaqueBytes ciphertext) {

  /** A value that was encrypted. */
  public static StoredValue of(long key, OpaqueBytes ciphertext) {
    return new StoredValue(key, ciphertext.sha256(), ciphertext);
  }

  /** The value with the ciphertext that was found, which may be another one. */
  public StoredValue with(OpaqueBytes found) {
    return new StoredValue(key, sha256, found);
  }

  /** The ciphertext, if that is the one of the record; null otherwise. */
  public @Nullable OpaqueBytes genuine(@Nullable OpaqueBytes found) {
    return found != null && found.sha256().equals(sha256) ? found : null;
  }
}
