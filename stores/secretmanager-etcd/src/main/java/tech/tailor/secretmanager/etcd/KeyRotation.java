package tech.tailor.secretmanager.etcd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.spi.StoreEditor;

/**
 * Changes the keys of a store that is in use. A new data key takes three phases, of which each
 * commit leaves a good store, so that an interrupted rotation is resumed by the next:
 *
 * <ol>
 *   <li><em>add</em>: the new key is added, and encrypts and seals from then on;
 *   <li><em>re-encrypt</em>: records and values under the old key are written again, some in a
 *       commit;
 *   <li><em>drop</em>: the old key is removed, since nothing is under it any more.
 * </ol>
 */
final class KeyRotation {

  /** Bounds of one commit: below those of etcd, with the head and the log. */
  private static final int MOST_WRITES = 100;

  private static final long MOST_BYTES = 1_000_000;

  private final Etcd etcd;
  private final Keys keys;
  private final Committer committer;
  private final Keyring keyring;
  private final EtcdSettings settings;
  private final String store;

  KeyRotation(Etcd etcd, Keys keys, Committer committer, Keyring keyring, EtcdSettings settings) {
    this.etcd = etcd;
    this.keys = keys;
    this.committer = committer;
    this.keyring = keyring;
    this.settings = settings;
    this.store = settings.describe();
  }

  /** Encrypts the data keys with another master key, in one commit. */
  void toMasterKey(MasterKey next) {
    try {
      committer.commit(opened -> {
        Envelope envelope = opened.envelope();
        if (envelope.isOf(next)) {
          return unchanged(opened, true);
        }
        Envelope rewrapped = envelope.rewrap(next, keyring.masters(), store);
        return commit(writer(opened, rewrapped).writeKeys("master-key-replaced"), true);
      });
    } finally {
      keyring.useMaster(next); // it may have taken effect, whatever failed afterwards
    }
  }

  /** Runs the three phases, or those that an interrupted rotation left. */
  void toNewDataKey() {
    Target target = committer.commit(this::add);
    settings.control().afterRotationStep().run();
    Position position = new Position(keys.vaults());
    while (position != null) {
      Position from = position;
      position = committer.<Step>commit(opened -> reencrypt(opened, target, from)).next;
      settings.control().afterRotationStep().run();
    }
    committer.commit(opened -> drop(opened, target));
  }

  /**
   * What a rotation is on the way to.
   *
   * @param key the id of the new key
   * @param epoch of the store when it was added: a rewind that is accepted brings back records that
   *     were written again
   */
  private record Target(long key, OpaqueBytes storeId, long epoch) {

    static Target of(HeadReader.Opened opened, long key) {
      return new Target(key, opened.head().storeId(), opened.head().epoch());
    }
  }

  private void requireSameStore(HeadReader.Opened opened, Target target) {
    if (!Target.of(opened, target.key).equals(target)) {
      throw new SecretConflictException("A rewind of the " + store + " was accepted while its data"
          + " key was rotated; the store is good. Call rotateDataKey again");
    }
  }

  private Committer.Commit<Target> add(HeadReader.Opened opened) {
    Envelope envelope = opened.envelope();
    if (envelope.wrappedKeys().size() > 1) { // an earlier rotation was interrupted
      return unchanged(opened, Target.of(opened, envelope.sealingKey()));
    }
    long id = envelope.sealingKey() + 1;
    Envelope added = envelope.withNewKey(id, keyring.masters(), store);
    return commit(writer(opened, added).writeKeys("data-key-added"), Target.of(opened, id));
  }

  private Committer.Commit<Boolean> drop(HeadReader.Opened opened, Target target) {
    requireSameStore(opened, target);
    Envelope envelope = opened.envelope();
    if (envelope.wrappedKeys().get(0).id() >= target.key) {
      return unchanged(opened, true); // another process ended it
    }
    Envelope kept = envelope.withoutKeysBefore(target.key);
    return commit(writer(opened, kept).writeKeys("data-key-dropped"), true);
  }

  /**
   * How far the phase has come. What lies before it is under the new key, and what others write
   * there is, too: once the new key is there, every commit seals with it.
   */
  private record Position(String key) {}

  private record Step(@Nullable Position next) {}

