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

  /** The record of a vault in a row, whose columns begin at {@code from}. */
  VaultRecord vault(ResultSet row, int from) throws SQLException {
    String name = row.getString(from);
    OpaqueBytes id = OpaqueBytes.adopt(row.getBytes(from + 1));
    long generation = row.getLong(from + 2);
    String body = row.getString(from + 3);
    long key = row.getLong(from + 4);
    OpaqueBytes seal = OpaqueBytes.adopt(row.getBytes(from + 5));
    Vault vault = null;
    if (Seals.verifies(envelope, key, vaultText(name, id, generation, body), seal)) {
      try {
        vault = RecordBody.vault(name, id, body);
      } catch (IllegalArgumentException e) {
        // Another form, which no version of this library has written: it reads as damaged.
      }
    }
    return new VaultRecord(name, key, seal, vault);
  }

  /** The record of a secret in a row, whose columns begin at {@code from}. */
  SecretRecord secret(ResultSet row, int from) throws SQLException {
    SecretRef ref = ref(row.getString(from), row.getString(from + 1));
    OpaqueBytes id = OpaqueBytes.adopt(row.getBytes(from + 2));
    long current = row.getLong(from + 3);
    long generation = row.getLong(from + 4);
    String body = row.getString(from + 5);
    long key = row.getLong(from + 6);
    OpaqueBytes seal = OpaqueBytes.adopt(row.getBytes(from + 7));
    Secret<StoredValue> secret = null;
    if (Seals.verifies(envelope, key, secretText(ref, id, current, generation, body), seal)) {
      try {
        secret = RecordBody.secret(ref.name(), id, body);
      } catch (IllegalArgumentException e) {
        // Another form, which no version of this library has written: it reads as damaged.
      }
    }
    return new SecretRecord(ref, key, seal, secret);
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
