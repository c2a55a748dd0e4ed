package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.crypto.tink.Aead;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.KeyProtection;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.WrappedKey;

/**
 * Where a master key may come from beside a key file, and what is said when it is the wrong one.
 */
class KeySourcesTest {

  private static final int FEW = KeyProtection.ByPassphrase.MIN_ITERATIONS;
  private static final String KEY_LINE =
      EnvelopeFixtures.KEY_LABEL + Base64.getEncoder().encodeToString(TestStore.rawKey(1));

  @TempDir
  Path parent;

  private Path directory;

  @BeforeEach
  void nameTheDirectory() {
    directory = parent.resolve("store");
  }

  @Test
  void sameKey_comesFromEverySource() throws IOException {
    TestStore.put(TestStore.create(directory), "default", "one", "first");
    Map<String, String> environment = Map.of("KEY", KEY_LINE, "WITH_LINE_FEED", KEY_LINE + "\n");
    byte[] raw = TestStore.rawKey(1);
    for (MasterKey key : List.of(
        MasterKey.copyOf(raw),
        EnvelopeFixtures.fromEnvironment("KEY", environment),
        EnvelopeFixtures.fromEnvironment("WITH_LINE_FEED", environment),
        MasterKey.fromStream(stream(KEY_LINE)),
        MasterKey.fromStream(stream(KEY_LINE + "\n")))) {
      assertThat(key).hasToString("MasterKey[redacted]");
      try (FileSecretStore store = FileSecretStore.open(directory, key)) {
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      }
    }
    assertThat(raw).as("stays the caller's").isEqualTo(TestStore.rawKey(1));
  }

