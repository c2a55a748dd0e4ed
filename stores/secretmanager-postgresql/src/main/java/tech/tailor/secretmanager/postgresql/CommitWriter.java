package tech.tailor.secretmanager.postgresql;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;

/**
 * Makes of the changes of one commit the statements that write them: the records under new seals,
 * the trail, and the head with its new sum. For one commit.
 */
final class CommitWriter {

  private static final int ID_SIZE_BYTES = 16;

  private final Head head;
  private final Envelope before;
  private final Envelope envelope;
  private final Records records;
  private final long generation;
  private final OpaqueBytes commitId = OpaqueBytes.random(ID_SIZE_BYTES);
  private BigInteger sum;
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
    this.sum = Seals.decrypt(before, head, store);
  }

  /**
   * What is to be written.
   *
   * @param head as it will be
   * @param statements empty if nothing was changed
   */
  record Written(Head head, List<Session.Statement> statements) {}

  /** Adds what was changed in the content. */
  CommitWriter write(PostgresContent content) {
    PostgresContent.Changes changed = content.changes();
    PostgresContent.Loaded loaded = content.loaded();
    changed.vaults.forEach((name, vault) ->
        vault(loaded.vaults.getOrDefault(name, Optional.empty()).orElse(null), vault.orElse(null)));
    changed.secrets.forEach((vault, secrets) -> secrets.forEach((name, secret) ->
        secret(vault, loaded.secret(SecretRef.of(vault, name)), secret.orElse(null), true)));
    return this;
  }

  /** Replaces the rows of the data keys by those of the new envelope. */
  CommitWriter writeKeys(String what) {
    first.addAll(Keyring.replacing(head.storeId(), envelope));
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
  CommitWriter reseal(Records.VaultRow row) {
    putVault(row, row.vault());
    return this;
  }

  /** Writes a secret's record with other ciphertexts and a new seal, and notes nothing. */
  CommitWriter reencrypt(Records.SecretRow row, Secret<StoredValue> next) {
    secret(row.vault(), row, next, false);
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
        Keyring.digest(envelope.wrappedKeys()),
        Seals.encrypt(envelope, head.storeId(), generation, sum),
        trail,
        commitId);
    return next.withSeal(Seals.seal(envelope, next.text()));
  }

  private void vault(Records.@Nullable VaultRow old, @Nullable Vault next) {
    if (next == null) {
      if (old != null) {
        remove(old.key(), old.seal());
        changes.add(new Change(old.vault().name(), null, Change.DELETE, 0));
        last.add(Session.Statement.of(
            "DELETE FROM secretmanager.vault WHERE store_id = ? AND name = ?",
            head.storeId(),
            old.vault().name()));
      }
      return;
    }
    boolean isNew = old == null || !old.vault().id().equals(next.id());
    if (!isNew && old != null && old.vault().equals(next)) {
      return;
    }
    if (isNew && old != null) {
      changes.add(new Change(next.name(), null, Change.DELETE, 0));
    }
    changes.add(new Change(next.name(), null, isNew ? Change.CREATE : Change.LABELS, 0));
    putVault(old, next);
  }

  private void putVault(Records.@Nullable VaultRow old, Vault next) {
    if (old != null) {
      remove(old.key(), old.seal());
    }
    String body = RecordBody.of(next);
    OpaqueBytes seal = add(records.vaultText(next.name(), next.id(), generation, body));
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

  private void secret(
      String vault,
      Records.@Nullable SecretRow old,
      @Nullable Secret<StoredValue> next,
      boolean noted) {
    Secret<StoredValue> was = old == null ? null : old.secret();
    if (noted && Objects.equals(was, next)) {
      return;
    }
    boolean replaced = was != null && (next == null || !was.id().equals(next.id()));
    if (noted) {
      changes.addAll(SecretChanges.between(vault, was, next));
    }
    if (old != null) {
      remove(old.key(), old.seal());
    }
    if (was != null && replaced) {
      deletes.add(Session.Statement.ofAnyRows(
          "DELETE FROM secretmanager.secret_version WHERE store_id = ? AND secret_id = ?",
          head.storeId(),
          was.id()));
    }
    if (next != null) {
      putSecret(vault, was, next);
      putVersions(replaced ? null : was, next);
    } else if (was != null) {
      updates.add(Session.Statement.of(
          "DELETE FROM secretmanager.secret WHERE store_id = ? AND vault = ? AND name = ?",
          head.storeId(),
          vault,
          was.name()));
    }
  }

  private void putSecret(
      String vault, @Nullable Secret<StoredValue> was, Secret<StoredValue> next) {
    String body = RecordBody.of(next);
    long current = next.current().number();
    OpaqueBytes seal =
        add(records.secretText(vault, next.name(), next.id(), current, generation, body));
    (was == null ? inserts : updates)
        .add(Session.Statement.of(
            was == null
                ? "INSERT INTO secretmanager.secret (secret_id, current_version, generation, body,"
                    + " key_id, seal, store_id, vault, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                : "UPDATE secretmanager.secret SET secret_id = ?, current_version = ?, generation ="
                    + " ?, body = ?, key_id = ?, seal = ? WHERE store_id = ? AND vault = ?"
                    + " AND name = ?",
            next.id(),
            current,
            generation,
            body,
            envelope.sealingKey(),
            seal,
            head.storeId(),
            vault,
            next.name()));
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

  private void remove(long key, OpaqueBytes seal) {
    sum = Seals.subtract(sum, Seals.element(before, key, seal));
  }

  private OpaqueBytes add(byte[] text) {
    OpaqueBytes seal = Seals.seal(envelope, text);
    sum = Seals.add(sum, Seals.element(envelope, envelope.sealingKey(), seal));
    return seal;
  }
}
