package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** How a data key is encrypted, as its entry in the store says. */
public sealed interface KeyProtection {

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

    /** The name of the function in a store. */
    public static final String KDF = "pbkdf2-hmac-sha512";

    /** The size of a salt. */
    public static final int SALT_SIZE_BYTES = 16;

    /** A reader accepts no fewer: so few would be a writer's error. */
    public static final int MIN_ITERATIONS = 1_000;

    /** A reader accepts no more: an edited store must not keep it busy for more than seconds. */
    public static final int MAX_ITERATIONS = 2_000_000;

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if they are out of bounds
     */
    public ByPassphrase {
      if (requireNonNull(salt, "salt").sizeBytes() != SALT_SIZE_BYTES
          || iterations < MIN_ITERATIONS
          || iterations > MAX_ITERATIONS) {
        throw new IllegalArgumentException("A key of a passphrase has a salt of " + SALT_SIZE_BYTES
            + " bytes, and " + MIN_ITERATIONS + " to " + MAX_ITERATIONS + " iterations");
      }
    }
  }

  /**
   * By a key that stays in a key management service.
   *
   * @param name which key that is, for instance a URI
   */
  record ByKms(String name) implements KeyProtection {

    /** What a name must match: 1 to 256 printable ASCII characters, no space, quote, backslash. */
    public static final String NAME_GRAMMAR = "^[!#-\\[\\]-~]{1,256}$";

    private static final Pattern NAME = Pattern.compile(NAME_GRAMMAR);

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it does not match {@link #NAME_GRAMMAR}
     */
    public ByKms {
      if (!isName(requireNonNull(name, "name"))) {
        throw new IllegalArgumentException("The name of a KMS key must match " + NAME_GRAMMAR
            + " (1 to 256 printable ASCII characters without space, quote and backslash)");
      }
    }

    /** Returns whether a name matches {@link #NAME_GRAMMAR}. */
    public static boolean isName(String name) {
      return NAME.matcher(requireNonNull(name, "name")).matches();
    }
  }
}
