package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/** Recovery keys: their files, and the copies of data keys that they open. */
class RecoveryKeyTest {

  private static final String LABEL = "test";
  private static final String STORE = "store";

  @TempDir
  Path directory;

  private final OpaqueBytes storeId = OpaqueBytes.random(16);
  private final MasterKey master = EnvelopeFixtures.key(1);
  private final MasterKey recovery = EnvelopeFixtures.recoveryKey(5);
  private final Envelope envelope =
      Envelope.create(LABEL, storeId, master).withRecovery(recovery, List.of(master), STORE);

  private Envelope open(List<WrappedKey> keys, MasterKey key) {
    RecoveryEntry entry = envelope.recovery().orElseThrow();
    return Envelope.open(LABEL, storeId, keys, entry, List.of(key), null, STORE);
  }

  private static void assertSameKeys(Envelope one, Envelope other) {
    byte[] content = {1, 2, 3};
    OpaqueBytes seal = one.seal(1, content, content.length);
    assertThat(other.verifies(seal, 1, content, content.length)).isTrue();
  }

  @Test
  void copies_openWithTheRecoveryKeyAlone() {
    assertSameKeys(envelope, open(envelope.wrappedKeys(), recovery));
    assertSameKeys(envelope, open(envelope.wrappedKeys(), master));
    assertThatThrownBy(() -> open(envelope.wrappedKeys(), EnvelopeFixtures.recoveryKey(6)))
        .isExactlyInstanceOf(SecretIntegrityException.class);
    OpaqueBytes copy = envelope.wrappedKeys().get(0).recoveryCopy();
    assertThat(copy).isNotNull();
    assertThat(copy.sizeBytes()).isEqualTo(120);
  }

  /** What is left would open with a key that is lost. */
  @Test
  void copies_areNotDropped_withoutAMasterKeyForEachDataKey() {
    MasterKey next = EnvelopeFixtures.key(2);
    for (List<MasterKey> masters :
        List.of(List.<MasterKey>of(), List.of(recovery), List.of(next), List.of(recovery, next))) {
      assertThatThrownBy(() -> envelope.withoutRecovery(masters))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("rotateMasterKey");
    }
    assertThat(envelope.withoutRecovery(List.of(recovery, master)).recovery()).isEmpty();

    List<WrappedKey> mixed = new ArrayList<>(envelope.wrappedKeys());
    mixed.add(envelope
        .rewrap(next, List.of(recovery), STORE)
        .withNewKey(2, List.of(next), STORE)
        .wrappedKeys()
        .get(1));
    Envelope ofBoth = open(mixed, recovery);
    for (MasterKey one : List.of(master, next)) {
      assertThatThrownBy(() -> ofBoth.withoutRecovery(List.of(one, recovery)))
          .isExactlyInstanceOf(IllegalArgumentException.class);
    }
    assertThat(ofBoth.withoutRecovery(List.of(next, master)).wrappedKeys())
        .hasSize(2)
        .allMatch(entry -> entry.recoveryCopy() == null);
  }

  /** The public half is in the store, so anyone can seal a data key of their own to it. */
  @Test
  void copyOfAForger_whoHasThePublicHalfAlone_isRefused() {
    RecoveryEntry entry = envelope.recovery().orElseThrow();
    AssociatedData associatedData = new AssociatedData(LABEL, storeId);
    byte[] raw = EnvelopeFixtures.rawKey(9);
    WrappedKey genuine = envelope.wrappedKeys().get(0);
    try (RecoverySecret guessed =
        new RecoverySecret(entry.publicKey(), OpaqueBytes.random(32).toArray())) {
      WrappedKey forged = genuine.withRecoveryCopy(guessed.copyOf(raw, 1, associatedData));
      assertThatThrownBy(() -> open(List.of(forged), recovery))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("damaged or edited");
    }
    try (RecoverySecret known = ((RecoveryWrapping) recovery.wrapping()).forStore()) {
      WrappedKey made = genuine.withRecoveryCopy(known.copyOf(raw, 1, associatedData));
      open(List.of(made), recovery); // the control: only the secret makes the difference
    }
  }

