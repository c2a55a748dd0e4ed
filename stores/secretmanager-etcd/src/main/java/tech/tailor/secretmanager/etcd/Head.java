package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The head of a store: what its last commit left.
 *
 * @param storeId drawn when the store was created
 * @param generation counts the commits from 1
 * @param commitId drawn for each commit
 * @param epoch counts the rewinds that were accepted
 * @param key the id of the data key that seals it and encrypts the sum
 * @param keysDigest SHA-256 of the wrapped data keys as they stand in etcd, in hex
 * @param sum over all records, encrypted
 * @param log SHA-256 of the log entry of the last commit, in hex
 */
record Head(
    OpaqueBytes storeId,
    long generation,
    OpaqueBytes commitId,
    long epoch,
    long key,
    String keysDigest,
    OpaqueBytes sum,
    String log)
    implements RewindGuard.Commit {

  private static final String FORMAT = "1";
  private static final Pattern NEWER_FORMAT = Pattern.compile("store ([2-9]|[1-9][0-9]+)\n");

  String text() {
    return new Lines.Writer()
        .add("store", FORMAT)
        .add("id", storeId.toHex())
        .add("generation", generation)
        .add("commit", commitId.toHex())
        .add("epoch", epoch)
        .add("keys", keysDigest)
        .add("sum", sum.toHex())
        .add("log", log)
        .toString();
  }

  /**
   * The head of a text.
   *
   * @param key the id of the data key of its seal
   * @throws IllegalArgumentException if it is of another form
   */
  static Head of(String text, long key) {
    Lines.Reader in = new Lines.Reader(text);
    String format = in.next("store");
    if (!format.equals(FORMAT)) {
      throw new IllegalArgumentException("The store is of the format " + format);
    }
    OpaqueBytes storeId = bytes(in.next("id"));
    long generation = in.nextNumber("generation");
    OpaqueBytes commitId = bytes(in.next("commit"));
    long epoch = in.nextNumber("epoch");
    String keysDigest = in.next("keys");
    OpaqueBytes sum = bytes(in.next("sum"));
    String log = in.next("log");
    return new Head(storeId, generation, commitId, epoch, key, keysDigest, sum, log);
  }

  /** Whether a content that can't be read begins as the head of a later format would. */
  static boolean isOfNewerFormat(byte[] content) {
    return NEWER_FORMAT.matcher(new String(content, UTF_8)).lookingAt();
  }

  private static OpaqueBytes bytes(String hex) {
    return OpaqueBytes.adopt(HexFormat.of().parseHex(hex));
  }

  @Override
  public String mark() {
    return generation + "-" + commitId.toHex();
  }

  /** SHA-256 of the text, in hex. */
  @Override
  public String digest() {
    return LogEntry.digest(text());
  }
}
