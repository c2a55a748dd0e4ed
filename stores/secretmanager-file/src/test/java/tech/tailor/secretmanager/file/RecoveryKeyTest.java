package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** A second key, made beforehand, that opens a store whose master key is lost. */
class RecoveryKeyTest {

  private static final String FORMAT_1 = "{\n  \"format\": 1,";
  private static final String FORMAT_2 = "{\n  \"format\": 2,";

  @TempDir
  Path parent;

  private final MasterKey recovery = EnvelopeFixtures.recoveryKey(5);
  private Path directory;

  @BeforeEach
  void makeAStore() {
    directory = parent.resolve("store");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
    }
  }

  private void addRecoveryKey(MasterKey key) {
    addRecoveryKey(key, TestStore.key(1));
  }

  private void addRecoveryKey(MasterKey key, MasterKey master) {
    try (FileSecretStore store = FileSecretStore.open(directory, master)) {
      store.addRecoveryKey(key);
    }
  }

  private String text() {
    return new String(TestStore.bytes(TestStore.file(directory)), US_ASCII);
  }

  private String readWith(MasterKey key) {
    try (FileSecretStore store = FileSecretStore.open(directory, key)) {
      return TestStore.read(store, "default", "one");
    }
  }

  @Test
  void lostMasterKey_isReplacedByTheRecoveryKey() {
    addRecoveryKey(recovery);
    MasterKey next = TestStore.key(2);
    try (FileSecretStore store = FileSecretStore.open(directory, recovery)) {
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("first");
      TestStore.put(store, "default", "one", "second");
      String before = text();
      assertThatThrownBy(store::rotateDataKey)
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("new master key first");
      assertThatThrownBy(store::removeRecoveryKey)
          .as("nothing but the lost key would open the store")
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("new master key first");
      assertThatThrownBy(() -> store.rotateMasterKey(EnvelopeFixtures.recoveryKey(6)))
          .isExactlyInstanceOf(IllegalArgumentException.class);
      assertThat(text()).isEqualTo(before);
      store.rotateMasterKey(next);
      store.rotateDataKey();
    }
    assertThat(readWith(next)).isEqualTo("second");
    assertThat(readWith(recovery)).isEqualTo("second");
    try (FileSecretStore store = FileSecretStore.open(directory, next)) {
      store.removeRecoveryKey();
    }
    assertThat(readWith(next)).isEqualTo("second");
    addRecoveryKey(recovery, next);
    assertThatThrownBy(() -> TestStore.open(directory))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("not the master key")
        .hasMessageContaining(recovery.fingerprint().orElseThrow());
  }

  /** None of these has the recovery key at hand. */
  @Test
  void everyChangeOfTheKeys_keepsTheCopiesValid() {
    addRecoveryKey(recovery);
    MasterKey last = TestStore.key(1);
    for (MasterKey next : List.of(
        KeySourcesTest.passphrase("pass phrase one"),
        MasterKey.fromKms("test-kms://one", KeySourcesTest.kms(1)),
        TestStore.key(3))) {
      try (FileSecretStore store = FileSecretStore.open(directory, last)) {
        store.rotateDataKey();
        assertThat(readWith(recovery)).isEqualTo("first");
        store.rotateMasterKey(next);
        assertThat(readWith(recovery)).isEqualTo("first");
      }
      last = next;
    }
    assertThat(text()).startsWith(FORMAT_2).contains("\"id\": 4").doesNotContain("\"id\": 3,");
    assertThat(readWith(last)).isEqualTo("first");
  }

  @Test
  void interruptedRotation_leavesACopyOfBothDataKeys() {
    addRecoveryKey(recovery);
    TestStore.reseal(directory, document -> document); // the control: a document as it is
    byte[] original = TestStore.bytes(TestStore.file(directory));
    SealedDocument content = SealedDocument.open(directory, original, TestStore.key(1), null);
    var two = content.envelope().withNewKey(2, List.of(TestStore.key(1)), "store");
    TestStore.replace(
        directory, SealedDocument.seal(content.document().withKeys(two), two).file());
    assertThat(readWith(recovery)).isEqualTo("first");
    try (FileSecretStore store = FileSecretStore.builder(directory, recovery)
        .previousKey(TestStore.key(1))
        .open()) {
      store.rotateDataKey();
    }
    assertThat(readWith(recovery)).isEqualTo("first");
    assertThat(readWith(TestStore.key(1))).isEqualTo("first");
  }

  @Test
  void fileIsOfFormat2_onlyWhileThereIsARecoveryKey() {
    assertThat(text()).startsWith(FORMAT_1);
    addRecoveryKey(recovery);
    assertThat(text()).startsWith(FORMAT_2);
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThat(store.recoveryKeyFingerprint()).isEqualTo(recovery.fingerprint());
      store.removeRecoveryKey();
      assertThat(store.recoveryKeyFingerprint()).isEmpty();
      String removed = text();
      store.removeRecoveryKey();
      assertThat(text()).as("a second time changes nothing").isEqualTo(removed);
    }
    assertThat(text()).startsWith(FORMAT_1).doesNotContain("recovery");
    assertThatThrownBy(() -> readWith(recovery))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("recovery key, and the store has none");
    assertThat(readWith(TestStore.key(1))).isEqualTo("first");
  }

  @Test
  void anotherRecoveryKey_takesThePlaceOfTheFirst() {
    addRecoveryKey(recovery);
    MasterKey other = EnvelopeFixtures.recoveryKey(6);
    addRecoveryKey(other);
    assertThat(readWith(other)).isEqualTo("first");
    assertThatThrownBy(() -> readWith(recovery))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("has another one: " + other.fingerprint().orElseThrow());
  }

  @Test
  void keysInTheWrongPlace_areRefused_andNothingIsMade() {
    Path none = parent.resolve("none");
    assertThatThrownBy(() -> FileSecretStore.create(none, recovery))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThat(none).doesNotExist();
    try (FileSecretStore store = TestStore.open(directory)) {
      assertThatThrownBy(() -> store.addRecoveryKey(TestStore.key(2)))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("createRecoveryFile");
    }
    assertThat(text()).startsWith(FORMAT_1);
  }

  /** An attacker who could exchange the public half would get a copy of the next data key. */
  @Test
  void exchangedPublicHalf_isRefused() {
    addRecoveryKey(recovery);
    String text = text();
    String ours = publicHalf(text);
    MasterKey attackers = EnvelopeFixtures.recoveryKey(6);
    addRecoveryKey(attackers);
    String exchanged = text.replace(ours, publicHalf(text()));
    assertThat(exchanged).isNotEqualTo(text);
    TestStore.replace(directory, exchanged.getBytes(US_ASCII));
    assertThatThrownBy(() -> TestStore.open(directory))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("seal does not match");
    for (MasterKey key : List.of(recovery, attackers)) {
      assertThatThrownBy(() -> readWith(key)).isExactlyInstanceOf(SecretIntegrityException.class);
    }
    TestStore.replace(directory, text.getBytes(US_ASCII));
    assertThat(readWith(recovery)).as("the control").isEqualTo("first");
  }

  private static String publicHalf(String text) {
    String before = "\"recoveryKey\": \"";
    int from = text.indexOf(before) + before.length();
    return text.substring(from, text.indexOf('"', from));
  }

  @Test
  void everyChangedByte_isRefused_byBothKeys() {
    addRecoveryKey(recovery);
    byte[] original = TestStore.bytes(TestStore.file(directory));
    List<MasterKey> keys = List.of(TestStore.key(1), recovery);
    for (MasterKey key : keys) {
      SealedDocument.open(directory, original, key, null); // the control
      for (int at = 0; at < original.length; at++) {
        byte[] changed = original.clone();
        changed[at] ^= (byte) (1 << at % 8);
        assertThatThrownBy(() -> SealedDocument.open(directory, changed, key, null))
            .as("byte " + at)
            .isExactlyInstanceOf(SecretIntegrityException.class)
            .hasNoCause();
      }
    }
    System.out.println("tampering: " + original.length + " changed bytes of a store with a recovery"
        + " key, by both keys, 0 accepted");
  }

  @Test
  void documentOfFormat2_isTakenInOneFormAlone() {
    addRecoveryKey(recovery);
    byte[] original = TestStore.bytes(TestStore.file(directory));
    assertThat(LenientReader.strictly(original)).isNotNull();
    String text = text();
    String shorter = Base64.getEncoder().encodeToString(OpaqueBytes.random(31).toArray());
    for (String changed : List.of(
        text.replace("\"format\": 2", "\"format\": 1"),
        text.replaceFirst("  \"recoveryKey\".*\n", ""),
        text.replaceFirst("  \"recoverySecret\".*\n", ""),
        text.replaceFirst(",\n +\"recovery\": .*\n", "\n"),
        text.replace(publicHalf(text), shorter))) {
      assertThat(changed).isNotEqualTo(text);
      assertThatThrownBy(() -> DocumentReader.read(changed.getBytes(US_ASCII)))
          .isInstanceOf(CanonicalInput.MalformedException.class);
      assertThat(LenientReader.strictly(changed.getBytes(US_ASCII))).isNull();
    }
  }
}
