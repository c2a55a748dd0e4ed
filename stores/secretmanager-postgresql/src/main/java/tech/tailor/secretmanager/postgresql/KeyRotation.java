package tech.tailor.secretmanager.postgresql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;
import tech.tailor.secretmanager.spi.StoreContent.Vault;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.spi.StoreEditor;

/**
 * Changes the keys of a store that is in use. Each step is a commit that leaves a good store: an
 * interrupted rotation is resumed by the next one, and readers notice nothing.
 */
final class KeyRotation {

  /** How many secrets are encrypted again in one commit, which holds the head meanwhile. */
  private static final int AT_ONCE = 100;

  private final Committer committer;
  private final Keyring keyring;
  private final PostgresSettings settings;
  private final String store;

  KeyRotation(Committer committer, Keyring keyring, PostgresSettings settings) {
    this.committer = committer;
    this.keyring = keyring;
    this.settings = settings;
    this.store = settings.describe();
  }

  /** Encrypts the data keys with another master key, in one commit. */
  void toMasterKey(MasterKey next) {
    try {
      committer.commit(locked -> {
        Envelope envelope = locked.envelope();
        if (envelope.isOf(next)) {
          return unchanged(locked, true);
        }
        Envelope rewrapped = envelope.rewrap(next, keyring.masters(), store);
        return commit(
            locked, writer(locked, rewrapped).writeKeys(Change.MASTER_KEY), rewrapped, true);
      });
    } finally {
      keyring.useMaster(next); // it may have taken effect, whatever failed afterwards
    }
  }

  /**
   * Adds a data key, encrypts every value with it and seals every record with it, and drops the old
   * one. If there is an old one already, an earlier rotation did not come to its end, and this one
   * ends it.
   */
  void toNewDataKey() {
    Target target = committer.commit(this::withNewKey);
    Optional<Position> position = Optional.of(Position.START);
    while (position.isPresent()) {
      Position from = position.get();
      position = committer.commit(locked -> step(locked, target, from));
    }
  }

  /**
   * What a rotation is on the way to.
   *
   * @param key the id of the new key
   * @param epoch of the store when it was added: a rewind that is accepted brings back records that
   *     were encrypted again, and a state in which there may be no such key
   */
  private record Target(long key, OpaqueBytes storeId, long epoch) {

    static Target of(Head head, long key) {
      return new Target(key, head.storeId(), head.epoch());
    }
  }

  private void requireSameStore(Head head, Target target) {
    if (!Target.of(head, target.key).equals(target)) {
      throw new SecretConflictException("A rewind of the " + store + " was accepted while its data"
          + " key was rotated; the store is good. Call rotateDataKey again");
    }
  }

  /**
   * How far a rotation has come: what lies before it needs no second look, since every commit seals
   * and encrypts with the new key.
   *
   * @param areVaultsDone whether it is a place among the secrets
   */
  private record Position(boolean areVaultsDone, String vault, String name) {

    static final Position START = new Position(false, "", "");
    static final Position FIRST_SECRET = new Position(true, "", "");
  }

  private Committer.Commit<Target> withNewKey(Committer.Locked locked) {
    Envelope envelope = locked.envelope();
    if (envelope.wrappedKeys().size() > 1) {
      return unchanged(locked, Target.of(locked.head(), envelope.sealingKey()));
    }
    long id = envelope.sealingKey() + 1;
    Envelope added = envelope.withNewKey(id, keyring.masters(), store);
    return commit(
        locked,
        writer(locked, added).writeKeys(Change.DATA_KEY),
        added,
        Target.of(locked.head(), id));
  }