  /** Writes again what is under an older key, from a position on, as much as one commit takes. */
  private Committer.Commit<Step> reencrypt(HeadReader.Opened opened, Target target, Position from) {
    requireSameStore(opened, target);
    Supplier<Deadline> deadline = () -> Deadline.after(settings.timeout());
    Records records = new Records(keys, opened.envelope(), store);
    Snapshot snapshot = new Snapshot(etcd, keys, records, opened.revision(), deadline, store);
    Batch batch =
        new Batch(writer(opened, opened.envelope()), opened.envelope(), snapshot, target.key);
    String end = null;
    if (from.key.startsWith(keys.vaults())) {
      end = snapshot.until(keys.vaults(), from.key, (key, content) -> {
        return batch.vault(records.vault(key.substring(keys.vaults().length()), content));
      });
    }
    if (end == null) {
      String start = from.key.startsWith(keys.secrets()) ? from.key : keys.secrets();
      end = snapshot.until(
          keys.secrets(), start, (key, content) -> batch.secret(snapshot.secret(key, content)));
    }
    Step step = new Step(end == null ? null : new Position(end));
    return batch.writes == 0 ? unchanged(opened, step) : commit(batch.writer, step);
  }

  /** What one commit writes again. */
  private final class Batch {

    private final CommitWriter writer;
    private final Envelope envelope;
    private final Snapshot snapshot;
    private final long target;
    private int writes;
    private long sizeBytes;

    private Batch(CommitWriter writer, Envelope envelope, Snapshot snapshot, long target) {
      this.writer = writer;
      this.envelope = envelope;
      this.snapshot = snapshot;
      this.target = target;
    }

    private boolean isFull() {
      return writes >= MOST_WRITES || sizeBytes >= MOST_BYTES;
    }

    /** Whether the record is done; false if it is for the next commit. */
    private boolean vault(Records.VaultRecord record) {
      if (record.sealed().key() >= target) {
        return true;
      }
      if (isFull()) {
        return false;
      }
      writer.reseal(record);
      writes++;
      sizeBytes += record.sealed().text().length();
      return true;
    }

    private boolean secret(Records.SecretRecord record) {
      Secret<StoredValue> secret = record.secret();
      boolean isOutdated = record.sealed().key() < target
          || secret.versions().stream().anyMatch(version -> isOutdated(version.value()));
      if (!isOutdated) {
        return true;
      }
      if (isFull()) {
        return false;
      }
      Vault vault = snapshot
          .vault(record.vault())
          .map(Records.VaultRecord::vault)
          .orElseThrow(() -> Seals.damaged(store, "record of the vault " + record.vault()));
      boolean isDone = true;
      List<Version<StoredValue>> versions = new ArrayList<>();
      for (Version<StoredValue> version : secret.versions()) {
        boolean isLeft = isOutdated(version.value()) && isFull();
        isDone &= !isLeft;
        versions.add(isLeft ? version : reencrypted(vault, record, version));
      }
      writer.reencrypt(
          record,
          new Secret<>(
              secret.name(),
              secret.id(),
              secret.createTime(),
              secret.description(),
              secret.labels(),
              versions));
      writes++;
      sizeBytes += record.sealed().text().length();
      return isDone;
    }

    private boolean isOutdated(@Nullable StoredValue value) {
      return value != null && value.key() < target;
    }

    private Version<StoredValue> reencrypted(
        Vault vault, Records.SecretRecord record, Version<StoredValue> version) {
      StoredValue value = version.value();
      if (value == null || value.key() >= target) {
        return version;
      }
      Secret<StoredValue> secret = record.secret();
      StoredValue found = StoredValue.with(
          value,
          snapshot.ciphertext(record.vault(), secret.name(), version.number()).orElse(null));
      OpaqueBytes ciphertext = found == null ? null : found.ciphertext();
      OpaqueBytes next = ciphertext == null
          ? null
          : envelope.resealValue(
              value.key(),
              EtcdContent.place(vault, new SecretId(secret.id(), secret.name()), version.number()),
              ciphertext);
      if (next == null) {
        throw StoreEditor.damaged(
            store, SecretRef.of(record.vault(), secret.name()), version.number());
      }
      writes++;
      sizeBytes += next.sizeBytes();
      return new Version<>(
          version.number(),
          version.createTime(),
          version.state(),
          StoredValue.of(envelope.sealingKey(), next));
    }
  }

  private CommitWriter writer(HeadReader.Opened opened, Envelope envelope) {
    return new CommitWriter(settings, keys, opened.head(), opened.envelope(), envelope);
  }

  private static <T> Committer.Commit<T> commit(CommitWriter writer, T result) {
    return new Committer.Commit<>(writer.written(Instant.now()), result);
  }

  private static <T> Committer.Commit<T> unchanged(HeadReader.Opened opened, T result) {
    return new Committer.Commit<>(new CommitWriter.Written(opened.head(), List.of()), result);
  }
}
