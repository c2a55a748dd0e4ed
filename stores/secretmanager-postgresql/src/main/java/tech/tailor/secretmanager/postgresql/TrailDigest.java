package tech.tailor.secretmanager.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The digest of the trail, commit by commit: each one is over the digest of before and the sealed
 * changes. The head holds it, so no change can be taken out of the trail, and changes stay
 * verifiable when the data key of their own seals is gone. For one thread.
 */
final class TrailDigest {

  /** The digest of a trail without commits. */
  static final OpaqueBytes START = OpaqueBytes.adopt("trail".getBytes(UTF_8)).sha256();

  private OpaqueBytes digest;
  private final ByteArrayOutputStream commit = new ByteArrayOutputStream();

  TrailDigest(OpaqueBytes digest) {
    this.digest = digest;
  }

  /** Adds a change of the commit. */
  void add(byte[] text, OpaqueBytes seal) {
    commit.writeBytes(Integer.toString(text.length).getBytes(UTF_8));
    commit.write('\n');
    commit.writeBytes(text);
    commit.writeBytes(seal.toHex().getBytes(UTF_8));
    commit.write('\n');
  }

  /** Ends the commit, and returns the digest with it. */
  OpaqueBytes afterCommit() {
    if (commit.size() > 0) {
      byte[] changes = commit.toByteArray();
      byte[] all = new byte[digest.sizeBytes() + changes.length];
      System.arraycopy(digest.toArray(), 0, all, 0, digest.sizeBytes());
      System.arraycopy(changes, 0, all, digest.sizeBytes(), changes.length);
      digest = OpaqueBytes.adopt(all).sha256();
      commit.reset();
    }
    return digest;
  }
}
