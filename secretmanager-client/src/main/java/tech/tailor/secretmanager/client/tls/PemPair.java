package tech.tailor.secretmanager.client.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** A private key and its certificates, which belong together. Messages hold nothing of them. */
final class PemPair {

  private static final String PKCS8 = "PRIVATE KEY";
  private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";

  private final PrivateKey key;
  private final List<X509Certificate> certificates;

  private PemPair(PrivateKey key, List<X509Certificate> certificates) {
    this.key = key;
    this.certificates = certificates;
  }

  PrivateKey key() {
    return key;
  }

  /** The key's own first. */
  X509Certificate[] certificates() {
    return certificates.toArray(X509Certificate[]::new);
  }

  /**
   * Reads PEM.
   *
   * @param refs for messages
   * @throws SecretEncodingException if there is no valid pair
   */
  static PemPair of(
      List<SecretRef> refs,
      SecretValue certificatesPem,
      SecretValue keyPem,
      @Nullable SecretValue password) {
    try {
      List<X509Certificate> certificates = certificates(certificatesPem);
      PublicKey publicKey = certificates.get(0).getPublicKey();
      PrivateKey key = key(keyPem, publicKey.getAlgorithm(), password);
      if (!belongTogether(key, publicKey)) {
        throw new Unusable("the first certificate is not the key's");
      }
      return new PemPair(key, certificates);
    } catch (Unusable e) {
      throw new SecretEncodingException(
          "The secrets " + refs + " hold no TLS key and certificates: " + e.getMessage());
    }
  }

  private static List<X509Certificate> certificates(SecretValue pem) throws Unusable {
    List<X509Certificate> certificates = new ArrayList<>();
    List<PemBlock> blocks = PemBlock.in(pem);
    try {
      for (PemBlock block : blocks) {
        if (block.label().equals("CERTIFICATE")) {
          certificates.add(certificate(block));
        }
      }
    } finally {
      blocks.forEach(PemBlock::wipe);
    }
    if (certificates.isEmpty()) {
      throw new Unusable("there is no certificate (BEGIN CERTIFICATE)");
    }
    return certificates;
  }

  private static X509Certificate certificate(PemBlock block) throws Unusable {
    try {
      return (X509Certificate) CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(block.content()));
    } catch (GeneralSecurityException e) {
      throw new Unusable("a certificate is damaged");
    }
  }

  private static PrivateKey key(SecretValue pem, String algorithm, @Nullable SecretValue password)
      throws Unusable {
    List<PemBlock> blocks = PemBlock.in(pem);
    try {
      List<PemBlock> keys =
          blocks.stream().filter(block -> block.label().endsWith(PKCS8)).toList();
      if (keys.size() != 1) {
        throw new Unusable(
            "there must be one key (BEGIN PRIVATE KEY), and there are " + keys.size());
      }
      PemBlock block = keys.get(0);
      if (block.label().equals(ENCRYPTED)) {
        if (password == null) {
          throw new Unusable("the key is encrypted, and no keyPassword is given");
        }
        return decrypted(block.content(), algorithm, password);
      }
      if (!block.label().equals(PKCS8)) {
        throw new Unusable("the key is not in PKCS#8; convert it with \"openssl pkcs8 -topk8\"");
      }
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(block.content()));
    } catch (GeneralSecurityException e) {
      throw new Unusable("the key is damaged, or not of the kind of the first certificate");
    } finally {
      blocks.forEach(PemBlock::wipe);
    }
  }

  private static PrivateKey decrypted(byte[] content, String algorithm, SecretValue password)
      throws Unusable {
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(content);
      if (encrypted.getAlgParameters() == null) {
        throw new Unusable("the key is encrypted in a way that names no parameters");
      }
      // Of PBES2 the JDK tells the algorithm by the text of its parameters alone.
      String cipherName = encrypted.getAlgName().startsWith("PBEWith")
          ? encrypted.getAlgName()
          : encrypted.getAlgParameters().toString();
      Cipher cipher = Cipher.getInstance(cipherName);
      SecretKey secretKey = password.<SecretKey, GeneralSecurityException>withChars(chars -> {
        PBEKeySpec spec = new PBEKeySpec(chars);
        try {
          return SecretKeyFactory.getInstance(cipherName).generateSecret(spec);
        } finally {
          spec.clearPassword();
        }
      });
      cipher.init(Cipher.DECRYPT_MODE, secretKey, encrypted.getAlgParameters());
      PKCS8EncodedKeySpec spec = encrypted.getKeySpec(cipher);
      return KeyFactory.getInstance(algorithm).generatePrivate(spec);
    } catch (GeneralSecurityException | IOException | ProviderException e) {
      throw new Unusable("the key can't be decrypted: its password is another, or it is damaged");
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey) throws Unusable {
    String algorithm = switch (publicKey.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> publicKey.getAlgorithm();
    };
    try {
      byte[] message = new byte[32];
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      Signature verification = Signature.getInstance(algorithm);
      verification.initVerify(publicKey);
      verification.update(message);
      boolean verified = verification.verify(signed);
      Arrays.fill(signed, (byte) 0);
      return verified;
    } catch (GeneralSecurityException e) {
      throw new Unusable("the key is not of the kind of the first certificate");
    }
  }

  /** Why PEM is of no use, in words that hold nothing of it. */
  static final class Unusable extends Exception {

    private static final long serialVersionUID = 1L;

    Unusable(String why) {
      super(why);
    }
  }
}
