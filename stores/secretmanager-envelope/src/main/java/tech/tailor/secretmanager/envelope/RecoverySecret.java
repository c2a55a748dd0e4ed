package tech.tailor.secretmanager.envelope;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.SealedBox.Kem;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * What a store needs of its recovery key to make copies of data keys for it: the public half, and
 * the secret that both have. A copy has two layers. The inner one is sealed to the public half, so
 * that only the recovery key opens it. The outer one is encrypted with the secret, so that the
 * recovery key knows a copy of the store's own: anyone can seal to a public key. The secret is
 * wiped when this is closed.
 */
final class RecoverySecret implements AutoCloseable {

  private final OpaqueBytes publicKey;
  private final byte[] raw;

  /** Takes the bytes over. */
  RecoverySecret(OpaqueBytes publicKey, byte[] raw) {
    this.publicKey = publicKey;
    this.raw = raw;
  }

  /** That of a store's entry, which the newest data key opens. */
  static RecoverySecret open(RecoveryEntry entry, DataKey newest, AssociatedData associatedData) {
    byte[] raw = newest.decryptValue(entry.wrappedSecret(), associatedData.ofRecoverySecret());
    if (raw != null && raw.length == XaesGcm.KEY_SIZE_BYTES) {
      return new RecoverySecret(entry.publicKey(), raw);
    }
    throw new SecretIntegrityException("The store's entry of the recovery key "
        + entry.fingerprint() + " does not open; nothing was changed. Give the store another"
        + " recovery key");
  }

  /** The entry for a store with this newest data key. */
  RecoveryEntry under(DataKey newest, AssociatedData associatedData) {
    return new RecoveryEntry(
        publicKey, newest.encryptValue(raw, associatedData.ofRecoverySecret()));
  }

  /** A copy of a data key, which stays the caller's to wipe. */
  OpaqueBytes copyOf(byte[] rawKey, long id, AssociatedData associatedData) {
    byte[] place = associatedData.ofRecoveryCopy(id);
    try {
      byte[] box = SealedBox.seal(Kem.X25519, publicKey.toArray(), rawKey, place);
      return OpaqueBytes.copyOf(XaesGcm.adopt(raw.clone()).encrypt(box, place));
    } catch (GeneralSecurityException e) { // a public key that is not valid
      throw new SecretIntegrityException("Nothing can be encrypted for the recovery key "
          + RecoveryWrapping.fingerprintOf(publicKey).toHex() + ", whose public half is not valid;"
          + " nothing was changed. Give the store another recovery key");
    }
  }

  @Override
  public void close() {
    Arrays.fill(raw, (byte) 0);
  }
}
