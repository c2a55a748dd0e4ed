package tech.tailor.secretmanager.client.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What a ciphertext is bound to: its purpose and its place. Every field is of fixed length or
 * preceded by its length, so that no two places give the same bytes. The layout is part of the
 * format.
 */
final class AssociatedData {

  private static final byte[] LABEL = "tsm-file\0".getBytes(US_ASCII);
  private static final byte FORMAT = 1;
  private static final byte PURPOSE_VALUE = 1;
  private static final byte PURPOSE_SEAL = 2;
  private static final byte PURPOSE_KEY = 3;
  private static final byte PURPOSE_FINGERPRINT = 5;
  private static final byte PURPOSE_KMS_FINGERPRINT = 6;
  private static final byte[] NONE = {};

  private AssociatedData() {}

  /** The place of a value: this version of this secret of this vault of this store. */
  static byte[] ofValue(
      OpaqueBytes storeId,
      OpaqueBytes vaultId,
      OpaqueBytes secretId,
      long version,
      String secretName) {
    return encode(
        PURPOSE_VALUE,
        storeId.toArray(),
        vaultId.toArray(),
        secretId.toArray(),
        version,
        secretName.getBytes(UTF_8),
        NONE,
        0);
  }

  /**
   * What a seal vouches for: the store, the generation, and all bytes of the document before it, of
   * which the file has so many.
   */
  static byte[] ofSeal(OpaqueBytes storeId, long generation, byte[] file, int bodyBytes) {
    return encode(PURPOSE_SEAL, storeId.toArray(), NONE, NONE, generation, NONE, file, bodyBytes);
  }

  /** The place of a data key that is wrapped by the master key. */
  static byte[] ofKey(OpaqueBytes storeId, long keyId) {
    return encode(PURPOSE_KEY, storeId.toArray(), NONE, NONE, keyId, NONE, NONE, 0);
  }

  /** What a master key's fingerprint is computed over: of no place, since it is the same in all. */
  static byte[] ofFingerprint() {
    return header(PURPOSE_FINGERPRINT);
  }

  /** What comes before the name of a KMS key in the digest that is its fingerprint. */
  static byte[] ofKmsFingerprint() {
    return header(PURPOSE_KMS_FINGERPRINT);
  }

  private static byte[] header(byte purpose) {
    return ByteBuffer.allocate(LABEL.length + 2)
        .put(LABEL)
        .put(FORMAT)
        .put(purpose)
        .array();
  }

  private static byte[] encode(
      byte purpose,
      byte[] storeId,
      byte[] vaultId,
      byte[] secretId,
      long version,
      byte[] secretName,
      byte[] tail,
      int tailBytes) {
    int sizeBytes = LABEL.length
        + 2
        + 4 * Integer.BYTES
        + storeId.length
        + vaultId.length
        + secretId.length
        + Long.BYTES
        + secretName.length
        + tailBytes;
    ByteBuffer data = ByteBuffer.allocate(sizeBytes); // big-endian
    data.put(LABEL).put(FORMAT).put(purpose);
    putWithLength(data, storeId);
    putWithLength(data, vaultId);
    putWithLength(data, secretId);
    data.putLong(version);
    putWithLength(data, secretName);
    return data.put(tail, 0, tailBytes).array();
  }

  private static void putWithLength(ByteBuffer data, byte[] field) {
    data.putInt(field.length).put(field);
  }
}
