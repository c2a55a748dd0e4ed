package tech.tailor.secretmanager.client.file;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The key that a store's values and its seal are encrypted with. It is drawn when the store is
 * created and when it is rotated, and stands in the document encrypted with the master key.
 * Immutable and thread-safe.
 */
final class DataKey {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] EMPTY = {};

  private final StoredDocument.WrappedKey wrapped;
  private final XaesGcm cipher;

  private DataKey(StoredDocument.WrappedKey wrapped, XaesGcm cipher) {
    this.wrapped = wrapped;
    this.cipher = cipher;
  }

  static DataKey generate(long id, OpaqueBytes storeId, MasterKey master) {
    byte[] raw = new byte[XaesGcm.KEY_SIZE_BYTES];
    RANDOM.nextBytes(raw);
    try {
      return new DataKey(master.wrapping().wrap(storeId, id, raw), XaesGcm.adopt(raw));
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /** The key of an entry, or null if the master key does not open it. */
  static @Nullable DataKey unwrap(
      StoredDocument.WrappedKey entry, OpaqueBytes storeId, MasterKey master) {
    byte[] raw = master.wrapping().unwrap(entry, storeId);
    if (raw == null) {
      return null;
    }
    try {
      return raw.length == XaesGcm.KEY_SIZE_BYTES ? new DataKey(entry, XaesGcm.adopt(raw)) : null;
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /** The same key, encrypted with another master key; null if the first does not open the entry. */
  static @Nullable DataKey rewrap(
      StoredDocument.WrappedKey entry, OpaqueBytes storeId, MasterKey master, MasterKey next) {
    byte[] raw = master.wrapping().unwrap(entry, storeId);
    if (raw == null) {
      return null;
    }
    try {
      return raw.length == XaesGcm.KEY_SIZE_BYTES
          ? new DataKey(next.wrapping().wrap(storeId, entry.id(), raw), XaesGcm.adopt(raw))
          : null;
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /**
   * The same key, of another entry with its id. That it is the same one, a seal made with it shows.
   */
  DataKey with(StoredDocument.WrappedKey entry) {
    return entry.equals(wrapped) ? this : new DataKey(entry, cipher);
  }

  StoredDocument.WrappedKey wrapped() {
    return wrapped;
  }

  OpaqueBytes encryptValue(byte[] value, byte[] associatedData) {
    return OpaqueBytes.copyOf(cipher.encrypt(value, associatedData));
  }

  /** The value, which is the caller's to wipe, or null if the ciphertext is not of this place. */
  byte @Nullable [] decryptValue(OpaqueBytes ciphertext, byte[] associatedData) {
    return cipher.decrypt(ciphertext.toArray(), associatedData);
  }

  /** A seal is a ciphertext of nothing, and so a tag over the associated data. */
  OpaqueBytes seal(byte[] associatedData) {
    return OpaqueBytes.copyOf(cipher.encrypt(EMPTY, associatedData));
  }

  boolean verifies(OpaqueBytes seal, byte[] associatedData) {
    byte[] nothing = cipher.decrypt(seal.toArray(), associatedData);
    return nothing != null && nothing.length == 0;
  }
}
