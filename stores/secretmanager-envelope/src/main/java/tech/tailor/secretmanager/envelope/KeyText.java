package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import tech.tailor.secretmanager.SecretIntegrityException;

/**
 * A master key as text, wherever the text is: one line, {@value #LABEL} and the base64 of 32 bytes.
 * Every array that held the key in between is wiped.
 */
final class KeyText {

  static final String LABEL = "tailor-secretmanager-key-1 ";

  private static final int BASE64_SIZE_BYTES = 44;

  /** With the line feed at its end. */
  static final int SIZE_BYTES = LABEL.length() + BASE64_SIZE_BYTES + 1;

  private static final SecureRandom RANDOM = new SecureRandom();

  private KeyText() {}

  /** A new key, with a line feed at its end. */
  static byte[] newLine() {
    byte[] raw = new byte[XaesGcm.KEY_SIZE_BYTES];
    byte[] text = {};
    try {
      RANDOM.nextBytes(raw);
      text = Base64.getEncoder().encode(raw);
      byte[] line = Arrays.copyOf(LABEL.getBytes(US_ASCII), SIZE_BYTES);
      System.arraycopy(text, 0, line, LABEL.length(), text.length);
      line[SIZE_BYTES - 1] = '\n';
      return line;
    } finally {
      Arrays.fill(raw, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }

  /**
   * The key of exactly what {@link #newLine} makes, of which there is one for each key. The line
   * stays the caller's to wipe.
   *
   * @param where for the message, such as {@code file "master.key"}
   */
  static byte[] parse(byte[] line, String where) {
    byte[] label = LABEL.getBytes(US_ASCII);
    if (line.length != SIZE_BYTES
        || !Arrays.equals(line, 0, label.length, label, 0, label.length)
        || line[SIZE_BYTES - 1] != '\n') {
      throw malformed(where);
    }
    byte[] text = Arrays.copyOfRange(line, label.length, SIZE_BYTES - 1);
    byte[] again = {};
    byte[] raw = {};
    boolean valid = false;
    try {
      raw = Base64.getDecoder().decode(text);
      again = Base64.getEncoder().encode(raw);
      valid = raw.length == XaesGcm.KEY_SIZE_BYTES && Arrays.equals(text, again);
    } catch (IllegalArgumentException e) {
      // Not base64. Its message quotes a character of the key, so it goes no further.
      valid = false;
    } finally {
      Arrays.fill(text, (byte) 0);
      Arrays.fill(again, (byte) 0);
      if (!valid) {
        Arrays.fill(raw, (byte) 0);
      }
    }
    if (!valid) {
      throw malformed(where);
    }
    return raw;
  }

  /** The same, where the line feed may have been cut off on the way. */
  static byte[] parseLenient(byte[] line, String where) {
    if (line.length != SIZE_BYTES - 1) {
      return parse(line, where);
    }
    byte[] whole = Arrays.copyOf(line, SIZE_BYTES);
    whole[SIZE_BYTES - 1] = '\n';
    try {
      return parse(whole, where);
    } finally {
      Arrays.fill(whole, (byte) 0);
    }
  }

  private static SecretIntegrityException malformed(String where) {
    return new SecretIntegrityException("The " + where
        + " holds no key of this library: it must be one line, \"" + LABEL
        + "\" and 44 characters of base64. Check which one it should be, or restore it from a"
        + " copy");
  }
}
