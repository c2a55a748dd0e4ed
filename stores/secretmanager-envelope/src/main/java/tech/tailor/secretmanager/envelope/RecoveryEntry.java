package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * What a store keeps of its recovery key, to encrypt a second copy of each data key for it. Nothing
 * in here is secret. Immutable and thread-safe.
 *
 * @param publicKey the recovery key's public half, 32 bytes
 * @param wrappedSecret the secret by which the recovery key tells copies of the store's own from
 *     forged ones, encrypted with the newest data key
 */
public record RecoveryEntry(OpaqueBytes publicKey, OpaqueBytes wrappedSecret) {

  /** The size of a public key. */
  public static final int PUBLIC_KEY_SIZE_BYTES = 32;

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the public key has another size
   */
  public RecoveryEntry {
    if (requireNonNull(publicKey, "publicKey").sizeBytes() != PUBLIC_KEY_SIZE_BYTES) {
      throw new IllegalArgumentException(
          "The public half of a recovery key has " + PUBLIC_KEY_SIZE_BYTES + " bytes");
    }
    requireNonNull(wrappedSecret, "wrappedSecret");
  }

  /** Names the recovery key, as {@link MasterKey#fingerprint} does. */
  public String fingerprint() {
    return RecoveryWrapping.fingerprintOf(publicKey).toHex();
  }
}
