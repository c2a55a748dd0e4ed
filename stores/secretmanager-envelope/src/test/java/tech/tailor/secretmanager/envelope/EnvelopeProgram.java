package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.hybrid.HpkeParameters.AeadId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.Envelope.Place;
import tech.tailor.secretmanager.envelope.SealedBox.Kem;
import tech.tailor.secretmanager.envelope.SealedBox.Opener;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Uses all of this module that needs Tink, and opens what was made before. A program of its own, so
 * that it can run on a class path without the libraries of the tests.
 */
final class EnvelopeProgram {

  /** What the program prints at its end, if all went well. */
  static final String DONE = "All of the module works here.";

  private static final byte[] VALUE = "a golden value".getBytes(UTF_8);
  private static final byte[] INFO = "golden info".getBytes(UTF_8);
  private static final byte[] CONTENT = "what the store holds in clear".getBytes(UTF_8);

  private static final String LABEL = "golden";
  private static final OpaqueBytes STORE_ID = filled(1);
  private static final Place PLACE = new Place(filled(2), filled(3), 7, "api-key");
  private static final long GENERATION = 3;

  // Golden data: made with Tink 1.24.0, and with the key of the bytes 0 to 31.

  private static final String FINGERPRINT = "d9037596a8359fc90b63e29b5d7c2b5f";

  private static final String WRAPPED_KEY =
      "195d04467da2c1c27aeba48957913942406e91a88379565b3652fe6f25bd3fbd"
          + "019f8451e7a97d185c19f84dd0ea8ec172dbc063f8c84111f55297122c6aa6b13de27007a361d8e6";

  private static final String CIPHERTEXT =
      "6c094b98fc91ae87ef8c8bb03430bd576d46ac8e04f95ceed28f76bf1b185b32"
          + "bcc00cdf6b5b6e6f1af0bfb23d9ee0b396f7426a5e8b";

  private static final String SEAL =
      "50a9e3be54dc1bda073e47ef23d48cc40dffd750c2242088e19b87149f51ae5af8f6a48c4d793585";

  private static final String X25519_PUBLIC_KEY =
      "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f";

  private static final String X25519_BOX =
      "b6201e510b205feffa89c6b30045342f303d92aafc50dcbf6f8152102c4a093d"
          + "c7a32d3b5745f08e3dd7b44e9b6dfb41c3f2c6e62e7ae59befa4f0323dc1";

  private static final String P256_PUBLIC_KEY =
      "047a593180860c4037c83c12749845c8ee1424dd297fadcb895e358255d2c7d2b2"
          + "a8ca25580f2626fe579062ff1b99ff91c24a0da06fb32b5be20148c9249f5650";

  private static final String P256_BOX =
      "041a25cd7401031ddc86141af55a436dec7820261599f7a729b31309131309b197"
          + "23e381b9deb77d0ae413d9e09b05256dc0d98e7baabc7074ae406254848c9bf1"
          + "f98443a66e592165126fba1e79ba33870039aad4ade955e24ab2366f34a0";

  private EnvelopeProgram() {}

  public static void main(String[] args) throws Exception {
    openGoldenEnvelope();
    openGoldenBox(Kem.X25519, X25519_PUBLIC_KEY, X25519_BOX);
    openGoldenBox(Kem.P256, P256_PUBLIC_KEY, P256_BOX);
    Path directory = Files.createTempDirectory("envelope-program");
    Path keyFile = directory.resolve("master.key");
    try {
      for (MasterKey master : List.of(
          MasterKey.createFile(keyFile),
          MasterKey.copyOf(goldenKey()),
          MasterKey.fromPassphrase("a long passphrase".toCharArray(), 1_000),
          MasterKey.fromKms("kms://one", new Kms()))) {
        sealAndOpen(master);
      }
    } finally {
      Files.deleteIfExists(keyFile);
      Files.delete(directory);
    }
    for (Kem kem : Kem.values()) {
      Opener opener = Opener.generate(kem);
      byte[] box = SealedBox.seal(kem, opener.publicKey(), VALUE, INFO);
      require(Arrays.equals(VALUE, opener.open(box, INFO)), "a new box for " + kem);
    }
    System.out.println(DONE);
  }

