package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;

/**
 * A key as text, wherever the text is: one line, a label and the base64 of the key's bytes. The
 * line may end in a line feed, in a carriage return and a line feed, or in nothing. Every array
 * that held the key in between is wiped.
 */
enum KeyText {
  /** A master key. */
  MASTER("tailor-secretmanager-key-1 ", XaesGcm.KEY_SIZE_BYTES),
  /** A recovery key. */
  RECOVERY("tailor-secretmanager-recovery-1 ", RecoveryWrapping.SIZE_BYTES);

  /** The longest line, with the longest end that a line may have. */
  static final int MAX_SIZE_BYTES = RECOVERY.lineSizeBytes() + 2;

  /** A path drops one of two slashes in a row. */
  private static final Pattern AS_PATH =
      Pattern.compile("(?:" + MASTER.label.strip() + " *)?[A-Za-z0-9+/]{40,43}=\\s*" + "|(?:"
          + RECOVERY.label.strip() + " *)?[A-Za-z0-9+/]{80,86}==\\s*");

  private static final SecureRandom RANDOM = new SecureRandom();

  private final String label;
  private final int keySizeBytes;

  KeyText(String label, int keySizeBytes) {
    this.label = label;
    this.keySizeBytes = keySizeBytes;
  }

  /** How the line begins. */
  String label() {
    return label;
  }

  private int base64SizeBytes() {
    return (keySizeBytes + 2) / 3 * 4;
  }

  private int lineSizeBytes() {
    return label.length() + base64SizeBytes();
  }

  /** A new key, with a line feed at its end. */
  byte[] newLine() {
    byte[] raw = new byte[keySizeBytes];
    byte[] text = {};
    try {
      RANDOM.nextBytes(raw);
      text = Base64.getEncoder().encode(raw);
      byte[] line = Arrays.copyOf(label.getBytes(US_ASCII), lineSizeBytes() + 1);
      System.arraycopy(text, 0, line, label.length(), text.length);
      line[lineSizeBytes()] = '\n';
      return line;
    } finally {
      Arrays.fill(raw, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }

  /**
   * The key that a text holds. The text stays the caller's to wipe.
   *
   * @param text no more than one byte longer than {@link #MAX_SIZE_BYTES}
   * @param where for the message, such as {@code file "master.key"}
   * @throws SecretIntegrityException if it holds none; the message says what is wrong with it, and
   *     quotes nothing
   */
  static MasterKey parse(byte[] text, String where) {
    return startsWith(text, RECOVERY.label)
        ? MasterKey.adoptRecovery(RECOVERY.rawKey(text, where))
        : MasterKey.adopt(MASTER.rawKey(text, where));
  }

  private static boolean startsWith(byte[] text, String label) {
    byte[] beginning = label.getBytes(US_ASCII);
    return text.length >= beginning.length
        && Arrays.equals(text, 0, beginning.length, beginning, 0, beginning.length);
  }

  private byte[] rawKey(byte[] text, String where) {
    String fault = fault(text);
    if (fault != null) {
      throw malformed(where, fault);
    }
    byte[] base64 = Arrays.copyOfRange(text, label.length(), lineSizeBytes());
    byte[] again = {};
    byte[] raw = {};
    boolean valid = false;
    try {
      raw = Base64.getDecoder().decode(base64);
      again = Base64.getEncoder().encode(raw);
      valid = raw.length == keySizeBytes && Arrays.equals(base64, again);
    } catch (IllegalArgumentException e) {
      // Not base64. Its message quotes a character of the key, so it goes no further.
      valid = false;
    } finally {
      Arrays.fill(base64, (byte) 0);
      Arrays.fill(again, (byte) 0);
      if (!valid) {
        Arrays.fill(raw, (byte) 0);
      }
    }
    if (!valid) {
      throw malformed(
          where, "what follows the label is not the base64 of " + keySizeBytes + " bytes");
    }
    return raw;
  }

  /** Whether a path is really the text of a key, given in the wrong place. */
  static boolean isKey(Path path) {
    return AS_PATH.matcher(path.toString()).matches();
  }

  /** What is wrong with the form of the line; null if nothing is. */
  private @Nullable String fault(byte[] text) {
    if (text.length == 0) {
      return "it is empty";
    }
    if (text[0] == (byte) 0xef || text[0] == (byte) 0xfe || text[0] == (byte) 0xff) {
      return "it begins with a byte order mark; save it as plain ASCII";
    }
    if (!startsWith(text, label)) {
      return "it does not begin with \"" + label + "\"";
    }
    int end = 0;
    while (end < text.length && text[end] != '\r' && text[end] != '\n') {
      end++;
    }
    if (end < lineSizeBytes()) {
      return "its line is too short: " + end + " characters of " + lineSizeBytes();
    }
    if (end > lineSizeBytes()) {
      return text[lineSizeBytes()] == ' ' || text[lineSizeBytes()] == '\t'
          ? "white space follows the key before the end of its line"
          : "its line is too long";
    }
    int endSizeBytes = text.length - end;
    boolean isEnd = endSizeBytes == 0
        || (endSizeBytes == 1 && text[end] == '\n')
        || (endSizeBytes == 2 && text[end] == '\r' && text[end + 1] == '\n');
    return isEnd
        ? null
        : "its line must end in one line feed, in a carriage return and a line feed, or in nothing,"
            + " and nothing may follow";
  }

  private SecretIntegrityException malformed(String where, String fault) {
    return new SecretIntegrityException("The " + where + " holds no key of this library: " + fault
        + ". It must be one line, \"" + label + "\" and " + base64SizeBytes()
        + " characters of base64. Check which one it should be, or restore it from a"
        + " copy");
  }
}
