package tech.tailor.secretmanager.client.file;

import org.jspecify.annotations.Nullable;

/** The ways in which a master key encrypts data keys. Thread-safe. */
interface KeyWrapping {

  /** Encrypts a data key, which stays the caller's to wipe. */
  StoredDocument.WrappedKey wrap(OpaqueBytes storeId, long id, byte[] rawKey);

  /** The data key, which is the caller's to wipe, or null if this does not open the entry. */
  byte @Nullable [] unwrap(StoredDocument.WrappedKey entry, OpaqueBytes storeId);

  /** Whether the entry says that it is of this master key. Only a word, until a seal vouches. */
  boolean isNamedBy(StoredDocument.WrappedKey entry);
}
