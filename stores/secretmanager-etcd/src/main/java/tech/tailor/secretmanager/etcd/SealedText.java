package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Seals;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A text with its seal, as it stands in etcd: a last line with the id of a data key and an
 * authentication code over the text and the key where it stands. Part of the format.
 *
 * @param text without the seal
 * @param key the id of the data key of the seal
 * @param seal the authentication code
 */
record SealedText(String text, long key, OpaqueBytes seal) {

  private static final String NAME = "seal";

  /** The text with its seal. */
  String whole() {
    return text + NAME + " " + key + " " + seal.toHex() + "\n";
  }

  /** Seals a text for its place, with the newest data key. */
  static SealedText seal(Envelope envelope, String place, String text) {
    return new SealedText(text, envelope.sealingKey(), Seals.seal(envelope, sealed(place, text)));
  }

  /**
   * The text of what stands in etcd, whose seal is yet to be {@linkplain #isGenuine verified}.
   *
   * @throws IllegalArgumentException if it is of another form
   */
  static SealedText of(byte[] content) {
    String whole = Lines.decode(content);
    int from = whole.lastIndexOf(NAME + " ");
    if (from < 0) {
      throw new IllegalArgumentException("There is no seal");
    }
    Lines.Reader last = new Lines.Reader(whole.substring(from));
    String[] seal = last.next(NAME).split(" ", -1);
    last.end();
    if (seal.length != 2) {
      throw new IllegalArgumentException("A seal has 2 words, got " + seal.length);
    }
    SealedText found = new SealedText(
        whole.substring(0, from),
        Long.parseLong(seal[0]),
        OpaqueBytes.adopt(HexFormat.of().parseHex(seal[1])));
    if (!found.whole().equals(whole)) {
      throw new IllegalArgumentException("The seal is of another form");
    }
    return found;
  }

  /** Whether it was sealed for this place, with a data key of the store. */
  boolean isGenuine(Envelope envelope, String place) {
    return Seals.verifies(envelope, key, sealed(place, text), seal);
  }

  private static byte[] sealed(String place, String text) {
    return (place + "\n" + text).getBytes(UTF_8);
  }
}