  private static void openGoldenEnvelope() {
    WrappedKey key =
        new WrappedKey(1, KeyProtection.ByKey.RAW, bytes(FINGERPRINT), bytes(WRAPPED_KEY));
    MasterKey master = MasterKey.copyOf(goldenKey());
    Envelope envelope =
        Envelope.open(LABEL, STORE_ID, List.of(key), List.of(master), null, "golden store");
    require(envelope.isOf(master), "the golden fingerprint");
    byte[] value = opened(envelope, 1, PLACE, bytes(CIPHERTEXT));
    require(Arrays.equals(VALUE, value), "the golden ciphertext");
    require(envelope.verifies(bytes(SEAL), GENERATION, CONTENT, CONTENT.length), "the golden seal");
    require(
        !envelope.verifies(bytes(SEAL), GENERATION + 1, CONTENT, CONTENT.length),
        "the golden seal, of another generation,");
  }

  private static void openGoldenBox(Kem kem, String publicKey, String box)
      throws GeneralSecurityException {
    Opener opener =
        Opener.adopt(kem, AeadId.AES_256_GCM, HexFormat.of().parseHex(publicKey), goldenKey());
    byte[] value = opener.open(HexFormat.of().parseHex(box), INFO);
    require(Arrays.equals(VALUE, value), "the golden box for " + kem);
  }

  private static void sealAndOpen(MasterKey master) {
    List<MasterKey> masters = List.of(master);
    Envelope created = Envelope.create(LABEL, STORE_ID, master);
    OpaqueBytes old = sealed(created, PLACE, VALUE);
    Envelope rotated = created
        .withNewKey(2, masters, "store")
        .rewrap(MasterKey.copyOf(goldenKey()), masters, "store")
        .rewrap(master, List.of(MasterKey.copyOf(goldenKey())), "store");
    OpaqueBytes young = sealed(rotated, PLACE, VALUE);
    OpaqueBytes seal = rotated.seal(GENERATION, CONTENT, CONTENT.length);
    Envelope opened = Envelope.open(LABEL, STORE_ID, rotated.wrappedKeys(), masters, null, "store");
    require(Arrays.equals(VALUE, opened(opened, 1, PLACE, old)), "an old value");
    require(Arrays.equals(VALUE, opened(opened, 2, PLACE, young)), "a new value");
    require(opened(opened, 1, PLACE, young) == null, "a value with another key");
    require(opened.verifies(seal, GENERATION, CONTENT, CONTENT.length), "a new seal");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException("Wrong: " + what);
    }
  }

  private static byte[] goldenKey() {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) i;
    }
    return key;
  }

  private static OpaqueBytes filled(int number) {
    byte[] bytes = new byte[16];
    Arrays.fill(bytes, (byte) number);
    return OpaqueBytes.adopt(bytes);
  }

  private static OpaqueBytes bytes(String hex) {
    return OpaqueBytes.adopt(HexFormat.of().parseHex(hex));
  }

  /** Implements Tink's interface, as an application does. */
  private static final class Kms implements Aead {

    private final XaesGcm cipher = XaesGcm.adopt(goldenKey());

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
      return cipher.encrypt(plaintext, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      byte[] plaintext = cipher.decrypt(ciphertext, associatedData);
      if (plaintext == null) {
        throw new GeneralSecurityException();
      }
      return plaintext;
    }
  }

  private static OpaqueBytes sealed(Envelope envelope, Envelope.Place place, byte[] bytes) {
    try (SecretValue value = SecretValue.copyOf(bytes)) {
      return envelope.sealValue(place, value);
    }
  }

  /** Null where the envelope gives none. */
  private static byte[] opened(
      Envelope envelope, long key, Envelope.Place place, OpaqueBytes ciphertext) {
    try (SecretValue value =
        envelope.openValue(key, place, ciphertext, SecretMetadata.unversioned())) {
      return value == null ? null : value.<byte[], RuntimeException>withBytes(byte[]::clone);
    }
  }
}
