package tech.tailor.secretmanager.file;

import java.time.Duration;
import tech.tailor.secretmanager.SecretLimitException;

/** The limits of a store, all of them. */
final class StoreLimits {

  /** A larger file is neither written nor read. */
  static final int FILE_SIZE_BYTES = 64 * 1024 * 1024;

  /** What at the end of the file holds the whole seal: 56 bytes of base64 and what closes it. */
  static final int END_SIZE_BYTES = 64;

  static final int VAULTS = 10_000;

  static final int SECRETS_PER_VAULT = 10_000;

  /** In all vaults together. */
  static final int SECRETS = 50_000;

  /** Vaults, secrets, versions and labels together: what an edited file may cost to read. */
  static final int ENTRIES = 400_000;

  /** More are neither kept nor read. */
  static final int VERSIONS_PER_SECRET = 100;

  /** How many are kept where nothing else is set. */
  static final int VERSIONS_KEPT = 10;

  /** What a reader accepts; this writer has one, and two while the key is rotated. */
  static final int KEYS = 16;

  /** How many values one commit of a key rotation re-encrypts. */
  static final int REENCRYPTED_AT_ONCE = 500;

  /** Of a text; the format needs 174,816, the base64 of the longest value's ciphertext. */
  static final int TEXT_LENGTH = 256 * 1024;

  /** How long a writer waits for the others, in this process and in other ones, together. */
  static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

  /** How often a read begins again because the file was replaced under it. */
  static final int READ_ATTEMPTS = 100;

  private StoreLimits() {}

  /**
   * Returns the number after this one.
   *
   * @param counted for the message, such as "the store was changed"
   * @throws SecretLimitException if the number is the largest
   */
  static long next(long number, String counted) {
    if (number == Long.MAX_VALUE) {
      throw new SecretLimitException("The number that counts how often " + counted + " is "
          + Long.MAX_VALUE + ", which is the limit; nothing was changed. No honest writer comes"
          + " that far: find out who wrote it, and restore the store from a backup");
    }
    return number + 1;
  }
}
