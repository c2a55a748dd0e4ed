package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.ResultSet;
import java.sql.SQLException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Vault;

/**
 * The records of one store: reads rows whose seal it verifies, and says what a seal is over: the
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

  /**
   * A vault as it was read.
   *
   * @param key the id of the data key of the seal
   */
  record VaultRow(Vault vault, long key, OpaqueBytes seal) {}

  /**
   * A secret as it was read.
   *
   * @param vault the name of its vault
   * @param key the id of the data key of the seal
   */
  record SecretRow(String vault, Secret<StoredValue> secret, long key, OpaqueBytes seal) {}

  /** The vault in a row, whose columns begin at {@code from}. */
  VaultRow vault(ResultSet row, int from) throws SQLException {
    String name = row.getString(from);
    OpaqueBytes id = OpaqueBytes.adopt(row.getBytes(from + 1));
    long generation = row.getLong(from + 2);
    String body = row.getString(from + 3);
    long key = row.getLong(from + 4);
    OpaqueBytes seal = OpaqueBytes.adopt(row.getBytes(from + 5));
    String what = "record of the vault \"" + name + "\"";
    if (!Seals.verifies(envelope, key, vaultText(name, id, generation, body), seal)) {
      throw Seals.damaged(store, what);
    }
    try {
      return new VaultRow(RecordBody.vault(name, id, body), key, seal);
    } catch (IllegalArgumentException e) {
      throw Seals.damaged(store, what);
    }
  }

  /** The secret in a row, whose columns begin at {@code from}. */
  SecretRow secret(ResultSet row, int from) throws SQLException {
    String vault = row.getString(from);
    String name = row.getString(from + 1);
    OpaqueBytes id = OpaqueBytes.adopt(row.getBytes(from + 2));
    long current = row.getLong(from + 3);
    long generation = row.getLong(from + 4);
    String body = row.getString(from + 5);
    long key = row.getLong(from + 6);
    OpaqueBytes seal = OpaqueBytes.adopt(row.getBytes(from + 7));
    String what = "record of the secret " + vault + "/" + name;
    if (!Seals.verifies(
        envelope, key, secretText(vault, name, id, current, generation, body), seal)) {
      throw Seals.damaged(store, what);
    }
    try {
      return new SecretRow(vault, RecordBody.secret(name, id, body), key, seal);
    } catch (IllegalArgumentException e) {
      throw Seals.damaged(store, what);
    }
  }

  byte[] vaultText(String name, OpaqueBytes id, long generation, String body) {
    return String.join(
            "\n", "vault", storeId.toHex(), name, id.toHex(), Long.toString(generation), body)
        .getBytes(UTF_8);
  }

  byte[] secretText(
      String vault, String name, OpaqueBytes id, long current, long generation, String body) {
    return String.join(
            "\n",
            "secret",
            storeId.toHex(),
            vault,
            name,
            id.toHex(),
            Long.toString(current),
            Long.toString(generation),
            body)
        .getBytes(UTF_8);
  }
}
