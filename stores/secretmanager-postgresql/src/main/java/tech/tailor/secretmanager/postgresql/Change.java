package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * One change of a commit.
 *
 * @param vault the vault it concerns; null if it concerns the store
 * @param name the secret it concerns; null if it concerns the vault or the store
 * @param what one of the constants of this class
 * @param version the version it concerns, or 0
 */
record Change(@Nullable String vault, @Nullable String name, String what, long version) {

  static final String CREATE = "create";
  static final String UPDATE = "update";
  static final String DELETE = "delete";
  static final String DISABLE = "disable";
  static final String ENABLE = "enable";
  static final String DESTROY = "destroy";
  static final String LABELS = "labels";
  static final String DESCRIPTION = "description";
  static final String MASTER_KEY = "master-key";
  static final String DATA_KEY = "data-key";
  static final String REENCRYPT = "reencrypt";
  static final String ACCEPT_REWIND = "accept-rewind";

  static Change ofStore(String what) {
    return new Change(null, null, what, 0);
  }

  /** The commit that made a change. */
  record Commit(
      OpaqueBytes storeId, long generation, OpaqueBytes id, int size, String actor, Instant at) {}

  /** What the seal of the change is over. */
  byte[] text(Commit commit, int seq) {
    return String.join(
            "\n",
            "change",
            commit.storeId.toHex(),
            Long.toString(commit.generation),
            Integer.toString(seq),
            Integer.toString(commit.size),
            commit.id.toHex(),
            vault == null ? "" : vault,
            name == null ? "" : name,
            what,
            Long.toString(version),
            commit.actor,
            Long.toString(commit.at.toEpochMilli()))
        .getBytes(UTF_8);
  }

  /** The trail with a commit: its statements, and the digest of the trail with it. */
  record Trail(List<Session.Statement> statements, OpaqueBytes digest) {}

  /** Seals the changes of a commit, and adds them to the trail. */
  static Trail append(OpaqueBytes trail, Commit commit, List<Change> changes, Envelope envelope) {
    List<Session.Statement> statements = new ArrayList<>();
    TrailDigest digest = new TrailDigest(trail);
    for (Change change : changes) {
      int seq = statements.size();
      byte[] text = change.text(commit, seq);
      OpaqueBytes seal = Seals.seal(envelope, text);
      digest.add(text, seal);
      statements.add(change.insert(commit, seq, envelope.sealingKey(), seal));
    }
    return new Trail(statements, digest.afterCommit());
  }

  private Session.Statement insert(Commit commit, int seq, long key, OpaqueBytes seal) {
    return Session.Statement.of(
        "INSERT INTO secretmanager.change (store_id, generation, seq, commit_id, size, vault,"
            + " name, what, version, actor, at, key_id, seal)"
            + " VALUES (?, ?, ?, ?, ?, ?::text, ?::text, ?, ?, ?, ?, ?, ?)",
        commit.storeId,
        commit.generation,
        seq,
        commit.id,
        commit.size,
        vault,
        name,
        what,
        version,
        commit.actor,
        OffsetDateTime.ofInstant(commit.at, ZoneOffset.UTC),
        key,
        seal);
  }
}
