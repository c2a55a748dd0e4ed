package tech.tailor.secretmanager.envelope;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.aead.internal.XAesGcm;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * The one algorithm of the stores: XAES-256-GCM with a random 192-bit nonce, so several processes
 * can use one key without a counter. A ciphertext is nonce (24 bytes), encrypted bytes, tag (16
 * bytes).
 *
 * <p>Tink's primitive is used directly: its keysets would need protobuf and Gson.
 */
final class XaesGcm {

  static final int KEY_SIZE_BYTES = 32;

  /** Half the nonce; the other half is the nonce of the AES-GCM inside. */
  private static final int SALT_SIZE_BYTES = 12;

  private final Aead aead;

  private XaesGcm(Aead aead) {
    this.aead = aead;
  }

  /**
   * A cipher with the given raw key, which is wiped before this returns. Tink's own copies of the
   * key stay in memory until they are collected.
   */
  @AccessesPartialKey // the parameters are fixed by the format, so the raw bytes are the whole key
  static XaesGcm adopt(byte[] rawKey) {
    try {
      XAesGcmKey key = XAesGcmKey.create(
          XAesGcmParameters.create(XAesGcmParameters.Variant.NO_PREFIX, SALT_SIZE_BYTES),
          SecretBytes.copyFrom(rawKey, InsecureSecretKeyAccess.get()),
          null);
      return new XaesGcm(XAesGcm.create(key));
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    } finally {
      Arrays.fill(rawKey, (byte) 0);
    }
  }

  byte[] encrypt(byte[] plaintext, byte[] associatedData) {
    try {
      return aead.encrypt(plaintext, associatedData);
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /** The plaintext, which is the caller's to wipe, or null if the ciphertext is not authentic. */
  byte @Nullable [] decrypt(byte[] ciphertext, byte[] associatedData) {
    try {
      return aead.decrypt(ciphertext, associatedData);
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  /** Never a matter of data: the JVM has no AES-GCM, or a security policy forbids it. */
  private static SecretStorageException unusable(GeneralSecurityException e) {
    return new SecretStorageException("This JVM can't encrypt with AES-256-GCM ("
        + e.getClass().getSimpleName() + "); check its security providers");
  }
}
