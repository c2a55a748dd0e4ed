package tech.tailor.secretmanager.client.file;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Bytes that are no secret: an id, a ciphertext, a seal. Immutable and thread-safe. Never a
 * plaintext and never a key, since nothing in here is wiped.
 */
final class OpaqueBytes {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] bytes;

  private OpaqueBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  static OpaqueBytes copyOf(byte[] bytes) {
    return new OpaqueBytes(bytes.clone());
  }

  /** No copy: nobody else keeps the array. */
  static OpaqueBytes adopt(byte[] bytes) {
    return new OpaqueBytes(bytes);
  }

  static OpaqueBytes random(int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    RANDOM.nextBytes(bytes);
    return new OpaqueBytes(bytes);
  }

  int sizeBytes() {
    return bytes.length;
  }

  byte at(int index) {
    return bytes[index];
  }

  byte[] toArray() {
    return bytes.clone();
  }

  String toHex() {
    return HexFormat.of().formatHex(bytes);
  }

  String toBase64() {
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

  @Override
  public String toString() {
    return "OpaqueBytes[" + bytes.length + " bytes]";
  }
}
