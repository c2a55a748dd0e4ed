package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.crypto.tink.Aead;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** What the tests of stores need of this module beyond what is public. */
public final class EnvelopeFixtures {

  /** How the line of a key begins. */
  public static final String KEY_LABEL = KeyText.MASTER.label();

  private EnvelopeFixtures() {}

  /** A key that is the same for the same number. */
  public static MasterKey key(int number) {
    return MasterKey.copyOf(rawKey(number));
  }

  /** The bytes of that key. */
  public static byte[] rawKey(int number) {
    byte[] raw = new byte[XaesGcm.KEY_SIZE_BYTES];
    Arrays.fill(raw, (byte) number);
    return raw;
  }

  /** A recovery key that is the same for the same number. */
  public static MasterKey recoveryKey(int number) {
    return MasterKey.adoptRecovery(rawRecoveryKey(number));
  }

  /** The bytes of that key: the private key, then the secret. */
  public static byte[] rawRecoveryKey(int number) {
    byte[] raw = new byte[RecoveryWrapping.SIZE_BYTES];
    Arrays.fill(raw, 0, XaesGcm.KEY_SIZE_BYTES, (byte) number);
    Arrays.fill(raw, XaesGcm.KEY_SIZE_BYTES, raw.length, (byte) -number);
    return raw;
  }

  /** The line that a key file holds for that master key. */
  public static byte[] keyLine(int number) {
    return line(KEY_LABEL, rawKey(number));
  }

  /** The line that a key file holds for that recovery key. */
  public static byte[] recoveryKeyLine(int number) {
    return line(KeyText.RECOVERY.label(), rawRecoveryKey(number));
  }

  private static byte[] line(String label, byte[] raw) {
    return (label + Base64.getEncoder().encodeToString(raw) + "\n").getBytes(US_ASCII);
  }

  /** {@link MasterKey#createFile} with other files. */
  public static MasterKey createKeyFile(Path file, StoreFiles files) {
    return new KeyFile(file, files).create();
  }

  /** {@link MasterKey#fromPassphrase} with fewer iterations. */
  public static MasterKey fromPassphrase(char[] passphrase, int iterations) {
    return MasterKey.fromPassphrase(passphrase, iterations);
  }

  /** {@link MasterKey#fromEnvironment} with another environment. */
  public static MasterKey fromEnvironment(String variable, Map<String, String> environment) {
    return MasterKey.fromEnvironment(variable, environment);
  }

  /** The fingerprint of a key of raw bytes, as hex digits. */
  public static String fingerprint(MasterKey key) {
    return key.fingerprint().orElseThrow();
  }

  /** An envelope with a new data key of any id, and no other. */
  public static Envelope ofOneKey(String label, OpaqueBytes storeId, long id, MasterKey master) {
    AssociatedData associatedData = new AssociatedData(label, storeId);
    return new Envelope(associatedData, List.of(DataKey.generate(id, associatedData, master)));
  }

  /** The stores' cipher, as a key management service would offer it. */
  public static Aead cipher(byte[] rawKey) {
    XaesGcm cipher = XaesGcm.adopt(rawKey);
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
        return cipher.encrypt(plaintext, associatedData);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        byte[] plaintext = cipher.decrypt(ciphertext, associatedData);
        if (plaintext == null) {
          throw new AEADBadTagException();
        }
        return plaintext;
      }
    };
  }

  /** Whether this is a file system in the manner of Unix. */
  public static boolean hasPermissions(Path file) {
    return LocalStoreFiles.hasPermissions(file);
  }
}
