package tech.tailor.secretmanager.envelope;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The key that a store's values and its seal are encrypted with. It is drawn when the store is
 * created and when it is rotated, and stands in the document encrypted with the master key.
 * Immutable and thread-safe.
 */
final class DataKey {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] EMPTY = {};

  private final WrappedKey wrapped;
  private final XaesGcm cipher;
  private final RecordMac recordMac;

  private DataKey(WrappedKey wrapped, XaesGcm cipher, RecordMac recordMac) {
    this.wrapped = wrapped;
    this.cipher = cipher;
    this.recordMac = recordMac;
  }

  /** The raw key is wiped before this returns. */
  private static DataKey adopt(WrappedKey wrapped, byte[] raw, AssociatedData associatedData) {
    RecordMac recordMac = RecordMac.derive(raw, associatedData.ofRecordMac());
    return new DataKey(wrapped, XaesGcm.adopt(raw), recordMac);
  }

  /** Without a copy for a recovery key. */
  static DataKey generate(long id, AssociatedData associatedData, MasterKey master) {
    return generate(id, associatedData, master, null);
  }

  /**
   * A new key.
   *
   * @param recovery makes the copy for the recovery key; null if the store has none
   */
  static DataKey generate(
      long id, AssociatedData associatedData, MasterKey master, @Nullable RecoverySecret recovery) {
    byte[] raw = new byte[XaesGcm.KEY_SIZE_BYTES];
    RANDOM.nextBytes(raw);
    try {
      WrappedKey wrapped = master.wrapping().wrap(associatedData, id, raw);
      if (recovery != null) {
        wrapped = wrapped.withRecoveryCopy(recovery.copyOf(raw, id, associatedData));
      }
      return adopt(wrapped, raw, associatedData);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /** The key of an entry, or null if the master key does not open it. */
  static @Nullable DataKey unwrap(
      WrappedKey entry, AssociatedData associatedData, MasterKey master) {
    return withEntry(entry, associatedData, master, raw -> entry);
  }

  /** The same key, encrypted with another master key; null if the first does not open the entry. */
  static @Nullable DataKey rewrap(
      WrappedKey entry, AssociatedData associatedData, MasterKey master, MasterKey next) {
    return withEntry(
        entry,
        associatedData,
        master,
        raw -> next.wrapping()
            .wrap(associatedData, entry.id(), raw)
            .withRecoveryCopy(entry.recoveryCopy()));
  }

  /**
   * The same key with a copy for a recovery key; null if the master key does not open the entry.
   */
  static @Nullable DataKey withRecovery(
      WrappedKey entry, AssociatedData associatedData, MasterKey master, RecoverySecret recovery) {
    return withEntry(
        entry,
        associatedData,
        master,
        raw -> entry.withRecoveryCopy(recovery.copyOf(raw, entry.id(), associatedData)));
  }

  private static @Nullable DataKey withEntry(
      WrappedKey entry,
      AssociatedData associatedData,
      MasterKey master,
      Function<byte[], WrappedKey> entryOf) {
    byte[] raw = master.wrapping().unwrap(entry, associatedData);
    if (raw == null) {
      return null;
    }
    try {
      return raw.length == XaesGcm.KEY_SIZE_BYTES
          ? adopt(entryOf.apply(raw), raw, associatedData)
          : null;
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /**
   * This key with another entry of the same id. A seal that was made with the key shows that it is
   * the same one.
   */
  DataKey with(WrappedKey entry) {
    return entry.equals(wrapped) ? this : new DataKey(entry, cipher, recordMac);
  }

  WrappedKey wrapped() {
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

  /** The authentication code of a record. */
  byte[] macOf(byte[] record) {
    return recordMac.of(record);
  }

  boolean verifies(OpaqueBytes seal, byte[] associatedData) {
    byte[] nothing = cipher.decrypt(seal.toArray(), associatedData);
    return nothing != null && nothing.length == 0;
  }
}
