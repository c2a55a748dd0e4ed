package tech.tailor.secretmanager.client.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * The key that opens a {@link FileSecretStore}. It is kept apart from the store: whoever has both
 * has the secrets.
 *
 * <p>Immutable and thread-safe; it may be used for several stores. It never shows itself. The raw
 * bytes are wiped as soon as the cipher is made; the copies that the cipher and the HMAC of the
 * fingerprint make for themselves stay in memory until they are collected, some for as long as a
 * thread that used them lives.
 */
public final class MasterKey {

  private static final int FINGERPRINT_SIZE_BYTES = 16;

  private final XaesGcm cipher;
  private final OpaqueBytes fingerprint;

  private MasterKey(XaesGcm cipher, OpaqueBytes fingerprint) {
    this.cipher = cipher;
    this.fingerprint = fingerprint;
  }

  /**
   * The key in the given file, which is made first where it is missing, with 32 random bytes and
   * for its owner's eyes only (mode 0600); missing directories above it are made too (mode 0700).
   * Of several processes that do this at once, one makes the key and all get it; a key that is
   * there is never overwritten.
   *
   * <p>Without its key a store can't be opened by anybody: keep a copy of the file, apart from the
   * store.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if the file can't be made or read, or is open to others than its
   *     owner
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the file is there and holds no
   *     key
   */
  public static MasterKey createFile(Path file) {
    return keyFile(file).create();
  }

  /**
   * The key in the given file.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if the file is missing, can't be read, or, where the file system
   *     has such permissions, is open to others than its owner
   * @throws tech.tailor.secretmanager.SecretIntegrityException if the file holds no key
   */
  public static MasterKey fromFile(Path file) {
    return keyFile(file).read();
  }

  private static KeyFile keyFile(Path file) {
    LocalStoreFiles.requireLocal(requireNonNull(file, "file"), "A key file");
    return new KeyFile(file, LocalStoreFiles.INSTANCE);
  }

  /** A key of the given raw bytes, which are wiped before this returns. */
  static MasterKey adopt(byte[] raw) {
    try {
      OpaqueBytes fingerprint = fingerprintOf(raw);
      return new MasterKey(XaesGcm.adopt(raw), fingerprint);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /**
   * Tells this key from others, and nothing about it: no secret. A store keeps it, so that a wrong
   * key can be told from damage.
   */
  OpaqueBytes fingerprint() {
    return fingerprint;
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

  XaesGcm cipher() {
    return cipher;
  }

  /** Returns the same text for every key. */
  @Override
  public String toString() {
    return "MasterKey[redacted]";
  }
}
