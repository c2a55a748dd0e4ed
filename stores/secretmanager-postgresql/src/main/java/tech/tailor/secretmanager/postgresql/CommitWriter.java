package tech.tailor.secretmanager.postgresql;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/**
 * Makes of the changes of one commit the statements that write them: the records under new seals,
 * the trail, and the head with its new sum. For one commit.
 */
final class CommitWriter implements SealedContent.Writer {

  private static final int ID_SIZE_BYTES = 16;

  private final Head head;
  private final Envelope before;
  private final Envelope envelope;
  private final Records records;
  private final String store;
  private final long generation;
  private final OpaqueBytes commitId = OpaqueBytes.random(ID_SIZE_BYTES);
  private ContentSum sum;
  private long epoch;

  private final List<Session.Statement> first = new ArrayList<>();
  private final List<Session.Statement> updates = new ArrayList<>();
  private final List<Session.Statement> inserts = new ArrayList<>();
  private final List<Session.Statement> versions = new ArrayList<>();
  private final List<Session.Statement> deletes = new ArrayList<>();
  private final List<Session.Statement> last = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();

  /**
   * Begins a commit.
   *
   * @param head as it was locked
   * @param before the data keys of the head
   * @param envelope the data keys from this commit on
   * @param generation of this commit
   */
  CommitWriter(Head head, Envelope before, Envelope envelope, long generation, String store) {
    this.head = head;
    this.before = before;
    this.envelope = envelope;
    this.records = new Records(head.storeId(), envelope, store);
    this.generation = generation;
    this.epoch = head.epoch();
    ContentSum decrypted =
        ContentSum.decrypt(before, head.key(), head.storeId(), head.generation(), head.sum());
    if (decrypted == null) {
      throw Damage.of(store, "head");
    }
    this.sum = decrypted;
    this.store = store;
  }

  /**
   * What is to be written.
   *
   * @param head as it will be
   * @param statements empty if nothing was changed
   */
  record Written(Head head, List<Session.Statement> statements) {}

  /** Adds what was changed in the content. */
  CommitWriter write(SealedContent content) {
    content.writeTo(this);
    return this;
  }

  /** Replaces the rows of the data keys by those of the new envelope. */
  CommitWriter writeKeys(String what) {
    first.addAll(KeyRows.replacing(head.storeId(), envelope));
    long oldest = envelope.wrappedKeys().get(0).id();
    if (before.wrappedKeys().get(0).id() < oldest) {
      last.add(Session.Statement.ofAnyRows(
          "DELETE FROM secretmanager.data_key WHERE store_id = ? AND key_id < ?",
          head.storeId(),
          oldest));
    }
    changes.add(Change.ofStore(what));
    return this;
  }

  /** Notes that a rewind was accepted. */
  CommitWriter acceptRewind() {
    epoch++;
    changes.add(Change.ofStore(Change.ACCEPT_REWIND));
    return this;
  }

  /** Notes a change that concerns the store. */
  CommitWriter note(String what) {
    changes.add(Change.ofStore(what));
    return this;
  }

  /** Writes a vault's record under a new seal. */
  CommitWriter reseal(VaultRecord record) {
    putVault(record, record.vault(store));
    return this;
  }

  /** Writes a secret's record with other ciphertexts and a new seal, and notes nothing. */
  CommitWriter reencrypt(SecretRecord record, Secret<StoredValue> next) {
    put(record.ref(), record, next);
    return this;
  }

  /** Ends the commit. */
  Written written(String actor, Instant at) {
    if (changes.isEmpty()) {
      return new Written(head, List.of());
    }
    List<Session.Statement> all = new ArrayList<>(first);
    all.addAll(updates);
    all.addAll(inserts);
    all.addAll(deletes);
    all.addAll(versions);
    all.addAll(last);
    Change.Commit commit =
        new Change.Commit(head.storeId(), generation, commitId, changes.size(), actor, at);
    Change.Trail trail = Change.append(head.trail(), commit, changes, envelope);
    all.addAll(trail.statements());
    Head next = nextHead(trail.digest());
    all.add(Session.Statement.of(
        "UPDATE secretmanager.store SET generation = ?, commit_id = ?, epoch = ?, key_id = ?,"
            + " keys_digest = ?, content_sum = ?, trail = ?, seal = ? WHERE store_id = ?"
            + " AND generation = ?",
        next.generation(),
        next.commitId(),
        next.epoch(),
        next.key(),
        next.keysDigest(),
        next.sum(),
        next.trail(),
        next.seal(),
        head.storeId(),
        head.generation()));
    all.add(Notifications.notifying(head.storeId()));
    return new Written(next, all);
  }

  private Head nextHead(OpaqueBytes trail) {
    Head next = new Head(
        head.storeId(),
        head.workspace(),
        generation,
        commitId,
        epoch,
        envelope.sealingKey(),
        KeyRows.digest(envelope.wrappedKeys()),
        sum.encrypt(envelope, head.storeId(), generation),
        trail,
        commitId);
    return next.withSeal(Seals.seal(envelope, next.text()));
  }

  @Override
  public void vault(String name, @Nullable VaultRecord old, @Nullable Vault next) {
    Vault was = old == null ? null : old.content();
    if (next == null) {
      if (old != null) {
        sum = sum.minus(before, old);
        changes.add(new Change(name, null, Change.DELETE, 0));
        last.add(Session.Statement.of(
            "DELETE FROM secretmanager.vault WHERE store_id = ? AND name = ?",
            head.storeId(),
            name));
      }
      return;
    }
    if (next.equals(was)) {
      return;
    }
    boolean isNew = was == null || !was.id().equals(next.id());
    if (isNew && old != null) {
      changes.add(new Change(name, null, Change.DELETE, 0));
    }
    changes.add(new Change(name, null, isNew ? Change.CREATE : Change.LABELS, 0));
    putVault(old, next);
  }

