package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.ContentSum;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Makes a workspace: its head, its first data key, and the first line of its trail. */
final class Workspaces {

  private static final int ID_SIZE_BYTES = 16;

  private Workspaces() {}

  /** Makes the workspace where it is missing. Of several processes one makes it. */
  static void createIfMissing(Database database, PostgresSettings settings) {
    String workspace = settings.workspace();
    boolean isThere = database.query(
        database.budget(),
        session -> session.query(
            Session.Statement.of(
                "SELECT 1 FROM secretmanager.store WHERE workspace = ?", workspace),
            ResultSet::next));
    if (!isThere) {
      database.transaction(database.budget(), session -> create(session, settings));
    }
  }

  private static boolean create(Session session, PostgresSettings settings) throws SQLException {
    session.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    Instant now = session.query(
        Session.Statement.of("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"),
        row -> Instant.ofEpochMilli(row.next() ? row.getLong(1) : 0));
    OpaqueBytes storeId = OpaqueBytes.random(ID_SIZE_BYTES);
    Envelope envelope = Envelope.create(KeyRows.LABEL, storeId, settings.keys().get(0));
    long generation = 1;
    OpaqueBytes commitId = OpaqueBytes.random(ID_SIZE_BYTES);
    Change.Commit commit =
        new Change.Commit(storeId, generation, commitId, 1, settings.actor(), now);
    Change.Trail trail =
        Change.append(TrailDigest.START, commit, List.of(Change.ofStore(Change.CREATE)), envelope);
    Head unsealed = new Head(
        storeId,
        settings.workspace(),
        generation,
        commitId,
        0,
        envelope.sealingKey(),
        KeyRows.digest(envelope.wrappedKeys()),
        ContentSum.ZERO.encrypt(envelope, storeId, generation),
        trail.digest(),
        commitId);
    Head head = unsealed.withSeal(Seals.seal(envelope, unsealed.text()));
    if (!session.update(List.of(Session.Statement.of(
        "INSERT INTO secretmanager.store (store_id, workspace, generation, commit_id, epoch,"
            + " key_id, keys_digest, content_sum, trail, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (workspace) DO NOTHING",
        storeId,
        head.workspace(),
        head.generation(),
        head.commitId(),
        head.epoch(),
        head.key(),
        head.keysDigest(),
        head.sum(),
        head.trail(),
        head.seal())))) {
      session.rollback(); // another process was faster
      return false;
    }
    List<Session.Statement> statements = new ArrayList<>(KeyRows.replacing(storeId, envelope));
    statements.addAll(trail.statements());
    session.update(statements);
    session.commit();
    return true;
  }
}
