package tech.tailor.secretmanager.envelope.shared;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;

/**
 * The record of a secret as it was read.
 *
 * @param ref where it stands
 * @param key the id of the data key of its seal
 * @param seal as it stands there
 * @param content null if the record is damaged: the seal was not made over it for this place
 */
public record SecretRecord(
    SecretRef ref, long key, OpaqueBytes seal, @Nullable Secret<StoredValue> content) {

  /**
   * The secret.
   *
   * @param store names the store in messages
   * @throws SecretIntegrityException if the record is damaged
   */
  public Secret<StoredValue> secret(String store) {
    if (content == null) {
      throw Damage.ofSecret(store, ref);
    }
    return content;
  }

  /** The record with other versions, such as one whose ciphertext was read. */
  public SecretRecord with(Secret<StoredValue> other) {
    return new SecretRecord(ref, key, seal, other);
  }
}
