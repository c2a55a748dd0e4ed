package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.hybrid.HpkeParameters.AeadId;
import java.io.Serializable;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.envelope.SealedBox.Kem;
import tech.tailor.secretmanager.envelope.SealedBox.Opener;

class SealedBoxTest {

  private static final int TAG_SIZE_BYTES = 16;
  private static final byte[] PLAINTEXT = "a value that nobody else may read".getBytes(UTF_8);
  private static final byte[] INFO = "where the value belongs".getBytes(UTF_8);

  /** The same in all vectors. */
  private static final byte[] VECTOR_INFO = hex("4f6465206f6e2061204772656369616e2055726e");

  private static final byte[] VECTOR_PLAINTEXT =
      hex("4265617574792069732074727574682c20747275746820626561757479");

  private static final byte[] VECTOR_AAD = "Count-0".getBytes(UTF_8);

  /**
   * The first encryption of a vector in base mode with HKDF-SHA256.
   *
   * @param key follows from the private key, the encapsulated key and the info, as does the nonce
   * @param ciphertext of the plaintext, with the vectors' associated data
   */
  private record Vector(
      String name,
      Kem kem,
      AeadId aead,
      String publicKey,
      String privateKey,
      String encapsulated,
      String key,
      String nonce,
      String ciphertext) {

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * RFC 9180 prints vectors with AES-128-GCM. Those with AES-256-GCM are in test-vectors.json,
   * which it refers to.
   */
  private static List<Vector> vectors() {
    return List.of(
        new Vector(
            "RFC 9180, A.1.1: X25519, AES-128-GCM",
            Kem.X25519,
            AeadId.AES_128_GCM,
            "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
            "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
            "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
            "4531685d41d65f03dc48f6b8302c05b0",
            "56d890e5accaaf011cff4b7d",
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
                + "6d8770ac83d07bea87e13c512a"),
        new Vector(
            "RFC 9180, A.3.1: P-256, AES-128-GCM",
            Kem.P256,
            AeadId.AES_128_GCM,
            "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
                + "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
            "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
                + "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
            "868c066ef58aae6dc589b6cfdd18f97e",
            "4e0bc5018beba4bf004cca59",
            "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f"
                + "9076ac232e3ab2523f39513434"),
        new Vector(
            "CFRG test-vectors.json: X25519, AES-256-GCM",
            Kem.X25519,
            AeadId.AES_256_GCM,
            "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
            "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
            "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
            "f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f",
            "151d9929e2449747889bc923",
            "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be99319"
                + "80a41de125a925cdad859d5b7a"),
        new Vector(
            "CFRG test-vectors.json: P-256, AES-256-GCM",
            Kem.P256,
            AeadId.AES_256_GCM,
            "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f"
                + "853148544876de76c0f2ef99cdc3a05ccf5ded7860c7c021238f9e2073d2356c",
            "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
            "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e"
                + "0b21bd31a86c6048af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0",
            "ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d",
            "9bc50980832a7b4b58c40161",
            "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d2917424"
                + "65e902cd216f8908da49f8f96f"));
  }

  /**
   * A vector's ciphertext has associated data, a box has none. So the test first makes the vector's
   * ciphertext with the vector's key, to check both, and then encrypts without associated data.
   */
  @ParameterizedTest
  @MethodSource("vectors")
  void vector_isOpened(Vector vector) throws GeneralSecurityException {
    assertThat(encrypt(vector, VECTOR_AAD)).isEqualTo(hex(vector.ciphertext));
    byte[] box = concatenate(hex(vector.encapsulated), encrypt(vector, new byte[0]));
    Opener opener =
        Opener.adopt(vector.kem, vector.aead, hex(vector.publicKey), hex(vector.privateKey));

    assertThat(opener.open(box, VECTOR_INFO)).isEqualTo(VECTOR_PLAINTEXT);
    byte[] withAssociatedData = concatenate(hex(vector.encapsulated), hex(vector.ciphertext));
    assertThatThrownBy(() -> opener.open(withAssociatedData, VECTOR_INFO))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(opener.publicKey()).isEqualTo(hex(vector.publicKey));
    assertThat(opener.kem()).isEqualTo(vector.kem);
  }

  /** What is sealed to a vector's key with AES-256-GCM, its private key opens. */
  @ParameterizedTest
  @MethodSource("vectors")
  void vectorsKeyPair_opensWhatIsSealedToIt(Vector vector) throws GeneralSecurityException {
    byte[] box = SealedBox.seal(vector.kem, hex(vector.publicKey), PLAINTEXT, INFO);
    byte[] privateKey = hex(vector.privateKey);

    Opener opener = Opener.adopt(vector.kem, AeadId.AES_256_GCM, hex(vector.publicKey), privateKey);

    assertThat(opener.open(box, INFO)).isEqualTo(PLAINTEXT);
    assertThat(privateKey).as("wiped").containsOnly(0);
    Opener withAnotherCipher =
        Opener.adopt(vector.kem, AeadId.AES_128_GCM, hex(vector.publicKey), hex(vector.privateKey));
    assertThatThrownBy(() -> withAnotherCipher.open(box, INFO))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void box_isOpenedByItsRecipient(Kem kem) throws GeneralSecurityException {
    Opener opener = Opener.generate(kem);
    for (int sizeBytes : new int[] {0, 1, 15, 16, 17, 1_000, 65_536}) {
      byte[] plaintext = new byte[sizeBytes];
      Arrays.fill(plaintext, (byte) sizeBytes);

      byte[] box = SealedBox.seal(kem, opener.publicKey(), plaintext, INFO);

      assertThat(box).hasSize(kem.publicKeySizeBytes() + sizeBytes + TAG_SIZE_BYTES);
      assertThat(opener.open(box, INFO)).isEqualTo(plaintext);
    }
    byte[] withoutInfo = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, new byte[0]);
    assertThat(opener.open(withoutInfo, new byte[0])).isEqualTo(PLAINTEXT);
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void twoBoxesOfOnePlaintext_differ(Kem kem) throws GeneralSecurityException {
    Opener opener = Opener.generate(kem);
    int keySizeBytes = kem.publicKeySizeBytes();

    byte[] one = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, INFO);
    byte[] other = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, INFO);

    assertThat(Arrays.copyOf(one, keySizeBytes)).isNotEqualTo(Arrays.copyOf(other, keySizeBytes));
    assertThat(Arrays.copyOfRange(one, keySizeBytes, one.length))
        .isNotEqualTo(Arrays.copyOfRange(other, keySizeBytes, other.length));
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void wrongInfoOrKey_opensNothing(Kem kem) throws GeneralSecurityException {
    Opener opener = Opener.generate(kem);
    byte[] box = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, INFO);
    byte[] shorter = Arrays.copyOf(INFO, INFO.length - 1);
    byte[] longer = Arrays.copyOf(INFO, INFO.length + 1);
    for (byte[] info : List.of(new byte[0], shorter, longer, flipped(INFO, 0))) {
      assertNotOpened(opener, box, info);
    }
    assertNotOpened(Opener.generate(kem), box, INFO);
    for (Kem other : Kem.values()) {
      assertNotOpened(Opener.generate(other), box, INFO);
    }
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void changedBox_opensNothing(Kem kem) throws GeneralSecurityException {
    Opener opener = Opener.generate(kem);
    byte[] box = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, INFO);
    for (int bit = 0; bit < box.length * Byte.SIZE; bit++) {
      assertNotOpened(opener, flipped(box, bit), INFO);
    }
    for (int sizeBytes = 0; sizeBytes < box.length; sizeBytes++) {
      assertNotOpened(opener, Arrays.copyOf(box, sizeBytes), INFO);
    }
    assertNotOpened(opener, Arrays.copyOf(box, box.length + 1), INFO);
    assertNotOpened(opener, Arrays.copyOfRange(box, 1, box.length), INFO);
    assertThat(opener.open(box, INFO)).as("unchanged").isEqualTo(PLAINTEXT);
    System.out.println("sealed boxes for " + kem + ": refused with each of "
        + box.length * Byte.SIZE + " bits flipped, and cut to each of " + box.length + " sizes");
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void publicKey_isOfTheStatedSize(Kem kem) throws GeneralSecurityException {
    Opener opener = Opener.generate(kem);

    assertThat(opener.publicKey()).hasSize(kem.publicKeySizeBytes());
    for (int sizeBytes = 0; sizeBytes <= 2 * kem.publicKeySizeBytes(); sizeBytes++) {
      if (sizeBytes != kem.publicKeySizeBytes()) {
        assertNotSealed(kem, Arrays.copyOf(opener.publicKey(), sizeBytes));
      }
    }
    byte[] returned = opener.publicKey();
    Arrays.fill(returned, (byte) 0);
    byte[] box = SealedBox.seal(kem, opener.publicKey(), PLAINTEXT, INFO);
    assertThat(opener.open(box, INFO)).isEqualTo(PLAINTEXT);
  }

  @Test
  void publicKeys_areOfTheSizesOfRfc9180() {
    assertThat(Kem.X25519.publicKeySizeBytes()).isEqualTo(32);
    assertThat(Kem.P256.publicKeySizeBytes()).isEqualTo(65);
  }

  /** If Tink computed with a point off the curve, its sender could learn the private key. */
  @Test
  void pointOffTheCurve_isRefused() throws GeneralSecurityException {
    Opener opener = Opener.generate(Kem.P256);
    byte[] box = SealedBox.seal(Kem.P256, opener.publicKey(), PLAINTEXT, INFO);
    byte[] infinity = new byte[65];
    infinity[0] = 4;
    byte[] beyondTheField = new byte[65];
    Arrays.fill(beyondTheField, (byte) 0xff);
    beyondTheField[0] = 4;
    byte[] hybridForm = opener.publicKey();
    hybridForm[0] = 6;

    for (byte[] point : List.of(
        flipped(opener.publicKey(), 64 * Byte.SIZE), infinity, beyondTheField, hybridForm)) {
      assertNotSealed(Kem.P256, point);
      assertNotOpened(opener, replacedStart(box, point), INFO);
    }
  }

  /**
   * The shared secret with such a point is zero, whatever the other key is, so RFC 9180 demands a
   * check. Tink has a list of these points, and refuses them when it seals and when it opens, with
   * and without the bit that X25519 ignores. The JDK confirms that each point is of small order.
   */
  @Test
  void pointOfLowOrder_isRefused() throws GeneralSecurityException {
    String zeros = "00".repeat(31);
    String ones = "ff".repeat(30) + "7f";
    List<String> points = List.of(
        "00" + zeros,
        "01" + zeros,
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ec" + ones,
        "ed" + ones,
        "ee" + ones);
    Opener opener = Opener.generate(Kem.X25519);
    byte[] box = SealedBox.seal(Kem.X25519, opener.publicKey(), PLAINTEXT, INFO);
    KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();

    for (String text : points) {
      byte[] point = hex(text);
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(pair.getPrivate());
      assertThatThrownBy(() -> agreement.doPhase(publicKeyOfJdk(point), true))
          .isInstanceOf(InvalidKeyException.class)
          .hasMessageContaining("small order");
      for (byte[] encoding : List.of(point, flipped(point, 255))) {
        assertNotSealed(Kem.X25519, encoding);
        assertNotOpened(opener, replacedStart(box, encoding), INFO);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void keysThatAreNoPair_areRefusedAndWiped(Kem kem) {
    Vector vector =
        vectors().stream().filter(each -> each.kem == kem).findFirst().orElseThrow();
    byte[] privateKey = hex(vector.privateKey);

    assertThatThrownBy(() ->
            Opener.adopt(kem, AeadId.AES_256_GCM, Opener.generate(kem).publicKey(), privateKey))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(privateKey).containsOnly(0);
  }

  /** One scalar in 256 has a leading zero byte, which a {@link BigInteger} drops. */
  @Test
  void shortScalar_isPadded() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    int padded = 0;
    int tried = 0;
    for (; padded < 3; tried++) {
      KeyPair pair = generator.generateKeyPair();
      BigInteger scalar = ((ECPrivateKey) pair.getPrivate()).getS();
      boolean isShort = scalar.bitLength() <= 31 * Byte.SIZE;
      if (isShort || tried < 20) {
        assertOpensItsBox(Opener.ofP256(pair));
      }
      padded += isShort ? 1 : 0;
    }
    System.out.println(
        "P-256: boxes opened with " + padded + " short scalars, found among " + tried);
  }

  @Test
  @Tag("suite")
  void everyGeneratedPair_opensItsBox() throws GeneralSecurityException {
    int pairs = Boolean.getBoolean("deep") ? 20_000 : 1_000;
    for (Kem kem : Kem.values()) {
      for (int i = 0; i < pairs; i++) {
        assertOpensItsBox(Opener.generate(kem));
      }
    }
    System.out.println("generated key pairs that opened their box: " + pairs + " of each kind");
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void opener_neverShowsItself(Kem kem) {
    Opener opener = Opener.generate(kem);
    HexFormat hex = HexFormat.of();

    assertThat(opener).hasToString("Opener[" + kem + "]").isNotInstanceOf(Serializable.class);
    assertThat(opener.toString().toLowerCase(Locale.ROOT))
        .doesNotContain(hex.formatHex(opener.publicKey()).substring(0, 8));
    assertThat(Arrays.stream(Opener.class.getMethods())
            .filter(method -> method.getDeclaringClass() == Opener.class)
            .map(method -> method.getName()))
        .containsExactlyInAnyOrder("generate", "kem", "open", "publicKey", "toString");
    assertThat(Opener.class.getFields()).isEmpty();
  }

  private static void assertOpensItsBox(Opener opener) throws GeneralSecurityException {
    byte[] box = SealedBox.seal(opener.kem(), opener.publicKey(), PLAINTEXT, INFO);
    assertThat(opener.open(box, INFO)).isEqualTo(PLAINTEXT);
  }

  private static void assertNotOpened(Opener opener, byte[] box, byte[] info) {
    assertThatThrownBy(() -> opener.open(box, info)).isInstanceOf(GeneralSecurityException.class);
  }

  private static void assertNotSealed(Kem kem, byte[] publicKey) {
    assertThatThrownBy(() -> SealedBox.seal(kem, publicKey, PLAINTEXT, INFO))
        .isInstanceOf(GeneralSecurityException.class);
  }

  private static byte[] encrypt(Vector vector, byte[] aad) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(hex(vector.key), "AES"),
        new GCMParameterSpec(TAG_SIZE_BYTES * Byte.SIZE, hex(vector.nonce)));
    cipher.updateAAD(aad);
    return cipher.doFinal(VECTOR_PLAINTEXT);
  }

  private static PublicKey publicKeyOfJdk(byte[] littleEndian) throws GeneralSecurityException {
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < littleEndian.length; i++) {
      bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
    }
    return KeyFactory.getInstance("X25519")
        .generatePublic(
            new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, bigEndian)));
  }

  private static byte[] concatenate(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] replacedStart(byte[] bytes, byte[] start) {
    byte[] replaced = bytes.clone();
    System.arraycopy(start, 0, replaced, 0, start.length);
    return replaced;
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] flipped = bytes.clone();
    flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    return flipped;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
