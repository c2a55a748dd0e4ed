package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The associated data of one store's ciphertexts: their purpose and their place. Every field is of
 * fixed length or preceded by its length, so that no two places give the same bytes. The layout is
 * part of the format of every store.
 *
 * @param label names the kind of store
 * @param storeId tells stores of one kind apart
 */
record AssociatedData(String label, OpaqueBytes storeId) {

  /**
   * The label of fingerprints, in stores of every kind: a master key has one fingerprint wherever
   * it is used. It is that of the file store, which was the first.
   */
  private static final String FINGERPRINT_LABEL = "tsm-file";

  private static final Pattern LABEL = Pattern.compile("[!-~]{1,32}");
  private static final byte FORMAT = 1;
  private static final byte PURPOSE_VALUE = 1;
  private static final byte PURPOSE_SEAL = 2;
  private static final byte PURPOSE_KEY = 3;
  private static final byte PURPOSE_FINGERPRINT = 5;
  private static final byte PURPOSE_KMS_FINGERPRINT = 6;
  private static final byte PURPOSE_RECORD_MAC = 7;
  private static final byte PURPOSE_RECOVERY_COPY = 8;
  private static final byte PURPOSE_RECOVERY_SECRET = 9;
  private static final byte PURPOSE_RECOVERY_FINGERPRINT = 10;
  private static final byte[] NONE = {};

  AssociatedData {
    requireNonNull(storeId, "storeId");
    if (!LABEL.matcher(requireNonNull(label, "label")).matches()) {
      throw new IllegalArgumentException(
          "The label of a kind of store must be 1 to 32 printable ASCII characters, without spaces");
    }
  }

  /** The place of a value. */
  byte[] ofValue(Envelope.Place place) {
    return encode(
        PURPOSE_VALUE,
        place.vaultId().toArray(),
        place.secretId().toArray(),
        place.version(),
        place.name().getBytes(UTF_8),
        NONE,
        0);
  }

  /** What a seal vouches for: the store, the generation, and the first bytes of the content. */
  byte[] ofSeal(long generation, byte[] content, int sizeBytes) {
    return encode(PURPOSE_SEAL, NONE, NONE, generation, NONE, content, sizeBytes);
  }

  /** The place of a data key that is wrapped by the master key. */
  byte[] ofKey(long keyId) {
    return encode(PURPOSE_KEY, NONE, NONE, keyId, NONE, NONE, 0);
  }

  /** The place of a data key's copy for the recovery key. */
  byte[] ofRecoveryCopy(long keyId) {
    return encode(PURPOSE_RECOVERY_COPY, NONE, NONE, keyId, NONE, NONE, 0);
  }

  /** The place of the secret that a store shares with its recovery key. */
  byte[] ofRecoverySecret() {
    return encode(PURPOSE_RECOVERY_SECRET, NONE, NONE, 0, NONE, NONE, 0);
  }

  /** What the key of the records' authentication codes is derived for. */
  byte[] ofRecordMac() {
    return encode(PURPOSE_RECORD_MAC, NONE, NONE, 0, NONE, NONE, 0);
  }

  /** What a master key's fingerprint is computed over: of no place, since it is the same in all. */
  static byte[] ofFingerprint() {
    return header(FINGERPRINT_LABEL, PURPOSE_FINGERPRINT);
  }

  /** What comes before the name of a KMS key in the digest that is its fingerprint. */
  static byte[] ofKmsFingerprint() {
    return header(FINGERPRINT_LABEL, PURPOSE_KMS_FINGERPRINT);
  }

  /** What comes before the public half of a recovery key in the digest that is its fingerprint. */
  static byte[] ofRecoveryFingerprint() {
    return header(FINGERPRINT_LABEL, PURPOSE_RECOVERY_FINGERPRINT);
  }

  private static byte[] header(String label, byte purpose) {
    return ByteBuffer.allocate(label.length() + 3)
        .put(label.getBytes(US_ASCII))
        .put((byte) 0)
        .put(FORMAT)
        .put(purpose)
        .array();
  }

  private byte[] encode(
      byte purpose,
      byte[] vaultId,
      byte[] secretId,
      long version,
      byte[] secretName,
      byte[] tail,
      int tailBytes) {
    byte[] header = header(label, purpose);
    byte[] store = storeId.toArray();
    int sizeBytes = header.length
        + 4 * Integer.BYTES
        + store.length
        + vaultId.length
        + secretId.length
        + Long.BYTES
        + secretName.length
        + tailBytes;
    ByteBuffer data = ByteBuffer.allocate(sizeBytes).put(header); // big-endian
    putWithLength(data, store);
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
