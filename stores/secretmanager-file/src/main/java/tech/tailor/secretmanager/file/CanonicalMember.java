package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.stream.IntStream;

/**
 * The name of a member of the format, with the bytes that come before its value at each depth: the
 * line's beginning, the name in quotes, a colon, a space.
 */
enum CanonicalMember {
  FORMAT("format"),
  STORE_ID("storeId"),
  GENERATION("generation"),
  RECOVERY_KEY("recoveryKey"),
  RECOVERY_SECRET("recoverySecret"),
  KEYS("keys"),
  KDF("kdf"),
  ITERATIONS("iterations"),
  SALT("salt"),
  KMS("kms"),
  MASTER_KEY("masterKey"),
  WRAPPED("wrapped"),
  RECOVERY("recovery"),
  VAULTS("vaults"),
  NAME("name"),
  ID("id"),
  CREATE_TIME("createTime"),
  UPDATE_TIME("updateTime"),
  DESCRIPTION("description"),
  LABELS("labels"),
  SECRETS("secrets"),
  VERSIONS("versions"),
  VERSION("version"),
  STATE("state"),
  KEY("key"),
  CIPHERTEXT("ciphertext"),
  SEAL("seal");

  /** How deep a document is at most, and some more. */
  private static final int DEPTHS = 12;

  /** A line's beginning, by depth. */
  private static final byte[][] LINES = IntStream.range(0, DEPTHS)
      .mapToObj(depth -> ("\n" + "  ".repeat(depth)).getBytes(US_ASCII))
      .toArray(byte[][]::new);

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // nobody changes the arrays, which are of this package
  private final byte[][] byDepth;

  CanonicalMember(String text) {
    this.text = text;
    this.byDepth = IntStream.range(0, DEPTHS)
        .mapToObj(depth -> ("\n" + "  ".repeat(depth) + '"' + text + "\": ").getBytes(US_ASCII))
        .toArray(byte[][]::new);
  }

  /** No copy; nobody changes it. */
  static byte[] line(int depth) {
    return LINES[depth];
  }

  /** No copy; nobody changes it. */
  byte[] at(int depth) {
    return byDepth[depth];
  }

  @Override
  public String toString() {
    return text;
  }
}
