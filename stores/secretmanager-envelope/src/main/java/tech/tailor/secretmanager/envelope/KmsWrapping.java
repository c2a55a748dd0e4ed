package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.KeyProtection.ByKms;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A master key that never leaves its key management service, which encrypts and decrypts data keys.
 */
final class KmsWrapping implements KeyWrapping {

  /** Of a data key that a service encrypted. */
  private static final int MAX_CIPHERTEXT_SIZE_BYTES = 16 * 1024;

  private final ByKms protection;
  private final Aead kms;
  private final OpaqueBytes fingerprint;

  private KmsWrapping(ByKms protection, Aead kms) {
    this.protection = protection;
    this.kms = kms;
    this.fingerprint = fingerprintOf(protection.name());
  }

  static KmsWrapping of(String name, Aead kms) {
    return new KmsWrapping(new ByKms(name), requireNonNull(kms, "kms"));
  }

  @Override
  public WrappedKey wrap(AssociatedData associatedData, long id, byte[] rawKey) {
    try {
      byte[] wrapped = kms.encrypt(rawKey, associatedData.ofKey(id));
      if (wrapped == null || wrapped.length == 0 || wrapped.length > MAX_CIPHERTEXT_SIZE_BYTES) {
        throw new SecretStorageException("The KMS key " + protection.name() + " made a ciphertext"
            + " that is larger than " + MAX_CIPHERTEXT_SIZE_BYTES + " bytes, or none");
      }
      return new WrappedKey(id, protection, fingerprint, OpaqueBytes.copyOf(wrapped));
    } catch (SecretStorageException e) {
      throw e;
    } catch (GeneralSecurityException | RuntimeException e) {
      throw failed("encrypt", e);
    }
  }

  @Override
  public byte @Nullable [] unwrap(WrappedKey entry, AssociatedData associatedData) {
    if (!entry.protection().equals(protection)) {
      return null;
    }
    try {
      return kms.decrypt(entry.wrapped().toArray(), associatedData.ofKey(entry.id()));
    } catch (GeneralSecurityException e) {
      if (hasForeignCause(e)) {
        throw failed("decrypt", e);
      }
      return null;
    } catch (RuntimeException e) {
      throw failed("decrypt", e);
    }
  }

  @Override
  public Optional<OpaqueBytes> fingerprint() {
    return Optional.of(fingerprint);
  }

  @Override
  public boolean isNamedBy(WrappedKey entry) {
    return entry.protection().equals(protection) && entry.masterKey().equals(fingerprint);
  }

  /** A service that can't be reached is told by what caused the exception, if by anything. */
  private static boolean hasForeignCause(Throwable e) {
    Throwable cause = e.getCause();
    return cause != null
        && (!(cause instanceof GeneralSecurityException) || hasForeignCause(cause));
  }

  /** Neither as a cause nor by its message: both are the service's, and could hold anything. */
  private SecretUnavailableException failed(String attempt, Exception e) {
    Throwable cause = e.getCause() != null ? e.getCause() : e;
    return new SecretUnavailableException("The KMS key " + protection.name() + " could not "
        + attempt + " a data key (" + cause.getClass().getName()
        + "); check that the service can be reached, and that this key may be used");
  }

  private static OpaqueBytes fingerprintOf(String name) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(AssociatedData.ofKmsFingerprint());
      byte[] whole = digest.digest(name.getBytes(US_ASCII));
      return OpaqueBytes.copyOf(Arrays.copyOf(whole, RawKeyWrapping.FINGERPRINT_SIZE_BYTES));
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }
}
