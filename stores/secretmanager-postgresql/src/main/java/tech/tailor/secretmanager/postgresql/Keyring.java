package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The data keys of a workspace: as rows, and opened. Opened keys are kept until the head says that
 * others are in use. Thread-safe.
 */
final class Keyring {

  /** Names this kind of store in what its ciphertexts are bound to; part of the format. */
  static final String LABEL = "tsm-postgresql";

  private static final String SELECT =
      "SELECT key_id, kind, kdf_iterations, kdf_salt, kms_key, master_key, wrapped"
          + " FROM secretmanager.data_key WHERE store_id = ? ORDER BY key_id";

  private final String store;
  private volatile List<MasterKey> masters;
  private volatile @Nullable Opened opened;

  Keyring(List<MasterKey> masters, String store) {
    this.masters = masters;
    this.store = store;
  }

  private record Opened(OpaqueBytes storeId, OpaqueBytes digest, Envelope envelope) {}

  List<MasterKey> masters() {
    return masters;
  }

  /** Opens with this key, too, from now on. */
  synchronized void useMaster(MasterKey next) {
    List<MasterKey> all = new ArrayList<>(masters);
    all.add(0, next);
    masters = List.copyOf(all);
  }

  /** The opened keys that the head names, if they are known already; null otherwise. */
  @Nullable
  Envelope known(Head head) {
    Opened known = opened;
    return known != null
            && known.digest.equals(head.keysDigest())
            && known.storeId.equals(head.storeId())
        ? known.envelope
        : null;
  }

  /** The keys that the head names; null if others have been put in their place meanwhile. */
  @Nullable
  Envelope load(Session session, Head head) throws SQLException {
    Envelope known = known(head);
    if (known != null) {
      return known;
    }
    Opened previous = opened;
    return open(session, head, previous == null ? null : previous.envelope);
  }

  /**
   * The same, with every key opened again: after a rewind, a key may have the id of another one
   * that was lost.
   */
  @Nullable
  Envelope loadAfresh(Session session, Head head) throws SQLException {
    return open(session, head, null);
  }

  private @Nullable Envelope open(Session session, Head head, @Nullable Envelope previous)
      throws SQLException {
    List<WrappedKey> found =
        session.query(Session.Statement.of(SELECT, head.storeId()), this::wrappedKeys);
    if (!digest(found).equals(head.keysDigest())) {
      return null;
    }
    Envelope envelope = Envelope.open(LABEL, head.storeId(), found, masters, previous, store);
    keep(head, envelope);
    return envelope;
  }

  void keep(Head head, Envelope envelope) {
    opened = new Opened(head.storeId(), head.keysDigest(), envelope);
  }

  /** The statements that make the rows those of an envelope. */
  static List<Session.Statement> replacing(OpaqueBytes storeId, Envelope envelope) {
    List<Session.Statement> statements = new ArrayList<>();
    for (WrappedKey key : envelope.wrappedKeys()) {
      KeyProtection protection = key.protection();
      @Nullable Object iterations = null;
      @Nullable Object salt = null;
      @Nullable Object kms = null;
      String kind = "key";
      if (protection instanceof KeyProtection.ByPassphrase passphrase) {
        kind = "passphrase";
        iterations = passphrase.iterations();
        salt = passphrase.salt();
      } else if (protection instanceof KeyProtection.ByKms byKms) {
        kind = "kms";
        kms = byKms.name();
      }
      statements.add(Session.Statement.of(
          "INSERT INTO secretmanager.data_key (store_id, key_id, kind, kdf_iterations, kdf_salt,"
              + " kms_key, master_key, wrapped) VALUES (?, ?, ?, ?::integer, ?::bytea, ?::text, ?, ?)"
              + " ON CONFLICT (store_id, key_id) DO UPDATE SET kind = excluded.kind, kdf_iterations"
              + " = excluded.kdf_iterations, kdf_salt = excluded.kdf_salt, kms_key ="
              + " excluded.kms_key, master_key = excluded.master_key, wrapped = excluded.wrapped",
          storeId,
          key.id(),
          kind,
          iterations,
          salt,
          kms,
          key.masterKey(),
          key.wrapped()));
    }
    return statements;
  }

  /** Over all rows; the head holds it, so that no row can be put back or added. */
  static OpaqueBytes digest(List<WrappedKey> keys) {
    StringBuilder text = new StringBuilder("keys");
    for (WrappedKey key : keys) {
      text.append('\n').append(key.id()).append(' ').append(protection(key.protection()));
      text.append(' ')
          .append(key.masterKey().toHex())
          .append(' ')
          .append(key.wrapped().toHex());
    }
    return Digests.sha256(text.toString().getBytes(UTF_8));
  }

  private static String protection(KeyProtection protection) {
    if (protection instanceof KeyProtection.ByPassphrase passphrase) {
      return "passphrase " + passphrase.iterations() + " " + passphrase.salt().toHex();
    }
    return protection instanceof KeyProtection.ByKms kms ? "kms " + kms.name() : "key";
  }

  private List<WrappedKey> wrappedKeys(ResultSet rows) throws SQLException {
    List<WrappedKey> keys = new ArrayList<>();
    while (rows.next()) {
      keys.add(new WrappedKey(
          rows.getLong(1),
          protection(rows),
          OpaqueBytes.adopt(rows.getBytes(6)),
          OpaqueBytes.adopt(rows.getBytes(7))));
    }
    return keys;
  }

  private KeyProtection protection(ResultSet row) throws SQLException {
    String kind = row.getString(2);
    byte[] salt = row.getBytes(4);
    String kms = row.getString(5);
    try {
      if (kind.equals("passphrase") && salt != null) {
        return new KeyProtection.ByPassphrase(row.getInt(3), OpaqueBytes.adopt(salt));
      }
      if (kind.equals("kms") && kms != null) {
        return new KeyProtection.ByKms(kms);
      }
      if (kind.equals("key")) {
        return KeyProtection.ByKey.RAW;
      }
    } catch (IllegalArgumentException e) {
      // Falls through: what stands there is of no use.
    }
    throw new SecretIntegrityException("The " + store + " was damaged or edited: its data key "
        + row.getLong(1) + " is not of a known form. Restore the database from a backup");
  }
}
