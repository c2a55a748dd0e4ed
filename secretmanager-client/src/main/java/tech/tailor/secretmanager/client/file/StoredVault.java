package tech.tailor.secretmanager.client.file;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import tech.tailor.secretmanager.spi.VaultInfo;

/**
 * A vault in a {@link StoredDocument}. Immutable.
 *
 * @param name its name
 * @param id drawn when the vault was created, so that a vault created again is another one
 * @param createTime in whole milliseconds
 * @param secrets by name
 */
record StoredVault(
    String name, OpaqueBytes id, Instant createTime, SortedMap<String, StoredSecret> secrets) {

  StoredVault {
    secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
  }

  /** The vault with the secret added or replaced. */
  StoredVault with(StoredSecret secret) {
    SortedMap<String, StoredSecret> changed = new TreeMap<>(secrets);
    changed.put(secret.name(), secret);
    return new StoredVault(name, id, createTime, changed);
  }

  /** The vault without the secret. */
  StoredVault without(StoredSecret secret) {
    SortedMap<String, StoredSecret> changed = new TreeMap<>(secrets);
    changed.remove(secret.name());
    return new StoredVault(name, id, createTime, changed);
  }

  /** Nothing of a vault itself can be changed yet, so its update time is its create time. */
  VaultInfo info() {
    return new VaultInfo(name, createTime, createTime);
  }
}
