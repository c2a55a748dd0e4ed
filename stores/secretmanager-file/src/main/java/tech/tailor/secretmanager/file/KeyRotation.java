package tech.tailor.secretmanager.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.StoreEditor;

/**
 * Changes the keys of a store that is in use. Each step is a commit that leaves a good store: a
 * rotation that is interrupted is continued by the next one, and readers notice nothing.
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
    try {
      writer.change(content -> {
        Envelope envelope = content.envelope();
        if (envelope.isOf(next)) {
          return new StoreWriter.Change<>(content.document(), envelope, true);
        }
        Envelope rewrapped =
            envelope.rewrap(next, snapshots.masters(), SealedDocument.describe(file));
        return withKeysOf(content, rewrapped);
      });
    } finally {
      snapshots.useMaster(next); // it may have taken effect, whatever failed afterwards
    }
  }

  /** Has a copy of each data key made for a recovery key, in one commit. */
  void toRecoveryKey(MasterKey recovery) {
    writer.change(content -> withKeysOf(
        content,
        content
            .envelope()
            .withRecovery(recovery, snapshots.masters(), SealedDocument.describe(file))));
  }

  /** Drops the copies, in one commit, unless they alone open the store. */
  void toNoRecoveryKey() {
    writer.change(content -> content.document().recovery() == null
        ? new StoreWriter.Change<>(content.document(), content.envelope(), true)
        : withKeysOf(content, content.envelope().withoutRecovery(snapshots.masters())));
  }

  private static StoreWriter.Change<Boolean> withKeysOf(SealedDocument content, Envelope envelope) {
    return new StoreWriter.Change<>(content.document().withKeys(envelope), envelope, true);
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
      return new StoreWriter.Change<>(
          document, content.envelope(), content.envelope().sealingKey());
    }
    long id = StoreLimits.next(content.envelope().sealingKey(), "the data key was rotated");
    Envelope added =
        content.envelope().withNewKey(id, snapshots.masters(), SealedDocument.describe(file));
    return new StoreWriter.Change<>(document.withKeys(added), added, id);
  }

  /** Re-encrypts some values. If no value is left, drops the old keys and reports completion. */
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
      return new StoreWriter.Change<>(changed, content.envelope(), false);
    }
    if (document.keys().get(0).id() >= target) {
      return new StoreWriter.Change<>(document, content.envelope(), true);
    }
    Envelope kept = content.envelope().withoutKeysBefore(target);
    return new StoreWriter.Change<>(document.withKeys(kept), kept, true);
  }

  private StoredSecret reencrypted(
      SealedDocument content, StoredVault vault, StoredSecret secret, long target) {
    List<StoredSecret.StoredVersion> versions = new ArrayList<>();
    for (StoredSecret.StoredVersion version : secret.versions()) {
      versions.add(
          isOutdated(version, target) ? reencrypted(content, vault, secret, version) : version);
    }
    return secret.withVersions(versions);
  }

  private StoredSecret.StoredVersion reencrypted(
      SealedDocument content,
      StoredVault vault,
      StoredSecret secret,
      StoredSecret.StoredVersion version) {
    StoredSecret.StoredVersion next = version.under(content.envelope(), vault.id(), secret);
    if (next == null) {
      throw StoreEditor.damaged(
          SealedDocument.describe(file),
          SecretRef.of(vault.name(), secret.name()),
          version.version());
    }
    return next;
  }

  private static boolean isOutdated(StoredSecret.StoredVersion version, long target) {
    return version.ciphertext() != null && version.key() < target;
  }
}
