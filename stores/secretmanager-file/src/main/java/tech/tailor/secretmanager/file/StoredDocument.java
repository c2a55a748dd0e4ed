package tech.tailor.secretmanager.file;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The content of a store, as it stands in the file but for the seal. Immutable: a change gives
 * another document. It takes the map over that it is made with.
 *
 * @param storeId drawn when the store was created
 * @param generation counts the commits, from 1
 * @param recovery the entry of the recovery key; null without one
 * @param keys the data keys, by ascending id, at least one; the last is the one that seals
 * @param vaults by name
 */
record StoredDocument(
    OpaqueBytes storeId,
    long generation,
    @Nullable RecoveryEntry recovery,
    List<WrappedKey> keys,
    SortedMap<String, StoredVault> vaults) {

  static final int STORE_ID_SIZE_BYTES = 16;

  StoredDocument {
    keys = List.copyOf(keys);
    vaults = Collections.unmodifiableSortedMap(vaults);
  }

  /** Without a recovery key. */
  StoredDocument(
      OpaqueBytes storeId,
      long generation,
      List<WrappedKey> keys,
      SortedMap<String, StoredVault> vaults) {
    this(storeId, generation, null, keys, vaults);
  }

  /** The next generation, with the vault added or replaced. */
  StoredDocument with(StoredVault vault) {
    SortedMap<String, StoredVault> changed = new TreeMap<>(vaults);
    changed.put(vault.name(), vault);
    return new StoredDocument(storeId, nextGeneration(), recovery, keys, changed);
  }

  /** The next generation, without the vault. */
  StoredDocument without(StoredVault vault) {
    SortedMap<String, StoredVault> changed = new TreeMap<>(vaults);
    changed.remove(vault.name());
    return new StoredDocument(storeId, nextGeneration(), recovery, keys, changed);
  }

  /** The same content with the data keys of an envelope, as the next generation. */
  StoredDocument withKeys(Envelope envelope) {
    return new StoredDocument(
        storeId,
        nextGeneration(),
        envelope.recovery().orElse(null),
        envelope.wrappedKeys(),
        vaults);
  }

  /** The same content, as another generation. */
  StoredDocument asGeneration(long other) {
    return other == generation ? this : new StoredDocument(storeId, other, recovery, keys, vaults);
  }

  private long nextGeneration() {
    return StoreLimits.next(generation, "the store was changed");
  }
}
