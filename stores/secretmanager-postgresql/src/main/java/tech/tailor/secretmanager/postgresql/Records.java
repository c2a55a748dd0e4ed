package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.ResultSet;
import java.sql.SQLException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.StoredValue;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;

/**
 * The records of one store: reads rows, whose seals it verifies, and says what a seal is over: the
 * kind of the record, its place, its generation, and its body.
 */
final class Records {

  static final String VAULT_COLUMNS = "v.name, v.vault_id, v.generation, v.body, v.key_id, v.seal";
  static final int VAULT_COLUMN_COUNT = 6;
  static final String SECRET_COLUMNS = "c.vault, c.name, c.secret_id, c.current_version,"
      + " c.generation, c.body, c.key_id, c.seal";
  static final int SECRET_COLUMN_COUNT = 8;

  private final OpaqueBytes storeId;
  private final Envelope envelope;
  private final String store;

  Records(OpaqueBytes storeId, Envelope envelope, String store) {
    this.storeId = storeId;
    this.envelope = envelope;
    this.store = store;
  }

  /** A row of a vault, as it was read. */
  record VaultRow(
      String name, OpaqueBytes id, long generation, String body, long key, OpaqueBytes seal) {

    /** The row, whose columns begin at {@code from}. */
    static VaultRow of(ResultSet row, int from) throws SQLException {
      return new VaultRow(
          row.getString(from),
          OpaqueBytes.adopt(row.getBytes(from + 1)),
          row.getLong(from + 2),
          row.getString(from + 3),
          row.getLong(from + 4),
          OpaqueBytes.adopt(row.getBytes(from + 5)));
    }
  }

  /** A row of a secret, as it was read. */
  record SecretRow(
      String vault,
      String name,
      OpaqueBytes id,
      long current,
      long generation,
      String body,
      long key,
      OpaqueBytes seal) {

    /** The row, whose columns begin at {@code from}. */
    static SecretRow of(ResultSet row, int from) throws SQLException {
      return new SecretRow(
          row.getString(from),
          row.getString(from + 1),
          OpaqueBytes.adopt(row.getBytes(from + 2)),
          row.getLong(from + 3),
          row.getLong(from + 4),
          row.getString(from + 5),
          row.getLong(from + 6),
          OpaqueBytes.adopt(row.getBytes(from + 7)));
    }
  }

  /** The record of a vault in a row, whose columns begin at {@code from}. */
  VaultRecord vault(ResultSet row, int from) throws SQLException {
    return vault(VaultRow.of(row, from));
  }

  /** The record of a vault. */
  VaultRecord vault(VaultRow row) {
    Vault vault = null;
    if (Seals.verifies(
        envelope, row.key, vaultText(row.name, row.id, row.generation, row.body), row.seal)) {
      try {
        vault = RecordBody.vault(row.name, row.id, row.body);
      } catch (IllegalArgumentException e) {
        // Another form, which no version of this library has written: it reads as damaged.
      }
    }
    return new VaultRecord(row.name, row.key, row.seal, vault);
  }

  /** The record of a secret in a row, whose columns begin at {@code from}. */
  SecretRecord secret(ResultSet row, int from) throws SQLException {
    return secret(SecretRow.of(row, from));
  }

  /** The record of a secret. */
  SecretRecord secret(SecretRow row) {
    SecretRef ref = ref(row.vault, row.name);
    Secret<StoredValue> secret = null;
    if (Seals.verifies(
        envelope,
        row.key,
        secretText(ref, row.id, row.current, row.generation, row.body),
        row.seal)) {
      try {
        secret = RecordBody.secret(ref.name(), row.id, row.body);
      } catch (IllegalArgumentException e) {
        // Another form, which no version of this library has written: it reads as damaged.
      }
    }
    return new SecretRecord(ref, row.key, row.seal, secret);
  }

  private SecretRef ref(String vault, String name) {
    try {
      return SecretRef.of(vault, name);
    } catch (IllegalArgumentException e) {
      throw Damage.of(store, "record of a secret with an impossible name");
    }
  }

  byte[] vaultText(String name, OpaqueBytes id, long generation, String body) {
    return String.join(
            "\n", "vault", storeId.toHex(), name, id.toHex(), Long.toString(generation), body)
        .getBytes(UTF_8);
  }

  byte[] secretText(SecretRef ref, OpaqueBytes id, long current, long generation, String body) {
    return String.join(
            "\n",
            "secret",
            storeId.toHex(),
            ref.vault(),
            ref.name(),
            id.toHex(),
            Long.toString(current),
            Long.toString(generation),
            body)
        .getBytes(UTF_8);
  }
}
