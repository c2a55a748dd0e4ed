package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * Bytes that are no secret: an id, a ciphertext, a seal. Never a plaintext and never a key, since
 * nothing in here is wiped. Immutable and thread-safe; equal if the bytes are.
 */
public final class OpaqueBytes {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] bytes;

  private OpaqueBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The given bytes; the array stays the caller's. */
  public static OpaqueBytes copyOf(byte[] bytes) {
    return new OpaqueBytes(requireNonNull(bytes, "bytes").clone());
  }

  /** The given bytes, without a copy: the caller must not change the array any more. */
  public static OpaqueBytes adopt(byte[] bytes) {
    return new OpaqueBytes(requireNonNull(bytes, "bytes"));
  }

  /** As many bytes from a {@link SecureRandom}. */
  public static OpaqueBytes random(int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    RANDOM.nextBytes(bytes);
    return new OpaqueBytes(bytes);
  }

  /** How many bytes there are. */
  public int sizeBytes() {
    return bytes.length;
  }

  /** The byte at an index, from 0. */
  public byte at(int index) {
    return bytes[index];
  }

  /** A copy of the bytes. */
  public byte[] toArray() {
    return bytes.clone();
  }

  /**
   * The SHA-256 of the bytes.
   *
   * @throws SecretStorageException if this JVM can't compute it
   */
  public OpaqueBytes sha256() {
    try {
      return new OpaqueBytes(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) { // every JVM has it
      throw new SecretStorageException(
          "This JVM can't compute SHA-256; check its security providers", e);
    }
  }

  /** The bytes as hex digits, in lower case. */
  public String toHex() {
    return HexFormat.of().formatHex(bytes);
  }

  /** The bytes as base64, padded. */
  public String toBase64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpaqueBytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns how many bytes there are. */
  @Override
  public String toString() {
    return "OpaqueBytes[" + bytes.length + " bytes]";
  }
}