  @Test
  void copyInAnotherPlace_doesNotOpen() {
    List<MasterKey> masters = List.of(master);
    Envelope two = envelope.withNewKey(2, masters, STORE);
    List<WrappedKey> keys = two.wrappedKeys();
    RecoveryEntry entry = two.recovery().orElseThrow();
    assertSameKeys(two, Envelope.open(LABEL, storeId, keys, entry, List.of(recovery), null, STORE));
    List<WrappedKey> swapped = List.of(
        keys.get(0).withRecoveryCopy(keys.get(1).recoveryCopy()),
        keys.get(1).withRecoveryCopy(keys.get(0).recoveryCopy()));
    OpaqueBytes otherId = OpaqueBytes.random(16);
    Envelope other = Envelope.create(LABEL, otherId, master).withRecovery(recovery, masters, STORE);
    List<WrappedKey> ofOther =
        List.of(keys.get(0).withRecoveryCopy(other.wrappedKeys().get(0).recoveryCopy()));
    List<WrappedKey> missing = List.of(keys.get(0).withRecoveryCopy(null));
    for (List<WrappedKey> wrong : List.of(swapped, ofOther, missing)) {
      assertThatThrownBy(() -> open(wrong, recovery))
          .isExactlyInstanceOf(SecretIntegrityException.class);
    }
  }

  /** A data key that leaked must not lead to the next one. */
  @Test
  void whatTheStoreKnows_doesNotOpenTheCopies() {
    OpaqueBytes copy = envelope.wrappedKeys().get(0).recoveryCopy();
    assertThat(copy).isNotNull();
    byte[] place = new AssociatedData(LABEL, storeId).ofRecoveryCopy(1);
    byte[] secret = Arrays.copyOfRange(EnvelopeFixtures.rawRecoveryKey(5), 32, 64);
    byte[] box = XaesGcm.adopt(secret).decrypt(copy.toArray(), place);
    assertThat(box).as("the outer layer, by the secret").hasSize(80);
    SealedBox.Opener other = SealedBox.Opener.generate(SealedBox.Kem.X25519);
    assertThatThrownBy(() -> other.open(box, place))
        .as("the inner layer, by any key but the private one")
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void file_isMadeOnce_forItsOwnerAlone_andOpensAsAKey() throws Exception {
    Path file = directory.resolve("recovery.key");
    MasterKey made = MasterKey.createRecoveryFile(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String line = Files.readString(file);
    assertThat(line).matches("tailor-secretmanager-recovery-1 [A-Za-z0-9+/]{86}==\n");
    assertThat(made.isRecoveryKey()).isTrue();
    assertThat(MasterKey.fromFile(file).isRecoveryKey()).isTrue();
    assertThat(MasterKey.fromFile(file).fingerprint())
        .isEqualTo(made.fingerprint())
        .isPresent();
    assertThat(MasterKey.fromEnvironment("KEY", Map.of("KEY", line)).fingerprint())
        .isEqualTo(made.fingerprint());
    assertThat(MasterKey.createFile(directory.resolve("master.key")).isRecoveryKey())
        .isFalse();
    for (Path taken : List.of(file, directory.resolve("master.key"))) {
      byte[] before = Files.readAllBytes(taken);
      assertThatThrownBy(() -> MasterKey.createRecoveryFile(taken))
          .isExactlyInstanceOf(SecretStorageException.class)
          .hasMessageContaining("already");
      assertThat(taken).hasBinaryContent(before);
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(2);
    }
  }

  @Test
  void textOfARecoveryKey_isReadStrictly_andNeverShown() throws Exception {
    String line = new String(EnvelopeFixtures.recoveryKeyLine(5), US_ASCII).strip();
    List<String> wrong = new ArrayList<>(List.of(
        line.substring(0, line.length() - 1),
        line + "=",
        line.replace("recovery-1 ", "recovery-2 "),
        line.replace("recovery", "key"),
        line + "\n\n",
        line.replaceFirst("..$", "A=")));
    for (String text : wrong) {
      Path file = directory.resolve("key-" + wrong.indexOf(text));
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      assertThatThrownBy(() -> MasterKey.fromFile(file))
          .isExactlyInstanceOf(SecretIntegrityException.class)
          .hasMessageNotContaining(line.substring(40, 60));
    }
    assertThatThrownBy(() -> MasterKey.fromFile(Path.of(line)))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("looks like the key itself")
        .hasMessageNotContaining(line.substring(40, 60));
  }
}
