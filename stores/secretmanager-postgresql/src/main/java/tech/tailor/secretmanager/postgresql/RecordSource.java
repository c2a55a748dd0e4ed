package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Reads the records of a store in one transaction. For one thread. */
final class RecordSource {

  private static final String VAULTS =
      "SELECT " + Records.VAULT_COLUMNS + " FROM secretmanager.vault v WHERE v.store_id = ?";
  private static final String SECRETS = "SELECT " + Records.SECRET_COLUMNS
      + " FROM secretmanager.secret c WHERE c.store_id = ? AND c.vault = ?";

  private final @Nullable Session session;
  private final OpaqueBytes storeId;
  private final Records records;
  private final String store;

  /**
   * A source over a transaction.
   *
   * @param session null if the transaction is over, and all that is asked for was read
   */
  RecordSource(@Nullable Session session, OpaqueBytes storeId, Records records, String store) {
    this.session = session;
    this.storeId = storeId;
    this.records = records;
    this.store = store;
  }

  Optional<Records.VaultRow> vault(String name) {
    return query(
        Session.Statement.of(VAULTS + " AND v.name = ?", storeId, name),
        rows -> rows.next() ? Optional.of(records.vault(rows, 1)) : Optional.empty());
  }

  List<Records.VaultRow> vaults() {
    return query(Session.Statement.of(VAULTS + " ORDER BY v.name", storeId), rows -> {
      List<Records.VaultRow> found = new ArrayList<>();
      while (rows.next()) {
        found.add(records.vault(rows, 1));
      }
      return found;
    });
  }

  int vaultCount() {
    return count(Session.Statement.of(
        "SELECT count(*) FROM secretmanager.vault v WHERE v.store_id = ?", storeId));
  }

  List<Records.SecretRow> secrets(String vault) {
    return secretRows(Session.Statement.of(SECRETS + " ORDER BY c.name", storeId, vault));
  }

  List<Records.SecretRow> secrets(String vault, Set<String> names) {
    NameCondition condition = new NameCondition(names);
    List<@Nullable Object> parameters = new ArrayList<>();
    parameters.add(storeId);
    parameters.add(vault);
    condition.addTo(parameters);
    return secretRows(
        new Session.Statement(SECRETS + " AND " + condition.on("c.name"), parameters, false));
  }

  /** Those whose names come after the given one, at most {@code limit}. */
  List<Records.SecretRow> secretsAfter(String vault, String after, int limit) {
    return secretRows(Session.Statement.of(
        SECRETS + " AND c.name > ? ORDER BY c.name LIMIT ?", storeId, vault, after, limit));
  }

  int secretCount(String vault) {
    return count(Session.Statement.of(
        "SELECT count(*) FROM secretmanager.secret c WHERE c.store_id = ? AND c.vault = ?",
        storeId,
        vault));
  }

  /** The ciphertext of a version, if there is one. */
  Optional<OpaqueBytes> ciphertext(OpaqueBytes secretId, long version) {
    return query(
        Session.Statement.of(
            "SELECT ciphertext FROM secretmanager.secret_version"
                + " WHERE store_id = ? AND secret_id = ? AND version = ?",
            storeId,
            secretId,
            version),
        rows -> rows.next() ? Optional.of(OpaqueBytes.adopt(rows.getBytes(1))) : Optional.empty());
  }

  private List<Records.SecretRow> secretRows(Session.Statement statement) {
    return query(statement, rows -> {
      List<Records.SecretRow> found = new ArrayList<>();
      while (rows.next()) {
        found.add(records.secret(rows, 1));
      }
      return found;
    });
  }

  private int count(Session.Statement statement) {
    return query(statement, (ResultSet rows) -> rows.next() ? rows.getInt(1) : 0);
  }

  private <T> T query(Session.Statement statement, Session.Rows<T> rows) {
    Session open = session;
    if (open == null) {
      throw new IllegalStateException("Everything that was asked for should have been read");
    }
    try {
      return open.query(statement, rows);
    } catch (SQLException e) {
      throw SqlTrouble.of(e, store);
    }
  }
}
