package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A data key as a store keeps it: encrypted with the master key. Nothing in here is secret.
 * Immutable and thread-safe.
 *
 * @param id counts the data keys of a store, from 1
 * @param protection how the key is encrypted
 * @param masterKey the fingerprint of the master key, 16 bytes; it names the key and proves nothing
 * @param wrapped the key's ciphertext
 * @param recoveryCopy the same key for the recovery key of the store; null if it has none
 */
public record WrappedKey(
    long id,
    KeyProtection protection,
    OpaqueBytes masterKey,
    OpaqueBytes wrapped,
    @Nullable OpaqueBytes recoveryCopy) {

  /** Checks that nothing is null. */
  public WrappedKey {
    requireNonNull(protection, "protection");
    requireNonNull(masterKey, "masterKey");
    requireNonNull(wrapped, "wrapped");
  }

  /** A data key without a copy for a recovery key. */
  public WrappedKey(long id, KeyProtection protection, OpaqueBytes masterKey, OpaqueBytes wrapped) {
    this(id, protection, masterKey, wrapped, null);
  }

  WrappedKey withRecoveryCopy(@Nullable OpaqueBytes copy) {
    return new WrappedKey(id, protection, masterKey, wrapped, copy);
  }
}
