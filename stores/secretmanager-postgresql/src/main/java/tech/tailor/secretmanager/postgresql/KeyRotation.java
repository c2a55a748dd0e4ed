package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
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
    committer.commit(locked -> {
      Envelope envelope = locked.envelope();
      if (envelope.isOf(next)) {
        return unchanged(locked, true);
      }
      Envelope rewrapped = envelope.rewrap(next, keyring.masters(), store);
      return commit(
          locked, writer(locked, rewrapped).writeKeys(Change.MASTER_KEY), rewrapped, true);
    });
    keyring.useMaster(next);
  }

  /**
   * Adds a data key, encrypts every value with it and seals every record with it, and drops the old
   * one. If there is an old one already, an earlier rotation did not come to its end, and this one
   * ends it.
   */
  void toNewDataKey() {
    long target = committer.commit(this::withNewKey);
    boolean done = false;
    while (!done) {
      done = committer.commit(locked -> step(locked, target));
    }
  }

  private Committer.Commit<Long> withNewKey(Committer.Locked locked) {
    Envelope envelope = locked.envelope();
    if (envelope.wrappedKeys().size() > 1) {
      return unchanged(locked, envelope.sealingKey());
    }
    long id = envelope.sealingKey() + 1;
    Envelope added = envelope.withNewKey(id, keyring.masters(), store);
    return commit(locked, writer(locked, added).writeKeys(Change.DATA_KEY), added, id);
  }

  /**
   * Encrypts some values again; if there are none, drops the old keys, and says that it is done.
   */
  private Committer.Commit<Boolean> step(Committer.Locked locked, long target) throws SQLException {
    Envelope envelope = locked.envelope();
    if (envelope.wrappedKeys().get(0).id() >= target) {
      return unchanged(locked, true); // another process ended it
    }
    Records records = new Records(locked.head().storeId(), envelope, store);
    CommitWriter writer = writer(locked, envelope);
    boolean found = false;
    for (Records.VaultRow vault : outdatedVaults(locked, records, target)) {
      writer.reseal(vault);
      found = true;
    }
    for (Outdated outdated : outdatedSecrets(locked, records, target)) {
      writer.reencrypt(outdated.row, reencrypted(locked, outdated, target));
      found = true;
    }
    if (found) {
      return commit(locked, writer.note(Change.REENCRYPT), envelope, false);
    }
    Envelope kept = envelope.withoutKeysBefore(target);
    return commit(locked, writer(locked, kept).writeKeys(Change.DATA_KEY), kept, true);
  }

  private static List<Records.VaultRow> outdatedVaults(
      Committer.Locked locked, Records records, long target) throws SQLException {
    return locked
        .session()
        .query(
            Session.Statement.of(
                "SELECT " + Records.VAULT_COLUMNS + " FROM secretmanager.vault v"
                    + " WHERE v.store_id = ? AND v.key_id < ? ORDER BY v.name LIMIT " + AT_ONCE,
                locked.head().storeId(),
                target),
            rows -> {
              List<Records.VaultRow> found = new ArrayList<>();
              while (rows.next()) {
                found.add(records.vault(rows, 1));
              }
              return found;
            });
  }

  private record Outdated(Records.SecretRow row, Vault vault) {}

  /**
   * Those whose record is under an older key, or a value, since an update leaves older versions.
   */
  private static List<Outdated> outdatedSecrets(
      Committer.Locked locked, Records records, long target) throws SQLException {
    return locked
        .session()
        .query(
            Session.Statement.of(
                "SELECT " + Records.SECRET_COLUMNS + ", " + Records.VAULT_COLUMNS
                    + " FROM secretmanager.secret c JOIN secretmanager.vault v"
                    + " ON v.store_id = c.store_id AND v.name = c.vault"
                    + " WHERE c.store_id = ? AND (c.key_id < ? OR EXISTS (SELECT FROM"
                    + " jsonb_array_elements(c.body::jsonb -> 'versions') e"
                    + " WHERE (e ->> 'key')::bigint < ?)) ORDER BY c.vault, c.name LIMIT "
                    + AT_ONCE,
                locked.head().storeId(),
                target,
                target),
            rows -> {
              List<Outdated> found = new ArrayList<>();
              while (rows.next()) {
                found.add(outdated(records, rows));
              }
              return found;
            });
  }

  private static Outdated outdated(Records records, ResultSet row) throws SQLException {
    return new Outdated(
        records.secret(row, 1),
        records.vault(row, 1 + Records.SECRET_COLUMN_COUNT).vault());
  }

  private Secret<StoredValue> reencrypted(Committer.Locked locked, Outdated outdated, long target) {
    Secret<StoredValue> secret = outdated.row.secret();
    RecordSource source = new RecordSource(
        locked.session(),
        locked.head().storeId(),
        new Records(locked.head().storeId(), locked.envelope(), store),
        store);
    List<Version<StoredValue>> versions = new ArrayList<>();
    for (Version<StoredValue> version : secret.versions()) {
      StoredValue value = version.value();
      if (value == null || value.key() >= target) {
        versions.add(version);
        continue;
      }
      OpaqueBytes ciphertext = source.ciphertext(secret.id(), version.number()).orElse(null);
      OpaqueBytes next = ciphertext == null || !Digests.sha256(ciphertext).equals(value.sha256())
          ? null
          : locked
              .envelope()
              .resealValue(
                  value.key(),
                  new Envelope.Place(
                      outdated.vault.id(), secret.id(), version.number(), secret.name()),
                  ciphertext);
      if (next == null) {
        throw StoreEditor.damaged(
            store, SecretRef.of(outdated.row.vault(), secret.name()), version.number());
      }
      versions.add(new Version<>(
          version.number(),
          version.createTime(),
          version.state(),
          StoredValue.of(locked.envelope().sealingKey(), next)));
    }
    return new Secret<>(
        secret.name(),
        secret.id(),
        secret.createTime(),
        secret.description(),
        secret.labels(),
        versions);
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
