package tech.tailor.secretmanager.envelope.shared;

import java.security.MessageDigest;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** The seals of records and of the head: authentication codes over a text. */
public final class Seals {

  private Seals() {}

  /** The seal of a text, with the newest data key. */
  public static OpaqueBytes seal(Envelope envelope, byte[] text) {
    long key = envelope.sealingKey();
    return envelope
        .macOf(key, text)
        .orElseThrow(() -> new SecretStorageException("There is no data key " + key));
  }

  /** Whether a seal was made over a text with a data key of the store. */
  public static boolean verifies(Envelope envelope, long key, byte[] text, OpaqueBytes seal) {
    return envelope
        .macOf(key, text)
        .filter(made -> MessageDigest.isEqual(made.toArray(), seal.toArray()))
        .isPresent();
  }
}