  private void putVault(@Nullable VaultRecord old, Vault next) {
    if (old != null) {
      sum = sum.minus(before, old);
    }
    String body = RecordBody.of(next);
    OpaqueBytes seal =
        Seals.seal(envelope, records.vaultText(next.name(), next.id(), generation, body));
    sum = sum.plus(envelope, new VaultRecord(next.name(), envelope.sealingKey(), seal, next));
    first.add(Session.Statement.of(
        old == null
            ? "INSERT INTO secretmanager.vault (vault_id, generation, body, key_id, seal,"
                + " store_id, name) VALUES (?, ?, ?, ?, ?, ?, ?)"
            : "UPDATE secretmanager.vault SET vault_id = ?, generation = ?, body = ?, key_id = ?,"
                + " seal = ? WHERE store_id = ? AND name = ?",
        next.id(),
        generation,
        body,
        envelope.sealingKey(),
        seal,
        head.storeId(),
        next.name()));
  }

  @Override
  public void secret(
      SecretRef ref, @Nullable SecretRecord old, @Nullable Secret<StoredValue> next) {
    Secret<StoredValue> was = old == null ? null : old.content();
    if (old == null ? next == null : was != null && was.equals(next)) {
      return;
    }
    if (old != null && was == null) { // a damaged one is removed: its version can't be told
      changes.add(new Change(ref.vault(), ref.name(), Change.DELETE, 0));
    }
    changes.addAll(SecretChanges.between(ref.vault(), was, next));
    put(ref, old, next);
  }

  private void put(SecretRef ref, @Nullable SecretRecord old, @Nullable Secret<StoredValue> next) {
    Secret<StoredValue> was = old == null ? null : old.content();
    if (old != null) {
      sum = sum.minus(before, old);
      if (was == null) {
        first.add(deleteVersionsOf(ref));
      }
    }
    boolean isReplaced = was != null && (next == null || !was.id().equals(next.id()));
    if (was != null && isReplaced) {
      deletes.add(Session.Statement.ofAnyRows(
          "DELETE FROM secretmanager.secret_version WHERE store_id = ? AND secret_id = ?",
          head.storeId(),
          was.id()));
    }
    if (next != null) {
      putSecret(ref, old != null, next);
      putVersions(isReplaced ? null : was, next);
    } else if (old != null) {
      updates.add(Session.Statement.of(
          "DELETE FROM secretmanager.secret WHERE store_id = ? AND vault = ? AND name = ?",
          head.storeId(),
          ref.vault(),
          ref.name()));
    }
  }

  /** Of a damaged record, whose id may have been edited to that of another secret. */
  private Session.Statement deleteVersionsOf(SecretRef ref) {
    return Session.Statement.ofAnyRows(
        "DELETE FROM secretmanager.secret_version x USING secretmanager.secret c"
            + " WHERE c.store_id = ? AND c.vault = ? AND c.name = ?"
            + " AND x.store_id = c.store_id AND x.secret_id = c.secret_id"
            + " AND NOT EXISTS (SELECT FROM secretmanager.secret o WHERE o.store_id = c.store_id"
            + " AND o.secret_id = c.secret_id AND (o.vault, o.name) <> (c.vault, c.name))",
        head.storeId(),
        ref.vault(),
        ref.name());
  }

  private void putSecret(SecretRef ref, boolean isThere, Secret<StoredValue> next) {
    String body = RecordBody.of(next);
    long current = next.current().number();
    OpaqueBytes seal =
        Seals.seal(envelope, records.secretText(ref, next.id(), current, generation, body));
    sum = sum.plus(envelope, new SecretRecord(ref, envelope.sealingKey(), seal, next));
    (isThere ? updates : inserts)
        .add(Session.Statement.of(
            isThere
                ? "UPDATE secretmanager.secret SET secret_id = ?, current_version = ?, generation ="
                    + " ?, body = ?, key_id = ?, seal = ? WHERE store_id = ? AND vault = ?"
                    + " AND name = ?"
                : "INSERT INTO secretmanager.secret (secret_id, current_version, generation, body,"
                    + " key_id, seal, store_id, vault, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            next.id(),
            current,
            generation,
            body,
            envelope.sealingKey(),
            seal,
            head.storeId(),
            ref.vault(),
            ref.name()));
  }

  private void putVersions(@Nullable Secret<StoredValue> was, Secret<StoredValue> next) {
    Map<Long, StoredValue> left = new HashMap<>();
    if (was != null) {
      for (Version<StoredValue> version : was.versions()) {
        StoredValue value = version.value();
        if (value != null) {
          left.put(version.number(), value);
        }
      }
    }
    for (Version<StoredValue> version : next.versions()) {
      StoredValue value = version.value();
      if (value == null) {
        continue;
      }
      StoredValue stored = left.remove(version.number());
      OpaqueBytes ciphertext = value.ciphertext();
      if (ciphertext != null && (stored == null || !stored.sha256().equals(value.sha256()))) {
        versions.add(Session.Statement.of(
            "INSERT INTO secretmanager.secret_version (store_id, secret_id, version, ciphertext)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT (store_id, secret_id, version)"
                + " DO UPDATE SET ciphertext = excluded.ciphertext",
            head.storeId(),
            next.id(),
            version.number(),
            ciphertext));
      }
    }
    for (long number : left.keySet()) {
      deletes.add(Session.Statement.ofAnyRows(
          "DELETE FROM secretmanager.secret_version"
              + " WHERE store_id = ? AND secret_id = ? AND version = ?",
          head.storeId(),
          next.id(),
          number));
    }
  }
}