  @Test
  void copyOf_needs32Bytes() {
    for (int size : new int[] {0, 16, 31, 33, 64}) {
      assertThatThrownBy(() -> MasterKey.copyOf(new byte[size]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("32 bytes, got " + size);
    }
  }

  @Test
  void whatIsNoKey_isRefused_andNotQuoted() {
    for (String text : List.of(
        "",
        "canary-5f0c1d7e",
        KEY_LINE.substring(1),
        KEY_LINE + "\n\n",
        KEY_LINE + " ",
        KEY_LINE.replace("=", "*"),
        EnvelopeFixtures.KEY_LABEL + "canary-5f0c1d7e")) {
      assertThatThrownBy(() -> EnvelopeFixtures.fromEnvironment("KEY", Map.of("KEY", text)))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("environment variable KEY")
          .hasMessageNotContaining("canary");
      assertThatThrownBy(() -> MasterKey.fromStream(stream(text)))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("44 characters of base64")
          .hasMessageNotContaining("canary");
    }
    assertThatThrownBy(() -> MasterKey.fromEnvironment("NO_SUCH_VARIABLE_OF_OURS"))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("no environment variable NO_SUCH_VARIABLE_OF_OURS");
    assertThatThrownBy(() -> MasterKey.fromFileDescriptor(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> MasterKey.fromFileDescriptor(987_654))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("file descriptor 987654")
        .hasMessageContaining("passed to this process");
  }

  @Test
  void childProcess_readsTheKeyFromADescriptor() throws Exception {
    Path shell = Path.of("/bin/sh");
    assumeTrue(
        Files.isExecutable(shell) && Files.exists(Path.of("/dev/fd")),
        "SKIPPED: no /bin/sh or no /dev/fd here");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
    ProcessBuilder builder = new ProcessBuilder(
        shell.toString(),
        "-c",
        "printf '%s\\n' \"$KEY_LINE\" | \"$JAVA\" -XX:+UseSerialGC -cp \"$CLASS_PATH\""
            + " \"$0\" \"$1\" 3<&0 0</dev/null",
        ReaderOfDescriptor3.class.getName(),
        directory.toString());
    builder.environment().put("KEY_LINE", KEY_LINE);
    builder.environment().put("CLASS_PATH", System.getProperty("java.class.path"));
    builder.environment().put("JAVA", System.getProperty("java.home") + "/bin/java");
    Process child = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(new String(child.getInputStream().readAllBytes(), US_ASCII)).isEqualTo("first\n");
    assertThat(child.waitFor()).isZero();
  }

  /** Reads a secret with the key that it gets through its descriptor 3. */
  static final class ReaderOfDescriptor3 {
    public static void main(String[] args) {
      try (FileSecretStore store =
          FileSecretStore.open(Path.of(args[0]), MasterKey.fromFileDescriptor(3))) {
        System.out.println(TestStore.read(store, "default", "one"));
      }
    }
  }

  @Test
  void keyFileOfAGroup_isRefused_withTheWayOut() throws IOException {
    assumeTrue(EnvelopeFixtures.hasPermissions(parent), "SKIPPED: no POSIX permissions here");
    Path file = Files.writeString(parent.resolve("mounted.key"), KEY_LINE + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    assertThatThrownBy(() -> MasterKey.fromFile(file))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("r--r-----")
        .hasMessageContaining("chmod 600")
        .hasMessageContaining("fromFileDescriptor")
        .hasMessageContaining("fromEnvironment");
  }

  @Test
  void passphrase_opensWhatItMade() {
    char[] passphrase = "correct horse battery staple".toCharArray();
    try (FileSecretStore store =
        FileSecretStore.create(directory, MasterKey.fromPassphrase(passphrase))) {
      TestStore.put(store, "default", "one", "first");
    }
    String text = new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
    assertThat(text)
        .contains("\"kdf\": \"pbkdf2-hmac-sha512\"", "\"iterations\": 210000")
        .containsPattern("\"salt\": \"[0-9a-f]{32}\"")
        .doesNotContain("horse");
    assertThat(passphrase).as("stays the caller's").startsWith('c', 'o');
    MasterKey again = MasterKey.fromPassphrase(passphrase);
    Arrays.fill(passphrase, 'x');
    try (FileSecretStore store = FileSecretStore.open(directory, again)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  @Test
  void passphrase_hasASaltForEachKey() {
    Path other = parent.resolve("other");
    for (Path each : List.of(directory, other)) {
      FileSecretStore.create(each, passphrase("pass phrase one")).close();
    }
    assertThat(entry(directory).protection())
        .isInstanceOf(KeyProtection.ByPassphrase.class)
        .isNotEqualTo(entry(other).protection());
  }

  @Test
  void badPassphrase_isRefused() {
    assertThatThrownBy(() -> MasterKey.fromPassphrase("1234567".toCharArray()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 8 characters");
    assertThatThrownBy(() -> MasterKey.fromPassphrase("12345678\ud800".toCharArray()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("12345678");
  }

  @Test
  void wrongKeyOfAnyKind_saysSo_andWhatIsNeeded() {
    Aead kms = kms(1);
    Map<MasterKey, String> keys = Map.of(
        TestStore.key(1), "key file",
        passphrase("pass phrase one"), "needs a passphrase",
        MasterKey.fromKms("test-kms://one", kms), "needs the KMS key");
    List<MasterKey> wrong = List.of(
        TestStore.key(2),
        passphrase("pass phrase two"),
        MasterKey.fromKms("test-kms://one", kms(2)),
        MasterKey.fromKms("test-kms://two", kms));
    AtomicInteger number = new AtomicInteger();
    keys.forEach((right, hint) -> {
      Path store = parent.resolve("store-" + number.incrementAndGet());
      FileSecretStore.create(store, right).close();
      FileSecretStore.open(store, right).close();
      for (MasterKey each : wrong) {
        boolean nameIsRight = hint.contains("KMS") && each == wrong.get(2);
        assertThatThrownBy(() -> FileSecretStore.open(store, each))
            .isExactlyInstanceOf(SecretIntegrityException.class)
            .hasMessageContaining(
                nameIsRight ? "key entry 1 does not open" : "not the master key that the store")
            .hasMessageContaining(nameIsRight ? "damaged" : hint);
      }
    });
  }

  @Test
  void damagedKeyEntryOfAPassphrase_isToldApartFromAWrongOne() {
    FileSecretStore.create(directory, passphrase("pass phrase one")).close();
    String text = new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
    String damaged = text.replaceFirst("(\"wrapped\": \")(.{8}).{4}", "$1$2AAAA");
    TestStore.replace(directory, damaged.getBytes(US_ASCII));
    assertThatThrownBy(() -> FileSecretStore.open(directory, passphrase("pass phrase one")))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("key entry 1")
        .hasMessageContaining("restore it from a backup");
    for (String iterations : List.of("999", "2000001", "10000000", "0", "-1", "99999999999")) {
      TestStore.replace(
          directory,
          text.replace("\"iterations\": 1000", "\"iterations\": " + iterations).getBytes(US_ASCII));
      assertThatThrownBy(() -> FileSecretStore.open(directory, passphrase("pass phrase one")))
          .as(iterations)
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("not readable");
    }
  }

  @Test
  void kmsKey_wrapsTheDataKeyAlone() {
    AtomicInteger calls = new AtomicInteger();
    Aead inner = kms(1);
    Aead counting = aead(
        plaintext -> {
          calls.incrementAndGet();
          assertThat(plaintext.length).as("a data key").isEqualTo(32);
          return inner;
        },
        ciphertext -> {
          calls.incrementAndGet();
          return inner;
        });
    MasterKey key = MasterKey.fromKms("aws-kms://arn:aws:kms:eu-1:1:key/a-b", counting);
    try (FileSecretStore store = FileSecretStore.create(directory, key)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "one", "second");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
    }
    assertThat(calls).as("encrypted once, and known from then on").hasValue(1);
    assertThat(new String(TestStore.bytes(TestStore.file(directory)), US_ASCII))
        .contains("\"kms\": \"aws-kms://arn:aws:kms:eu-1:1:key/a-b\"");
    try (FileSecretStore store = FileSecretStore.open(directory, key)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("second");
      TestStore.put(store, "default", "one", "third");
    }
    assertThat(calls).as("decrypted once").hasValue(2);
  }

  @Test
  void kmsThatIsDown_isUnavailable_andNotQuoted() {
    AtomicReference<Exception> failure = new AtomicReference<>();
    Aead inner = kms(1);
    Aead flaky = new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData)
          throws GeneralSecurityException {
        fail();
        return inner.encrypt(plaintext, associatedData);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        fail();
        return inner.decrypt(ciphertext, associatedData);
      }

      private void fail() throws GeneralSecurityException {
        if (failure.get() instanceof GeneralSecurityException e) {
          throw e;
        } else if (failure.get() instanceof RuntimeException e) {
          throw e;
        }
      }
    };
    MasterKey key = MasterKey.fromKms("test-kms://one", flaky);
    FileSecretStore.create(directory, key).close();
    for (Exception each : List.of(
        new GeneralSecurityException("canary", new ConnectException("canary")),
        new GeneralSecurityException(new GeneralSecurityException(new IOException("canary"))),
        new IllegalStateException("canary"))) {
      failure.set(each);
      for (Path store : List.of(directory, parent.resolve("new"))) {
        assertThatThrownBy(() -> FileSecretStore.create(store, key))
            .isExactlyInstanceOf(SecretUnavailableException.class)
            .hasMessageContaining("test-kms://one")
            .hasMessageNotContaining("canary")
            .hasNoCause();
      }
    }
    failure.set(new AEADBadTagException("canary"));
    assertThatThrownBy(() -> FileSecretStore.open(directory, key))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageNotContaining("canary");
    failure.set(null);
    FileSecretStore.open(directory, key).close();
  }

  @Test
  void badKmsName_isRefused() {
    for (String name : List.of("", "a b", "a\"b", "a\\b", "ä", "a\n", "a".repeat(257))) {
      assertThatThrownBy(() -> MasterKey.fromKms(name, kms(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("KMS key");
    }
    MasterKey longest = MasterKey.fromKms("a".repeat(256), kms(1));
    FileSecretStore.create(directory, longest).close();
    FileSecretStore.open(directory, longest).close();
  }

  /** A value can be read by nobody who has the wrong key; this is what all of it is for. */
  @Test
  void store_isReadByItsKeyAlone() {
    try (FileSecretStore store = FileSecretStore.create(directory, passphrase("pass phrase one"));
        SecretValue value = SecretValue.of("first")) {
      store.createVault("default");
      store.createSecret("default", "one", value);
      assertThat(store.fetch("default", Set.of("one"))).containsOnlyKeys("one");
    }
    try (FileSecretStore store = FileSecretStore.open(directory, passphrase("pass phrase one"))) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
    }
  }

  private interface Use {
    Aead of(byte[] bytes);
  }

  private static Aead aead(Use encrypts, Use decrypts) {
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData)
          throws GeneralSecurityException {
        return encrypts.of(plaintext).encrypt(plaintext, associatedData);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        return decrypts.of(ciphertext).decrypt(ciphertext, associatedData);
      }
    };
  }

  /** Encrypts for real, as a service would. */
  static Aead kms(int number) {
    return EnvelopeFixtures.cipher(TestStore.rawKey(100 + number));
  }

  static MasterKey passphrase(String text) {
    return EnvelopeFixtures.fromPassphrase(text.toCharArray(), FEW);
  }

  private static WrappedKey entry(Path directory) {
    try {
      return DocumentReader.read(TestStore.bytes(TestStore.file(directory)))
          .document()
          .keys()
          .get(0);
    } catch (CanonicalInput.MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(US_ASCII));
  }
}
