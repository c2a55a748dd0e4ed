package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.KeyProtection.ByPassphrase;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretMemory;

/**
 * A master key that is derived from a passphrase and the salt in the key entry. The passphrase lies
 * outside the Java heap, since other salts may come: another store, or the same one after a
 * rotation. The key that was derived last is kept. Thread-safe.
 */
final class PassphraseWrapping implements KeyWrapping {

  /** OWASP's figure for PBKDF2 with HMAC-SHA-512. */
  static final int ITERATIONS = 210_000;

  static final int MIN_LENGTH = 8;

  private static final String ALGORITHM = "PBKDF2WithHmacSHA512";

  private final SecretMemory passphrase;
  private final int iterations;

  /** Guarded by this. */
  private @Nullable Derived last;

  private PassphraseWrapping(SecretMemory passphrase, int iterations) {
    this.passphrase = passphrase;
    this.iterations = iterations;
  }

  private record Derived(ByPassphrase from, RawKeyWrapping key) {}

  /**
   * Copies the passphrase.
   *
   * @param iterations for entries that are made; those that are read say their own
   */
  static PassphraseWrapping of(char[] passphrase, int iterations) {
    if (requireNonNull(passphrase, "passphrase").length < MIN_LENGTH) {
      throw new IllegalArgumentException("A passphrase needs at least " + MIN_LENGTH
          + " characters; better take several words that were drawn at random");
    }
    try (SecretValue copy = SecretValue.copyOf(passphrase)) {
      return new PassphraseWrapping(
          copy.<SecretMemory, RuntimeException>withBytes(SecretMemory::copyOf), iterations);
    }
  }

  @Override
  public WrappedKey wrap(AssociatedData associatedData, long id, byte[] rawKey) {
    return forWriting().wrap(associatedData, id, rawKey);
  }

  @Override
  public byte @Nullable [] unwrap(WrappedKey entry, AssociatedData associatedData) {
    return entry.protection() instanceof ByPassphrase from
        ? derived(from).unwrap(entry, associatedData)
        : null;
  }

  @Override
  public Optional<OpaqueBytes> fingerprint() {
    return Optional.empty();
  }

  @Override
  public boolean isNamedBy(WrappedKey entry) {
    return entry.protection() instanceof ByPassphrase from && derived(from).isNamedBy(entry);
  }

  private synchronized RawKeyWrapping forWriting() {
    return last != null && last.from.iterations() == iterations
        ? last.key
        : derived(new ByPassphrase(iterations, OpaqueBytes.random(ByPassphrase.SALT_SIZE_BYTES)));
  }

  private synchronized RawKeyWrapping derived(ByPassphrase from) {
    if (last == null || !last.from.equals(from)) {
      last = new Derived(from, derive(from));
    }
    return last.key;
  }

  private RawKeyWrapping derive(ByPassphrase from) {
    byte[] bytes = new byte[passphrase.sizeBytes()];
    if (!passphrase.copyTo(bytes)) {
      throw new IllegalStateException("The passphrase was wiped");
    }
    try (SecretValue copy = SecretSupport.adopt(bytes, SecretMetadata.unversioned())) {
      return copy.<RawKeyWrapping, RuntimeException>withChars(
          chars -> RawKeyWrapping.adopt(derive(chars, from), from));
    }
  }

  private static byte[] derive(char[] chars, ByPassphrase from) {
    PBEKeySpec spec = new PBEKeySpec(
        chars, from.salt().toArray(), from.iterations(), XaesGcm.KEY_SIZE_BYTES * Byte.SIZE);
    try {
      SecretKey key = SecretKeyFactory.getInstance(ALGORITHM).generateSecret(spec);
      byte[] encoded = key.getEncoded();
      byte[] raw = encoded.clone();
      Arrays.fill(encoded, (byte) 0);
      return raw;
    } catch (GeneralSecurityException e) { // never a matter of data
      throw new SecretStorageException("This JVM can't compute " + ALGORITHM + " ("
          + e.getClass().getSimpleName() + "); check its security providers");
    } finally {
      spec.clearPassword();
    }
  }
}
