package tech.tailor.secretmanager.envelope;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * HMAC-SHA-256 with a key that is derived from a data key: the authentication code of a store's
 * records. Immutable and thread-safe.
 */
final class RecordMac {

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  private RecordMac(SecretKeySpec key) {
    this.key = key;
  }

  /**
   * Derives the key by HMAC-SHA-256, which is HKDF's expansion to one block but for the counter.
   *
   * @param raw the data key; stays the caller's to wipe
   * @param purpose what the derived key is for, and for which store
   */
  static RecordMac derive(byte[] raw, byte[] purpose) {
    byte[] derived = mac(new SecretKeySpec(raw, ALGORITHM), purpose);
    try {
      return new RecordMac(new SecretKeySpec(derived, ALGORITHM));
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }

  byte[] of(byte[] record) {
    return mac(key, record);
  }

  private static byte[] mac(SecretKeySpec key, byte[] content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute HMAC-SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }
}
