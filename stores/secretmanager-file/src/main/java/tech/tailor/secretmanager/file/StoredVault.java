package tech.tailor.secretmanager.file;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A vault in a {@link StoredDocument}. Immutable: it takes the maps over that it is made with.
 *
 * @param name its name
 * @param id drawn when the vault was created, so that a vault created again is another one
 * @param createTime in whole milliseconds
 * @param updateTime when the vault itself was last changed, in whole milliseconds
 * @param labels by key
 * @param secrets by name
 */
record StoredVault(
    String name,
    OpaqueBytes id,
    Instant createTime,
    Instant updateTime,
    SortedMap<String, String> labels,
    SortedMap<String, StoredSecret> secrets) {

  StoredVault {
    labels = Collections.unmodifiableSortedMap(labels);
    secrets = Collections.unmodifiableSortedMap(secrets);
  }

  /** A vault that was never changed. */
  StoredVault(
      String name, OpaqueBytes id, Instant createTime, SortedMap<String, StoredSecret> secrets) {
    this(name, id, createTime, createTime, new TreeMap<>(), secrets);
  }

  /** The vault with the secret added or replaced. */
  StoredVault with(StoredSecret secret) {
    SortedMap<String, StoredSecret> changed = new TreeMap<>(secrets);
    changed.put(secret.name(), secret);
    return with(changed);
  }

  /** The vault without the secret. */
  StoredVault without(StoredSecret secret) {
    SortedMap<String, StoredSecret> changed = new TreeMap<>(secrets);
    changed.remove(secret.name());
    return with(changed);
  }

  /** The vault with other secrets. */
  StoredVault with(SortedMap<String, StoredSecret> others) {
    return new StoredVault(name, id, createTime, updateTime, labels, others);
  }
}
