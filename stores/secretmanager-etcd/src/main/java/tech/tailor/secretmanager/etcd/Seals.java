package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The seals of the texts in etcd: a last line with the id of a data key and an authentication code
 * over the text and the key where it stands.
 */
final class Seals {

  private static final String NAME = "seal";

  private Seals() {}

  /**
   * A text whose seal was verified.
   *
   * @param text without the seal
   * @param key the id of the data key of the seal
   * @param code the authentication code
   */
  record Sealed(String text, long key, OpaqueBytes code) {

    /** The text with its seal, as it stands in etcd. */
    String whole() {
      return text + NAME + " " + key + " " + code.toHex() + "\n";
    }
  }

  /** Seals a text for its place, with the newest data key. */
  static Sealed seal(Envelope envelope, String place, String text) {
    long key = envelope.sealingKey();
    return new Sealed(text, key, code(envelope, key, place + "\n" + text));
  }

  /** The text that stands at a place; null if it was not sealed for this place. */
  static @Nullable Sealed open(Envelope envelope, String place, byte[] content) {
    try {
      String whole = Lines.decode(content);
      int from = whole.lastIndexOf(NAME + " ");
      if (from < 0) {
        return null;
      }
      Lines.Reader last = new Lines.Reader(whole.substring(from));
      String[] seal = last.next(NAME).split(" ", -1);
      last.end();
      long key = Long.parseLong(seal[0]);
      byte[] code = seal.length == 2 ? HexFormat.of().parseHex(seal[1]) : new byte[0];
      String text = whole.substring(0, from);
      byte[] sealed = (place + "\n" + text).getBytes(UTF_8);
      Sealed found = new Sealed(text, key, OpaqueBytes.adopt(code));
      boolean isGenuine = envelope
          .macOf(key, sealed)
          .filter(made -> MessageDigest.isEqual(made.toArray(), code))
          .isPresent();
      return isGenuine && found.whole().equals(whole) ? found : null;
    } catch (IllegalArgumentException e) { // not of this form
      return null;
    }
  }

  /** An authentication code over a text, in UTF-8. */
  static OpaqueBytes code(Envelope envelope, long key, String text) {
    return envelope
        .macOf(key, text.getBytes(UTF_8))
        .orElseThrow(() -> new SecretStorageException("There is no data key " + key));
  }

  static SecretIntegrityException damaged(String store, String what) {
    return new SecretIntegrityException("The " + store + " was damaged or edited: its " + what
        + " was not written by this library with the store's key for the place where it stands."
        + " Find out who writes to etcd, and restore it from a backup");
  }
}