  /**
   * Seals some vaults or encrypts some secrets again, after a position. Where there are none, the
   * next step looks at all of them once more; where that one finds none, it drops the old keys.
   *
   * @return the position of the next step; empty if the rotation is done
   */
  private Committer.Commit<Optional<Position>> step(
      Committer.Locked locked, Target to, Position from) throws SQLException {
    requireSameStore(locked.head(), to);
    long target = to.key;
    Envelope envelope = locked.envelope();
    if (envelope.wrappedKeys().get(0).id() >= target) {
      return unchanged(locked, Optional.empty()); // another process ended it
    }
    Records records = new Records(locked.head().storeId(), envelope, store);
    CommitWriter writer = writer(locked, envelope);
    Position next = null;
    if (!from.areVaultsDone) {
      for (VaultRecord vault : outdatedVaults(locked, records, target, from)) {
        writer.reseal(vault);
        next = new Position(false, vault.name(), "");
      }
    }
    if (next == null) {
      Position first = from.areVaultsDone ? from : Position.FIRST_SECRET;
      RecordSource source = RecordSource.of(locked.session(), locked.opened(), store);
      Map<String, Vault> vaults = new HashMap<>();
      for (SecretRecord record : outdatedSecrets(locked, records, target, first)) {
        SecretRef ref = record.ref();
        Vault vault = vaults.computeIfAbsent(ref.vault(), name -> vault(source, name));
        writer.reencrypt(record, reencrypted(envelope, source, vault, record, target));
        next = new Position(true, ref.vault(), ref.name());
      }
    }
    if (next != null) {
      return commit(locked, writer.note(Change.REENCRYPT), envelope, Optional.of(next));
    }
    if (!from.equals(Position.START)) {
      return unchanged(locked, Optional.of(Position.START));
    }
    Envelope kept = envelope.withoutKeysBefore(target);
    return commit(locked, writer(locked, kept).writeKeys(Change.DATA_KEY), kept, Optional.empty());
  }

  private static List<VaultRecord> outdatedVaults(
      Committer.Locked locked, Records records, long target, Position after) throws SQLException {
    return locked
        .session()
        .query(
            Session.Statement.of(
                "SELECT " + Records.VAULT_COLUMNS + " FROM secretmanager.vault v"
                    + " WHERE v.store_id = ? AND v.name > ? AND v.key_id < ? ORDER BY v.name LIMIT "
                    + AT_ONCE,
                locked.head().storeId(),
                after.vault,
                target),
            rows -> {
              List<VaultRecord> found = new ArrayList<>();
              while (rows.next()) {
                found.add(records.vault(rows, 1));
              }
              return found;
            });
  }

  /**
   * Those whose record is under an older key, or a value, since an update leaves older versions.
   * Without a join: with one, the server would go through all secrets of the vault before the
   * position.
   */
  private static List<SecretRecord> outdatedSecrets(
      Committer.Locked locked, Records records, long target, Position after) throws SQLException {
    return locked
        .session()
        .query(
            Session.Statement.of(
                "SELECT " + Records.SECRET_COLUMNS + " FROM secretmanager.secret c"
                    + " WHERE c.store_id = ? AND (c.vault, c.name) > (?, ?)"
                    + " AND (c.key_id < ? OR EXISTS (SELECT FROM"
                    + " jsonb_array_elements(c.body::jsonb -> 'versions') e"
                    + " WHERE (e ->> 'key')::bigint < ?)) ORDER BY c.vault, c.name LIMIT "
                    + AT_ONCE,
                locked.head().storeId(),
                after.vault,
                after.name,
                target,
                target),
            rows -> {
              List<SecretRecord> found = new ArrayList<>();
              while (rows.next()) {
                found.add(records.secret(rows, 1));
              }
              return found;
            });
  }

  /** The secret with the values that are under an older key encrypted again. */
  private Secret<StoredValue> reencrypted(
      Envelope envelope, RecordSource source, Vault vault, SecretRecord record, long target) {
    Secret<StoredValue> secret = record.secret(store);
    List<Version<StoredValue>> versions = new ArrayList<>();
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value == null || value.key() >= target) {
        versions.add(version);
        continue;
      }
      Version<StoredValue> resealed = SealedContent.resealed(
          source, envelope, vault, new SecretId(secret.id(), secret.name()), version, value);
      if (resealed == null) {
        throw StoreEditor.damaged(store, record.ref(), version.number());
      }
      versions.add(resealed);
    }
    return new Secret<>(
        secret.name(),
        secret.id(),
        secret.createTime(),
        secret.description(),
        secret.labels(),
        versions);
  }

  private Vault vault(RecordSource source, String name) {
    return source
        .vault(name)
        .map(record -> record.vault(store))
        .orElseThrow(() -> Damage.of(store, "record of the vault \"" + name + "\""));
  }

  private CommitWriter writer(Committer.Locked locked, Envelope envelope) {
    Head head = locked.head();
    return new CommitWriter(head, locked.envelope(), envelope, head.generation() + 1, store);
  }

  private <T> Committer.Commit<T> commit(
      Committer.Locked locked, CommitWriter writer, Envelope envelope, T result) {
    return new Committer.Commit<>(writer.written(settings.actor(), locked.now()), envelope, result);
  }

  private static <T> Committer.Commit<T> unchanged(Committer.Locked locked, T result) {
    return new Committer.Commit<>(
        new CommitWriter.Written(locked.head(), List.of()), locked.envelope(), result);
  }
}
