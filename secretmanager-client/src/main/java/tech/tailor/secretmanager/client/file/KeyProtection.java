package tech.tailor.secretmanager.client.file;

import java.util.regex.Pattern;

/** What a key entry says of the way in which its data key is encrypted. */
sealed interface KeyProtection {

  /** With a master key of 32 bytes. */
  enum ByKey implements KeyProtection {
    /** There is nothing more to say. */
    RAW
  }

  /**
   * With a master key that is derived from a passphrase, by PBKDF2 with HMAC-SHA-512.
   *
   * @param iterations how often the function is applied
   * @param salt 16 random bytes
   */
  record ByPassphrase(int iterations, OpaqueBytes salt) implements KeyProtection {

    static final String KDF = "pbkdf2-hmac-sha512";
    static final int SALT_SIZE_BYTES = 16;

    /** A reader accepts no fewer: so few would be an error of whoever wrote them. */
    static final int MIN_ITERATIONS = 1_000;

    /** A reader accepts no more: an edited file must not keep it busy for minutes. */
    static final int MAX_ITERATIONS = 10_000_000;
  }

  /**
   * By a key that stays in a key management service.
   *
   * @param name which key that is, for instance a URI
   */
  record ByKms(String name) implements KeyProtection {

    static final String NAME_GRAMMAR = "^[!#-\\[\\]-~]{1,256}$";
    private static final Pattern NAME = Pattern.compile(NAME_GRAMMAR);

    static boolean isName(String name) {
      return NAME.matcher(name).matches();
    }
  }
}
