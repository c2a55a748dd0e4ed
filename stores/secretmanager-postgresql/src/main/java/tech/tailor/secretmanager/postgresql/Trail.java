package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
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

    /** Whether the seal is good, or can't be verified any more, since its data key was dropped. */
    private boolean isGood(Envelope envelope) {
      return key < envelope.wrappedKeys().get(0).id()
          || Seals.verifies(envelope, key, text(), seal);
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
        session.query(Session.Statement.of(LATEST, storeId, before, limit), rows -> {
          List<Entry> found = new ArrayList<>();
          while (rows.next()) {
            found.add(entry(storeId, rows));
          }
          return found;
        });
    requireWhole(entries, opened, before, store);
    return entries.stream().map(Entry::toStoreChange).toList();
  }

  private static void requireWhole(
      List<Entry> entries, HeadReader.Opened opened, long before, String store) {
    Entry newer = null;
    for (Entry entry : entries) {
      long newestKey = newer == null ? opened.head().key() : newer.key;
      if (entry.key > newestKey || !entry.isGood(opened.envelope())) {
        throw Damage.of(store, "trail at generation " + entry.commit.generation());
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
