package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.shared.SealedContent;
import tech.tailor.secretmanager.envelope.shared.SecretRecord;
import tech.tailor.secretmanager.envelope.shared.VaultRecord;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.StoreContent.SecretId;

/** Reads the records of a store in one transaction. For one thread. */
final class RecordSource implements SealedContent.Source {

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

  /** A source over the transaction in which a head was read. */
  static RecordSource of(Session session, HeadReader.Opened opened, String store) {
    OpaqueBytes storeId = opened.head().storeId();
    return new RecordSource(
        session, storeId, new Records(storeId, opened.envelope(), store), store);
  }

  @Override
  public Optional<VaultRecord> vault(String name) {
    return query(
        Session.Statement.of(VAULTS + " AND v.name = ?", storeId, name),
        rows -> rows.next() ? Optional.of(records.vault(rows, 1)) : Optional.empty());
  }

  @Override
  public List<VaultRecord> vaults() {
    return query(Session.Statement.of(VAULTS + " ORDER BY v.name", storeId), rows -> {
      List<VaultRecord> found = new ArrayList<>();
      while (rows.next()) {
        found.add(records.vault(rows, 1));
      }
      return found;
    });
  }

  @Override
  public int vaultCount() {
    return count(Session.Statement.of(
        "SELECT count(*) FROM secretmanager.vault v WHERE v.store_id = ?", storeId));
  }

  @Override
  public List<SecretRecord> secrets(String vault) {
    return secretRows(Session.Statement.of(SECRETS + " ORDER BY c.name", storeId, vault));
  }

  @Override
  public List<SecretRecord> secrets(String vault, Set<String> names) {
    NameCondition condition = new NameCondition(names);
    List<@Nullable Object> parameters = new ArrayList<>();
    parameters.add(storeId);
    parameters.add(vault);
    condition.addTo(parameters);
    return secretRows(
        new Session.Statement(SECRETS + " AND " + condition.on("c.name"), parameters, false));
  }

  @Override
  public List<SecretRecord> secretsAfter(String vault, String after, int limit) {
    return secretRows(Session.Statement.of(
        SECRETS + " AND c.name > ? ORDER BY c.name LIMIT ?", storeId, vault, after, limit));
  }

  @Override
  public int secretCount(String vault) {
    return count(Session.Statement.of(
        "SELECT count(*) FROM secretmanager.secret c WHERE c.store_id = ? AND c.vault = ?",
        storeId,
        vault));
  }

  @Override
  public Optional<OpaqueBytes> ciphertext(String vault, SecretId secret, long version) {
    return query(
        Session.Statement.of(
            "SELECT ciphertext FROM secretmanager.secret_version"
                + " WHERE store_id = ? AND secret_id = ? AND version = ?",
            storeId,
            secret.id(),
            version),
        rows -> rows.next() ? Optional.of(OpaqueBytes.adopt(rows.getBytes(1))) : Optional.empty());
  }

  private List<SecretRecord> secretRows(Session.Statement statement) {
    return query(statement, rows -> {
      List<SecretRecord> found = new ArrayList<>();
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
