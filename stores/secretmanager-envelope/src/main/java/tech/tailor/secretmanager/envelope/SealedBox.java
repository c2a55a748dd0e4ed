package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePrivateKey;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.internal.HpkeDecrypt;
import com.google.crypto.tink.hybrid.internal.HpkeEncrypt;
import com.google.crypto.tink.subtle.EllipticCurves;
import com.google.crypto.tink.subtle.EllipticCurves.CurveType;
import com.google.crypto.tink.subtle.EllipticCurves.PointFormatType;
import com.google.crypto.tink.subtle.X25519;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;

/**
 * Bytes that are sealed to a public key, so that only the holder of the private key can open them:
 * HPKE (RFC 9180) in base mode, with HKDF-SHA256 and AES-256-GCM. A box is the encapsulated key,
 * then the ciphertext; its associated data is empty, its context is the {@code info}.
 *
 * <p>For those who write a store whose values come over a network.
 */
public final class SealedBox {

  private SealedBox() {}

  /** The key encapsulations. */
  public enum Kem {
    /** DHKEM(X25519, HKDF-SHA256). */
    X25519(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256, 32),
    /** DHKEM(P-256, HKDF-SHA256). */
    P256(HpkeParameters.KemId.DHKEM_P256_HKDF_SHA256, 65);

    private final HpkeParameters.KemId id;
    private final int publicKeySizeBytes;

    Kem(HpkeParameters.KemId id, int publicKeySizeBytes) {
      this.id = id;
      this.publicKeySizeBytes = publicKeySizeBytes;
    }

    /** The size of a public key; of P-256, an uncompressed point. */
    public int publicKeySizeBytes() {
      return publicKeySizeBytes;
    }
  }

  /**
   * Seals bytes to a public key.
   *
   * @param publicKey of the recipient
   * @param plaintext stays the caller's to wipe
   * @param info the box can be opened with these bytes only
   * @throws GeneralSecurityException if the public key is not valid
   */
  public static byte[] seal(Kem kem, byte[] publicKey, byte[] plaintext, byte[] info)
      throws GeneralSecurityException {
    requireNonNull(kem, "kem");
    requireNonNull(publicKey, "publicKey");
    requireNonNull(plaintext, "plaintext");
    requireNonNull(info, "info");
    return HpkeEncrypt.create(keyOf(kem, HpkeParameters.AeadId.AES_256_GCM, publicKey))
        .encrypt(plaintext, info);
  }

  @AccessesPartialKey // the parameters are fixed, so the bytes are the whole key
  private static HpkePublicKey keyOf(Kem kem, HpkeParameters.AeadId aead, byte[] publicKey)
      throws GeneralSecurityException {
    HpkeParameters parameters = HpkeParameters.builder()
        .setKemId(kem.id)
        .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
        .setAeadId(aead)
        .setVariant(HpkeParameters.Variant.NO_PREFIX)
        .build();
    return HpkePublicKey.create(parameters, Bytes.copyFrom(publicKey), null);
  }

  /**
   * A key pair that opens boxes, in memory only. Immutable and thread-safe. The private key stays
   * in memory until it is collected.
   */
  public static final class Opener {

    private final Kem kem;
    private final byte[] publicKey;
    private final HybridDecrypt decrypt;

    private Opener(Kem kem, byte[] publicKey, HybridDecrypt decrypt) {
      this.kem = kem;
      this.publicKey = publicKey;
      this.decrypt = decrypt;
    }

    /**
     * Makes a key pair.
     *
     * @throws IllegalStateException if this JVM can't
     */
    public static Opener generate(Kem kem) {
      try {
        return switch (requireNonNull(kem, "kem")) {
          case X25519 -> ofX25519(X25519.generatePrivateKey());
          case P256 -> ofP256(EllipticCurves.generateKeyPair(CurveType.NIST_P256));
        };
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("This JVM can't make a key pair for " + kem, e);
      }
    }

    /** An opener of a private key of 32 bytes, which is wiped before this returns. */
    static Opener ofX25519(byte[] privateKey) {
      try {
        return adopt(Kem.X25519, X25519.publicFromPrivate(privateKey), privateKey);
      } catch (GeneralSecurityException e) { // never a matter of data
        throw new IllegalStateException("This JVM can't make a key pair for " + Kem.X25519, e);
      }
    }

    /** Takes a pair of the JDK's; package-private for tests, which choose the pair. */
    static Opener ofP256(KeyPair pair) throws GeneralSecurityException {
      return adopt(
          Kem.P256,
          EllipticCurves.pointEncode(
              CurveType.NIST_P256,
              PointFormatType.UNCOMPRESSED,
              ((ECPublicKey) pair.getPublic()).getW()),
          scalar(((ECPrivateKey) pair.getPrivate()).getS()));
    }

    /** An opener of a private key, which is wiped before this returns. */
    private static Opener adopt(Kem kem, byte[] publicKey, byte[] privateKey)
        throws GeneralSecurityException {
      return adopt(kem, HpkeParameters.AeadId.AES_256_GCM, publicKey, privateKey);
    }

    /** For tests: with another cipher, which the vectors of RFC 9180 need. */
    @AccessesPartialKey
    static Opener adopt(Kem kem, HpkeParameters.AeadId aead, byte[] publicKey, byte[] privateKey)
        throws GeneralSecurityException {
      try {
        HpkePrivateKey pair = HpkePrivateKey.create(
            keyOf(kem, aead, publicKey),
            SecretBytes.copyFrom(privateKey, InsecureSecretKeyAccess.get()));
        return new Opener(kem, publicKey, HpkeDecrypt.create(pair));
      } finally {
        Arrays.fill(privateKey, (byte) 0);
      }
    }

    /** 32 bytes, big-endian, whatever the leading zeros. */
    private static byte[] scalar(BigInteger s) {
      byte[] bytes = s.toByteArray();
      byte[] scalar = new byte[32];
      int from = Math.max(0, bytes.length - scalar.length); // past a sign byte
      int size = bytes.length - from;
      System.arraycopy(bytes, from, scalar, scalar.length - size, size);
      Arrays.fill(bytes, (byte) 0);
      return scalar;
    }

    /** The encapsulation that the key pair is for. */
    public Kem kem() {
      return kem;
    }

    /** The public key, which others seal to. */
    public byte[] publicKey() {
      return publicKey.clone();
    }

    /**
     * Opens a box. The plaintext is the caller's to wipe.
     *
     * @param info as the box was sealed with
     * @throws GeneralSecurityException if the box was not sealed to this key with this info
     */
    public byte[] open(byte[] box, byte[] info) throws GeneralSecurityException {
      return decrypt.decrypt(requireNonNull(box, "box"), requireNonNull(info, "info"));
    }

    /** Returns which encapsulation it is for; never a key. */
    @Override
    public String toString() {
      return "Opener[" + kem + "]";
    }
  }
}
