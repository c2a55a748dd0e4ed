package tech.tailor.secretmanager.client.file;

import static java.util.stream.Collectors.toMap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretRef;

/**
 * Changes the keys of a store that is in use. Each step is a commit that leaves a good store: a
 * rotation that is broken off is gone on with by the next one, and readers notice nothing.
 */
final class KeyRotation {

  private final Path file;
  private final StoreWriter writer;
  private final Snapshots snapshots;

  KeyRotation(Path file, StoreWriter writer, Snapshots snapshots) {
    this.file = file;
    this.writer = writer;
    this.snapshots = snapshots;
  }

  /** Encrypts the data keys with another master key, in one commit. */
  void toMasterKey(MasterKey next) {
    writer.change(content -> {
      StoredDocument document = content.document();
      if (isOf(document, next)) {
        return new StoreWriter.Change<>(document, content.keys(), true);
      }
      List<StoredDocument.WrappedKey> entries = new ArrayList<>();
      Map<Long, DataKey> keys = new HashMap<>();
      for (StoredDocument.WrappedKey entry : document.keys()) {
        DataKey key = DataKey.rewrap(entry, document.storeId(), masterOf(document, entry), next);
        if (key == null) {
          throw SealedDocument.notOpened(file, entry, snapshots.masters());
        }
        entries.add(key.wrapped());
        keys.put(entry.id(), key);
      }
      return new StoreWriter.Change<>(document.withKeys(entries), keys, true);
    });
    snapshots.useMaster(next);
  }

  /**
   * Adds a data key, encrypts every value with it, and drops the old one. If there is an old one
   * already, an earlier rotation did not come to its end, and this one ends it.
   */
  void toNewDataKey() {
    long target = writer.change(this::withNewKey);
    boolean done = false;
    while (!done) {
      done = writer.change(content -> step(content, target));
    }
  }

  private StoreWriter.Change<Long> withNewKey(SealedDocument content) {
    StoredDocument document = content.document();
    if (document.keys().size() > 1) {
      return new StoreWriter.Change<>(document, content.keys(), document.sealingKey());
    }
    StoredDocument.WrappedKey last = document.keys().get(0);
    long id = StoreLimits.next(last.id(), "the data key was rotated");
    DataKey added = DataKey.generate(id, document.storeId(), masterOf(document, last));
    Map<Long, DataKey> keys = new HashMap<>(content.keys());
    keys.put(id, added);
    return new StoreWriter.Change<>(document.withKeys(List.of(last, added.wrapped())), keys, id);
  }

  /** Encrypts some values anew; if there are none, drops the old keys, and says that it is done. */
  private StoreWriter.Change<Boolean> step(SealedDocument content, long target) {
    StoredDocument document = content.document();
    int left = StoreLimits.REENCRYPTED_AT_ONCE;
    StoredDocument changed = document;
    for (StoredVault vault : document.vaults().values()) {
      SortedMap<String, StoredSecret> secrets = new TreeMap<>(vault.secrets());
      int before = left;
      for (StoredSecret secret : vault.secrets().values()) {
        if (left > 0 && secret.versions().stream().anyMatch(each -> isOutdated(each, target))) {
          StoredSecret next = reencrypted(content, vault, secret, target);
          left -= secret.versions().size();
          secrets.put(secret.name(), next);
        }
      }
      if (left < before) {
        changed = changed.with(vault.with(secrets));
      }
    }
    if (left < StoreLimits.REENCRYPTED_AT_ONCE) {
      return new StoreWriter.Change<>(changed, content.keys(), false);
    }
    List<StoredDocument.WrappedKey> kept =
        document.keys().stream().filter(entry -> entry.id() >= target).toList();
    if (kept.size() == document.keys().size()) {
      return new StoreWriter.Change<>(document, content.keys(), true);
    }
    Map<Long, DataKey> keys = content.keys().entrySet().stream()
        .filter(entry -> entry.getKey() >= target)
        .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
    return new StoreWriter.Change<>(document.withKeys(kept), keys, true);
  }

  private StoredSecret reencrypted(
      SealedDocument content, StoredVault vault, StoredSecret secret, long target) {
    List<StoredSecret.StoredVersion> versions = new ArrayList<>();
    for (StoredSecret.StoredVersion version : secret.versions()) {
      StoredSecret.StoredVersion next = version;
      if (isOutdated(version, target)) {
        next = ValueCipher.reencrypt(content, vault, secret, version);
      }
      if (next == null) {
        SecretIntegrityException damaged = new DocumentView(file, content)
            .damaged(SecretRef.of(vault.name(), secret.name()), version);
        throw damaged;
      }
      versions.add(next);
    }
    return secret.withVersions(versions);
  }

  private static boolean isOutdated(StoredSecret.StoredVersion version, long target) {
    return version.ciphertext() != null && version.key() < target;
  }

  private static boolean isOf(StoredDocument document, MasterKey master) {
    return document.keys().stream().allMatch(entry -> master.wrapping().isNamedBy(entry));
  }

  /** All entries are of one master key; so a new one is too. */
  private MasterKey masterOf(StoredDocument document, StoredDocument.WrappedKey entry) {
    MasterKey found = find(document, entry);
    if (found == null) {
      throw SealedDocument.notOpened(file, entry, snapshots.masters());
    }
    return found;
  }

  private @Nullable MasterKey find(StoredDocument document, StoredDocument.WrappedKey entry) {
    for (MasterKey master : snapshots.masters()) {
      if (DataKey.unwrap(entry, document.storeId(), master) != null) {
        return master;
      }
    }
    return null;
  }
}
