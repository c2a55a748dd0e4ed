package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Reads and verifies the head of one workspace. Thread-safe. */
final class HeadReader {

  /** The head, and the commit at the generation of the newest one that was seen. */
  static final String COLUMNS = Head.COLUMNS
      + ", (SELECT h.commit_id FROM secretmanager.change h WHERE h.store_id = s.store_id"
      + " AND h.generation = ? AND h.seq = 0)";

  static final int COLUMN_COUNT = Head.COLUMN_COUNT + 1;
  static final String FROM = " FROM secretmanager.store s";
  static final String WHERE = " WHERE s.workspace = ?";

  private final String workspace;
  private final Keyring keyring;
  private final RewindGuard<Head> guard;
  private final String store;

  HeadReader(String workspace, Keyring keyring, RewindGuard<Head> guard, String store) {
    this.workspace = workspace;
    this.keyring = keyring;
    this.guard = guard;
    this.store = store;
  }

  /**
   * A head with its opened keys.
   *
   * @param there the commit at the generation of the newest one that was seen, if there is one
   */
  record Opened(Head head, Envelope envelope, @Nullable OpaqueBytes there) {}

  String workspace() {
    return workspace;
  }

  /** Which generation the commit is asked for that {@link #requireNotRewound} compares. */
  static long asked(@Nullable Head before) {
    return before == null ? 0 : before.generation();
  }

  /** The commit at that generation, in a row of {@link #COLUMNS}. */
  static @Nullable OpaqueBytes there(ResultSet row) throws SQLException {
    byte[] found = row.getBytes(COLUMN_COUNT);
    return found == null ? null : OpaqueBytes.adopt(found);
  }

  /** A head as it was read. */
  record Found(Head head, @Nullable OpaqueBytes there) {}

  /** Reads the head in a transaction that is one snapshot, and verifies its seal alone. */
  Opened read(Session session, @Nullable Head before) throws SQLException {
    Found found = session.query(
        Session.Statement.of("SELECT " + COLUMNS + FROM + WHERE, asked(before), workspace), row -> {
          if (!row.next()) {
            throw missing();
          }
          return new Found(Head.of(row), there(row));
        });
    return open(session, found.head, found.there);
  }

  /** Reads the head, and refuses one of a store that was rewound. */
  Opened require(Session session, @Nullable Head before) throws SQLException {
    Opened opened = read(session, before);
    requireNotRewound(before, opened.head, opened.there);
    return opened;
  }

  /**
   * Refuses a head of a store that was rewound.
   *
   * @param before the newest commit that was seen when the query was sent
   * @param there the commit that stands at its generation now
   */
  void requireNotRewound(@Nullable Head before, Head head, @Nullable OpaqueBytes there) {
    guard.require(before, head, seen -> Objects.equals(seen.commitId(), there));
  }

  /** Opens the keys of a head that was read in the same snapshot. */
  Opened open(Session session, Head head, @Nullable OpaqueBytes there) throws SQLException {
    Envelope envelope = known(head);
    if (envelope == null) {
      envelope = openKeys(session, head, null);
    }
    if (!isSealed(head, envelope)) {
      envelope = openKeys(session, head, envelope);
    }
    requireSeal(head, envelope);
    return new Opened(head, envelope, there);
  }

  private Envelope openKeys(Session session, Head head, @Nullable Envelope notOf)
      throws SQLException {
    return keyring.open(
        head.storeId(), head.keysDigest(), KeyRows.read(session, head, store), notOf);
  }

  /** The keys of a head, if they are open already; null otherwise. */
  @Nullable
  Envelope known(Head head) {
    return keyring.known(head.storeId(), head.keysDigest());
  }

  void requireSeal(Head head, Envelope envelope) {
    if (!isSealed(head, envelope)) {
      throw Damage.of(store, "head");
    }
  }

  private static boolean isSealed(Head head, Envelope envelope) {
    return Seals.verifies(envelope, head.key(), head.text(), head.seal());
  }

  SecretStorageException missing() {
    return new SecretStorageException("There is no " + store + " in this database that the role of"
        + " the connection may see; create it with createIfMissing() on the builder, or make the"
        + " role a member of it");
  }
}
