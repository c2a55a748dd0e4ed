package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Damage;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.StoreChange;

/** Reads the trail of changes. */
final class Trail {

  static final String COLUMNS = "h.generation, h.seq, h.commit_id, h.size, h.vault, h.name, h.what,"
      + " h.version, h.actor, h.at, h.key_id, h.seal";

  private static final String LATEST = "SELECT " + COLUMNS + " FROM secretmanager.change h"
      + " WHERE h.store_id = ? AND h.generation < ? ORDER BY h.generation DESC, h.seq DESC LIMIT ?";

  /** The first two changes of the data keys under a key, after a generation. */
  private static final String CHANGES_OF_KEYS = "SELECT " + COLUMNS
      + " FROM secretmanager.change h WHERE h.store_id = ? AND h.generation > ? AND h.key_id = ?"
      + " AND h.what = '" + Change.DATA_KEY + "' ORDER BY h.generation LIMIT 2";

  private Trail() {}

  /**
   * A change as it was read.
   *
   * @param seq its place in the commit, from 0
   * @param key the id of the data key of the seal
   */
  record Entry(Change change, Change.Commit commit, int seq, long key, OpaqueBytes seal) {

    byte[] text() {
      return change.text(commit, seq);
    }

    private boolean isSealed(Envelope envelope) {
      return Seals.verifies(envelope, key, text(), seal);
    }

    StoreChange toStoreChange() {
      return StoreChange.of(
          commit.generation(),
          commit.at(),
          commit.actor(),
          change.what(),
          change.vault(),
          change.name(),
          change.version());
    }
  }

  static Entry entry(OpaqueBytes storeId, ResultSet row) throws SQLException {
    Instant at = row.getObject(10, OffsetDateTime.class).toInstant();
    return new Entry(
        new Change(row.getString(5), row.getString(6), row.getString(7), row.getLong(8)),
        new Change.Commit(
            storeId,
            row.getLong(1),
            OpaqueBytes.adopt(row.getBytes(3)),
            row.getInt(4),
            row.getString(9),
            at),
        row.getInt(2),
        row.getLong(11),
        OpaqueBytes.adopt(row.getBytes(12)));
  }

  /** The newest changes before a generation, the newest first; each is held against its seal. */
  static List<StoreChange> latest(
      Session session, HeadReader.Opened opened, long before, int limit, String store)
      throws SQLException {
    OpaqueBytes storeId = opened.head().storeId();
    List<Entry> entries =
        read(session, storeId, Session.Statement.of(LATEST, storeId, before, limit));
    requireWhole(entries, opened, before, store);
    long oldestKey = oldestKey(opened);
    for (Entry entry : entries) {
      if (entry.key < oldestKey) { // the newest of them: the others are older
        requireOlderThanTheOldestKey(session, opened, entry, store);
        break;
      }
    }
    return entries.stream().map(Entry::toStoreChange).toList();
  }

  private static List<Entry> read(Session session, OpaqueBytes storeId, Session.Statement select)
      throws SQLException {
    return session.query(select, rows -> {
      List<Entry> found = new ArrayList<>();
      while (rows.next()) {
        found.add(entry(storeId, rows));
      }
      return found;
    });
  }

  private static long oldestKey(HeadReader.Opened opened) {
    return opened.envelope().wrappedKeys().get(0).id();
  }

  /**
   * Refuses a change that claims a data key which was dropped, unless it is older than the oldest
   * key that there is. Two commits show that, both under that key: the one that added it, and after
   * that the one that dropped the key before it.
   */
  private static void requireOlderThanTheOldestKey(
      Session session, HeadReader.Opened opened, Entry entry, String store) throws SQLException {
    OpaqueBytes storeId = opened.head().storeId();
    List<Entry> newer = read(
        session,
        storeId,
        Session.Statement.of(
            CHANGES_OF_KEYS, storeId, entry.commit.generation(), oldestKey(opened)));
    if (newer.size() < 2 || !newer.stream().allMatch(each -> each.isSealed(opened.envelope()))) {
      throw damaged(store, entry);
    }
  }

  private static SecretIntegrityException damaged(String store, Entry entry) {
    return Damage.of(store, "trail at generation " + entry.commit.generation());
  }

  private static void requireWhole(
      List<Entry> entries, HeadReader.Opened opened, long before, String store) {
    Entry newer = null;
    for (Entry entry : entries) {
      long newestKey = newer == null ? opened.head().key() : newer.key;
      long leastKey = entry.commit.generation() == opened.head().generation()
          ? opened.head().key()
          : 1;
      boolean isDropped = entry.key < oldestKey(opened);
      if (entry.key > newestKey
          || entry.key < leastKey
          || (!isDropped && !entry.isSealed(opened.envelope()))) {
        throw damaged(store, entry);
      }
      boolean isLast = entry.seq == entry.commit.size() - 1;
      boolean follows = newer == null
          ? isLast
              && (before <= opened.head().generation()
                  || entry.commit.generation() == opened.head().generation())
          : newer.seq > 0
              ? entry.commit.id().equals(newer.commit.id()) && entry.seq == newer.seq - 1
              : isLast && isBefore(entry, newer);
      if (!follows) {
        throw Damage.of(
            store,
            "trail, of which changes at generation " + entry.commit.generation()
                + " or after it are missing, and which");
      }
      newer = entry;
    }
  }

  /** Generations have no gaps, but where a rewind was accepted. */
  static boolean isBefore(Entry older, Entry newer) {
    return older.commit.generation() == newer.commit.generation() - 1
        || (newer.change.what().equals(Change.ACCEPT_REWIND)
            && older.commit.generation() < newer.commit.generation());
  }
}
