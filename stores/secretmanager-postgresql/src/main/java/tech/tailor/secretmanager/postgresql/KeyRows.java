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
import tech.tailor.secretmanager.envelope.WrappedKey;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** The wrapped data keys of a workspace, as rows. */
final class KeyRows {

  /** Names this kind of store in what its ciphertexts are bound to; part of the format. */
  static final String LABEL = "tsm-postgresql";

  private static final String SELECT =
      "SELECT key_id, kind, kdf_iterations, kdf_salt, kms_key, master_key, wrapped"
          + " FROM secretmanager.data_key WHERE store_id = ? ORDER BY key_id";

  private KeyRows() {}

  /**
   * The keys that a head names, in the snapshot that it was read in.
   *
   * @param store names the store in messages
   */
  static List<WrappedKey> read(Session session, Head head, String store) throws SQLException {
    List<WrappedKey> keys =
        session.query(Session.Statement.of(SELECT, head.storeId()), rows -> keys(rows, store));
    if (!digest(keys).equals(head.keysDigest())) {
      throw Damage.of(store, "list of data keys");
    }
    return keys;
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
      text.append('\n').append(key.id()).append(' ').append(Keyring.words(key.protection()));
      text.append(' ')
          .append(key.masterKey().toHex())
          .append(' ')
          .append(key.wrapped().toHex());
    }
    return OpaqueBytes.adopt(text.toString().getBytes(UTF_8)).sha256();
  }

  private static List<WrappedKey> keys(ResultSet rows, String store) throws SQLException {
    List<WrappedKey> keys = new ArrayList<>();
    while (rows.next()) {
      keys.add(new WrappedKey(
          rows.getLong(1),
          protection(rows, store),
          OpaqueBytes.adopt(rows.getBytes(6)),
          OpaqueBytes.adopt(rows.getBytes(7))));
    }
    return keys;
  }

  private static KeyProtection protection(ResultSet row, String store) throws SQLException {
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
