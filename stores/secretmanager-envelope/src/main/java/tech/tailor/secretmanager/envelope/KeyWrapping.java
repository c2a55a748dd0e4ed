package tech.tailor.secretmanager.envelope;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** The ways in which a master key encrypts data keys. Thread-safe. */
interface KeyWrapping {

  /** Encrypts a data key, which stays the caller's to wipe. */
  WrappedKey wrap(AssociatedData associatedData, long id, byte[] rawKey);

  /** The data key, which is the caller's to wipe, or null if this does not open the entry. */
  byte @Nullable [] unwrap(WrappedKey entry, AssociatedData associatedData);

  /** Whether the entry says that it is of this master key. Only a word, until a seal vouches. */
  boolean isNamedBy(WrappedKey entry);

  /** Names the master key in its entries; empty if its name is another one in each store. */
  Optional<OpaqueBytes> fingerprint();
}
