package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.ResultSet;
import java.sql.SQLException;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The head row of a workspace: what its last commit left.
 *
 * @param storeId drawn when the workspace was created
 * @param workspace its name
 * @param generation counts the commits from 1, without gaps
 * @param commitId drawn for each commit
 * @param epoch counts the rewinds that were accepted
 * @param key the id of the data key that seals this row
 * @param keysDigest over the data keys as they are kept
 * @param sum over all records, encrypted
 * @param trail a digest over the trail of changes up to this commit
 * @param seal over all of these
 */
record Head(
    OpaqueBytes storeId,
    String workspace,
    long generation,
    OpaqueBytes commitId,
    long epoch,
    long key,
    OpaqueBytes keysDigest,
    OpaqueBytes sum,
    OpaqueBytes trail,
    OpaqueBytes seal)
    implements RewindGuard.Commit {

  static final String COLUMNS = "s.store_id, s.workspace, s.generation, s.commit_id, s.epoch,"
      + " s.key_id, s.keys_digest, s.content_sum, s.trail, s.seal";
  static final int COLUMN_COUNT = 10;

  /** The head at the beginning of a row. */
  static Head of(ResultSet row) throws SQLException {
    return new Head(
        OpaqueBytes.adopt(row.getBytes(1)),
        row.getString(2),
        row.getLong(3),
        OpaqueBytes.adopt(row.getBytes(4)),
        row.getLong(5),
        row.getLong(6),
        OpaqueBytes.adopt(row.getBytes(7)),
        OpaqueBytes.adopt(row.getBytes(8)),
        OpaqueBytes.adopt(row.getBytes(9)),
        OpaqueBytes.adopt(row.getBytes(10)));
  }

  /** What the seal is over. */
  byte[] text() {
    return String.join(
            "\n",
            "head",
            storeId.toHex(),
            workspace,
            Long.toString(generation),
            commitId.toHex(),
            Long.toString(epoch),
            Long.toString(key),
            keysDigest.toHex(),
            sum.toHex(),
            trail.toHex())
        .getBytes(UTF_8);
  }

  /** Whether another head of the same store is under the same data keys. */
  boolean isOfSameKeys(Head other) {
    return storeId.equals(other.storeId) && keysDigest.equals(other.keysDigest);
  }

  Head withSeal(OpaqueBytes made) {
    return new Head(
        storeId, workspace, generation, commitId, epoch, key, keysDigest, sum, trail, made);
  }

  @Override
  public String mark() {
    return generation + "-" + commitId.toHex();
  }

  /** SHA-256 over the sealed row, in hex. */
  @Override
  public String digest() {
    return OpaqueBytes.adopt((new String(text(), UTF_8) + "\n" + seal.toHex()).getBytes(UTF_8))
        .sha256()
        .toHex();
  }
}
