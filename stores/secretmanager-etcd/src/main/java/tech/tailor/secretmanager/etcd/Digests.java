package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** SHA-256. */
final class Digests {

  private Digests() {}

  static OpaqueBytes sha256(byte[] content) {
    try {
      return OpaqueBytes.adopt(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }

  /** In hex, of a text in UTF-8. */
  static String ofText(String text) {
    return sha256(text.getBytes(UTF_8)).toHex();
  }
}
