package tech.tailor.secretmanager.envelope;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** A master key of 32 bytes. Immutable and thread-safe. */
final class RawKeyWrapping implements KeyWrapping {

  static final int FINGERPRINT_SIZE_BYTES = 16;

  private final XaesGcm cipher;
  private final OpaqueBytes fingerprint;
  private final KeyProtection protection;

  private RawKeyWrapping(XaesGcm cipher, OpaqueBytes fingerprint, KeyProtection protection) {
    this.cipher = cipher;
    this.fingerprint = fingerprint;
    this.protection = protection;
  }

  /**
   * A key of the given raw bytes, which are wiped before this returns.
   *
   * @param protection how the key is come by
   */
  static RawKeyWrapping adopt(byte[] raw, KeyProtection protection) {
    try {
      OpaqueBytes fingerprint = fingerprintOf(raw);
      return new RawKeyWrapping(XaesGcm.adopt(raw), fingerprint, protection);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  XaesGcm cipher() {
    return cipher;
  }

  @Override
  public Optional<OpaqueBytes> fingerprint() {
    return Optional.of(fingerprint);
  }

  @Override
  public WrappedKey wrap(AssociatedData associatedData, long id, byte[] rawKey) {
    OpaqueBytes wrapped = OpaqueBytes.copyOf(cipher.encrypt(rawKey, associatedData.ofKey(id)));
    return new WrappedKey(id, protection, fingerprint, wrapped);
  }

  @Override
  public byte @Nullable [] unwrap(WrappedKey entry, AssociatedData associatedData) {
    return entry.protection().equals(protection)
        ? cipher.decrypt(entry.wrapped().toArray(), associatedData.ofKey(entry.id()))
        : null;
  }

  @Override
  public boolean isNamedBy(WrappedKey entry) {
    return entry.protection().equals(protection) && entry.masterKey().equals(fingerprint);
  }

  private static OpaqueBytes fingerprintOf(byte[] raw) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(raw, "HmacSHA256"));
      byte[] whole = mac.doFinal(AssociatedData.ofFingerprint());
      return OpaqueBytes.copyOf(Arrays.copyOf(whole, FINGERPRINT_SIZE_BYTES));
    } catch (GeneralSecurityException e) { // never a matter of data
      throw new SecretStorageException("This JVM can't compute HMAC-SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }
}
