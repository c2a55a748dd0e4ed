package tech.tailor.secretmanager.postgresql;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** SHA-256, and a comparison in constant time. */
final class Digests {

  private Digests() {}

  static OpaqueBytes sha256(OpaqueBytes content) {
    return sha256(content.toArray());
  }

  static OpaqueBytes sha256(byte[] content) {
    try {
      return OpaqueBytes.adopt(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }

  static boolean equal(OpaqueBytes left, OpaqueBytes right) {
    return MessageDigest.isEqual(left.toArray(), right.toArray());
  }
}
