package tech.tailor.secretmanager.envelope;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.SealedBox.Opener;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.spi.SecretMemory;

/**
 * A recovery key: a private key of X25519 that opens the copies of data keys which were made for
 * it, and a secret of 32 bytes that shows who made them. It encrypts no data key itself, so it
 * can't be a store's master key. Immutable and thread-safe.
 */
final class RecoveryWrapping implements KeyWrapping {

  /** The private key, then the secret. */
  static final int SIZE_BYTES = 2 * XaesGcm.KEY_SIZE_BYTES;

  private final Opener opener;
  private final XaesGcm cipher;

  /** For the store that this becomes the recovery key of. */
  private final SecretMemory secret;

  private RecoveryWrapping(Opener opener, XaesGcm cipher, SecretMemory secret) {
    this.opener = opener;
    this.cipher = cipher;
    this.secret = secret;
  }

  /** The raw bytes are wiped before this returns. */
  static RecoveryWrapping adopt(byte[] raw) {
    byte[] secret = Arrays.copyOfRange(raw, XaesGcm.KEY_SIZE_BYTES, SIZE_BYTES);
    try {
      Opener opener = Opener.ofX25519(Arrays.copyOf(raw, XaesGcm.KEY_SIZE_BYTES));
      SecretMemory kept = SecretMemory.copyOf(secret);
      return new RecoveryWrapping(opener, XaesGcm.adopt(secret), kept);
    } finally {
      Arrays.fill(raw, (byte) 0);
      Arrays.fill(secret, (byte) 0);
    }
  }

  OpaqueBytes publicKey() {
    return OpaqueBytes.copyOf(opener.publicKey());
  }

  /** What a store gets of this key; the caller closes it. */
  RecoverySecret forStore() {
    byte[] copy = new byte[secret.sizeBytes()];
    if (!secret.copyTo(copy)) {
      throw new IllegalStateException("The recovery key was wiped");
    }
    return new RecoverySecret(publicKey(), copy);
  }

  @Override
  public WrappedKey wrap(AssociatedData associatedData, long id, byte[] rawKey) {
    throw new IllegalArgumentException("A recovery key only opens a store, and can't be its master"
        + " key. Give the store a new master key first (rotateMasterKey), and use that");
  }

  @Override
  public byte @Nullable [] unwrap(WrappedKey entry, AssociatedData associatedData) {
    OpaqueBytes copy = entry.recoveryCopy();
    if (copy == null) {
      return null;
    }
    byte[] place = associatedData.ofRecoveryCopy(entry.id());
    byte[] box = cipher.decrypt(copy.toArray(), place);
    if (box == null) {
      return null;
    }
    try {
      return opener.open(box, place);
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  /** Whose copy an entry has, only the store's own entry of the recovery key says. */
  @Override
  public boolean isNamedBy(WrappedKey entry) {
    return false;
  }

  @Override
  public Optional<OpaqueBytes> fingerprint() {
    return Optional.of(fingerprintOf(publicKey()));
  }

  static OpaqueBytes fingerprintOf(OpaqueBytes publicKey) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(AssociatedData.ofRecoveryFingerprint());
      byte[] whole = digest.digest(publicKey.toArray());
      return OpaqueBytes.copyOf(Arrays.copyOf(whole, RawKeyWrapping.FINGERPRINT_SIZE_BYTES));
    } catch (GeneralSecurityException e) { // every JVM has it
      throw new SecretStorageException("This JVM can't compute SHA-256 ("
          + e.getClass().getSimpleName() + "); check its security providers");
    }
  }
}
