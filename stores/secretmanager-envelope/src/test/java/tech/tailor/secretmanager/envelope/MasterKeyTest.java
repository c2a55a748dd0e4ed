package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;

class MasterKeyTest {

  private static final byte[] CONTEXT = {1};

  @TempDir
  Path directory;

  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("master.key");
  }

  /** Such as in the variable for the path; the base64 has two slashes in a row, or is absolute. */
  @Test
  void keyInPlaceOfItsPath_isRefusedWithoutShowingIt() {
    String base64 = "/madeUp//key+" + "x".repeat(30) + "=";
    for (String text : List.of(
        base64,
        base64.substring(1, 14) + "y" + base64.substring(14),
        "tailor-secretmanager-key-1 " + base64,
        "tailor-secretmanager-key-1 " + base64 + "\n")) {
      for (ThrowableAssert.ThrowingCallable wrong : List.<ThrowableAssert.ThrowingCallable>of(
          () -> MasterKey.fromFile(Path.of(text)), () -> MasterKey.createFile(Path.of(text)))) {
        assertThatThrownBy(wrong)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("looks like the key itself")
            .hasMessageNotContaining("madeUp");
      }
    }
  }

  @Test
  void createdFile_isOneLineThatOnlyItsOwnerReads() throws IOException {
    MasterKey.createFile(file);

    String line = Files.readString(file, US_ASCII);
    assertThat(line).matches("tailor-secretmanager-key-1 [A-Za-z0-9+/]{43}=\n");
    assertThat(Base64.getDecoder().decode(line.substring(27).strip())).hasSize(32);
    assumeTrue(LocalStoreFiles.hasPermissions(file), "SKIPPED: no POSIX permissions here");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(filesIn(directory)).containsExactly(file);
  }

  @Test
  void createdFile_isReadAgainAndNeverOverwritten() throws IOException {
    MasterKey first = MasterKey.createFile(file);
    byte[] content = Files.readAllBytes(file);
    MasterKey second = MasterKey.createFile(file);
    MasterKey third = MasterKey.fromFile(file);

    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    byte[] ciphertext = first.cipher().encrypt(new byte[] {7}, CONTEXT);
    assertThat(second.cipher().decrypt(ciphertext, CONTEXT)).containsExactly(7);
    assertThat(third.cipher().decrypt(ciphertext, CONTEXT)).containsExactly(7);
  }

  @Test
  void twoCreatedKeys_differ() {
    byte[] ciphertext = MasterKey.createFile(file).cipher().encrypt(new byte[] {7}, CONTEXT);
    MasterKey other = MasterKey.createFile(directory.resolve("other.key"));

    assertThat(other.cipher().decrypt(ciphertext, CONTEXT)).isNull();
  }

  @Test
  void missingParents_areMadeForTheirOwnerOnly() throws IOException {
    assumeTrue(LocalStoreFiles.hasPermissions(file), "SKIPPED: no POSIX permissions here");
    Path deep = directory.resolve("a/b/master.key");

    MasterKey.createFile(deep);

    assertThat(mode(deep.getParent())).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("a"))).isEqualTo("rwx------");
  }

  @Test
  void racingCreators_makeOneKey() throws Exception {
    int rounds = 20;
    int creators = 8;
    ExecutorService threads = Executors.newFixedThreadPool(creators);
    try {
      for (int round = 0; round < rounds; round++) {
        Path raced = directory.resolve("raced-" + round);
        List<Callable<MasterKey>> all = new ArrayList<>();
        for (int i = 0; i < creators; i++) {
          all.add(() -> MasterKey.createFile(raced));
        }
        byte[] ciphertext = null;
        for (Future<MasterKey> key : threads.invokeAll(all)) {
          if (ciphertext == null) {
            ciphertext = key.get().cipher().encrypt(new byte[] {7}, CONTEXT);
          }
          assertThat(key.get().cipher().decrypt(ciphertext, CONTEXT)).containsExactly(7);
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(filesIn(directory)).hasSize(rounds);
  }

  @Test
  void withoutHardLinks_theKeyIsMadeAllTheSame() {
    RecordingFiles files = new RecordingFiles();
    files.before = call -> {
      if (call.equals("link")) {
        throw new UnsupportedOperationException("no links here");
      }
    };

    MasterKey key = new KeyFile(file, files).create();

    assertThat(files.calls).containsSubsequence("create", "force", "create", "force", "delete");
    byte[] ciphertext = key.cipher().encrypt(new byte[] {7}, CONTEXT);
    assertThat(MasterKey.fromFile(file).cipher().decrypt(ciphertext, CONTEXT)).containsExactly(7);
  }

  /** Half a key would be taken for one that is damaged. */
  @Test
  void withoutHardLinks_aFailureLeavesNoFile() {
    RecordingFiles files = new RecordingFiles();
    int[] created = {0};
    files.before = call -> {
      if (call.equals("link")) {
        throw new UnsupportedOperationException("no links here");
      } else if (call.equals("force") && ++created[0] == 2) {
        throw new UncheckedIOException(new IOException("injected"));
      }
    };

    assertThatThrownBy(() -> new KeyFile(file, files).create())
        .isInstanceOf(UncheckedIOException.class);
    assertThat(filesIn(directory)).isEmpty();
  }

  @Test
  void keyThatThisUserMayNotRead_isNamedWithTheReason() {
    MasterKey.createFile(file);
    KeyFile denied = new KeyFile(file, new ForwardingFiles() {
      @Override
      public ReadFile openKey(Path path) throws IOException {
        throw new AccessDeniedException(path.toString());
      }
    });

    assertThatThrownBy(denied::read)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("permission was denied");
  }

  /** A key that others could exchange is not even made. */
  @Test
  void keyInADirectoryThatEverybodyWrites_isNotMade() throws IOException {
    assumeTrue(LocalStoreFiles.hasPermissions(file), "SKIPPED: no POSIX permissions here");
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (boolean isRecovery : List.of(false, true)) {
      KeyFile key = new KeyFile(open.resolve("master.key"), StoreFiles.local());
      assertThatThrownBy(() -> {
            MasterKey made = isRecovery ? key.createRecovery() : key.create();
            assertThat(made).isNull();
          })
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining("exchanged by other users");
      assertThat(filesIn(open)).isEmpty();
    }
  }

  /** Nobody may see half a key where links could have prevented it. */
  @Test
  void failedLink_isNoReasonToWriteInPlace() {
    assumeTrue(LocalStoreFiles.hasPermissions(file), "SKIPPED: no POSIX permissions here");
    RecordingFiles probe = new RecordingFiles();
    new KeyFile(directory.resolve("probe"), probe).create();
    RecordingFiles files = new RecordingFiles();
    files.failAt(probe.calls.indexOf("link"), false);

    assertThatThrownBy(() -> new KeyFile(file, files).create())
        .isInstanceOf(SecretStorageException.class);
    assertThat(filesIn(directory)).containsExactly(directory.resolve("probe"));
  }

  /** Its creator may not have come to that yet, and stores will depend on it. */
  @Test
  void keyThatIsThere_isMadeDurableByWhoeverCreatesIt() {
    MasterKey.createFile(file);
    for (boolean possible : new boolean[] {true, false}) {
      RecordingFiles files = new RecordingFiles();
      if (!possible) {
        files.failAt(0, false);
      }
      new KeyFile(file, files).create();
      assertThat(files.calls).startsWith("forceDirectory").contains("open");
    }
    RecordingFiles files = new RecordingFiles();
    new KeyFile(file, files).read();
    assertThat(files.calls).doesNotContain("forceDirectory", "list", "delete");
  }

  @Test
  void secondNameOfTheKey_isRemovedByTheNextCreator() throws IOException {
    MasterKey.createFile(file);
    Path left = directory.resolve(".key-" + "0a".repeat(16) + ".tmp");
    Path another = Files.createFile(directory.resolve(".key-" + "0b".repeat(16) + ".tmp"));
    Path foreign = directory.resolve(".key-backup.tmp");
    Files.createLink(left, file);
    Files.createLink(foreign, file);

    MasterKey.fromFile(file);
    assertThat(left).as("a read changes nothing").exists();
    MasterKey.createFile(file);
    assertThat(filesIn(directory)).containsExactlyInAnyOrder(file, another, foreign);
  }

  @Test
  void pathOfAnotherFileSystem_isRefused() throws IOException {
    URI archive = URI.create("jar:" + directory.resolve("archive.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = zip.getPath("/inside");
      List<ThrowableAssert.ThrowingCallable> calls = List.of(
          () -> MasterKey.createFile(inside),
          () -> MasterKey.fromFile(inside),
          () -> FileAnchor.create(inside),
          () -> FileAnchor.open(inside));
      for (ThrowableAssert.ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("default file system")
            .hasMessageContaining("jar");
      }
      assertThat(inside).doesNotExist();
    }
  }

  @Test
  void failureWhileMaking_leavesNoFile() {
    RecordingFiles probe = new RecordingFiles();
    new KeyFile(directory.resolve("probe"), probe).create();
    int until = probe.calls.indexOf("link");

    for (int call = 0; call < until; call++) {
      RecordingFiles files = new RecordingFiles();
      files.failAt(call, true);
      assertThatThrownBy(() -> new KeyFile(file, files).create())
          .as("call %s", probe.calls.get(call))
          .isInstanceOf(SecretStorageException.class);
      assertThat(filesIn(directory)).containsExactly(directory.resolve("probe"));
    }
    assertThat(until).isGreaterThanOrEqualTo(5);
  }

  @Test
  void interruptedCreator_makesTheKeyAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    try {
      MasterKey.createFile(file);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(file).exists();
  }

  @Test
  void missingFile_saysWhatToDo() {
    assertThatThrownBy(() -> MasterKey.fromFile(file))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("no other key opens that store")
        .hasMessageContaining("without either its values are lost")
        .hasMessageContaining("Only for a store that is yet to be made")
        .hasMessageContaining("MasterKey.createFile");
  }

  @Test
  void overPermissiveFile_isRefused() throws IOException {
    assumeTrue(LocalStoreFiles.hasPermissions(file), "SKIPPED: no POSIX permissions here");
    MasterKey.createFile(file);
    for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwx--x---")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

      assertThatThrownBy(() -> MasterKey.fromFile(file))
          .isInstanceOf(SecretStorageException.class)
          .hasMessageContaining(mode)
          .hasMessageContaining("chmod 600");
      assertThatThrownBy(() -> MasterKey.createFile(file))
          .isInstanceOf(SecretStorageException.class);
    }
    for (String mode : List.of("rw-------", "r--------")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      MasterKey.fromFile(file);
    }
  }

  /** One rule for every way that a key comes, and a message that names what is wrong. */
  @Test
  void lineEnd_isJudgedAlikeWhereverTheKeyComesFrom() {
    String line = new String(EnvelopeFixtures.keyLine(1), US_ASCII).strip();
    for (String end : List.of("", "\n", "\r\n")) {
      for (MasterKey key : fromEverywhere(line + end)) {
        assertThat(key.fingerprint()).isEqualTo(EnvelopeFixtures.key(1).fingerprint());
      }
    }
    Map<String, String> faults = new LinkedHashMap<>();
    for (String end : List.of("\r", "\n\n", "\r\n\n", "\r\r", "\n\r", "\nmore")) {
      faults.put(line + end, "must end in one line feed");
    }
    faults.put(line + " ", "white space follows the key");
    faults.put(line + "\t\n", "white space follows the key");
    faults.put(line + "A\n", "too long");
    faults.put(line.substring(0, line.length() - 1), "too short: 70 characters of 71");
    faults.put(line.substring(0, 40) + "\n" + line.substring(40), "too short: 40 characters of 71");
    faults.put("\ufeff" + line, "byte order mark");
    faults.put(" " + line, "does not begin with");
    faults.put("", "is empty");
    faults.put("\n", "does not begin with");
    faults.put(line.replace("=", "*"), "not the base64 of 32 bytes");
    faults.forEach((text, fault) -> {
      for (ThrowableAssert.ThrowingCallable way : ways(text)) {
        assertThatThrownBy(way)
            .isExactlyInstanceOf(SecretIntegrityException.class)
            .hasMessageContaining(fault)
            .hasMessageContaining("44 characters of base64")
            .hasMessageNotContaining("AQEBAQ");
      }
    });
  }

  private List<MasterKey> fromEverywhere(String text) {
    write(text);
    return List.of(
        MasterKey.fromFile(file),
        MasterKey.createFile(file),
        MasterKey.fromStream(new ByteArrayInputStream(text.getBytes(UTF_8))),
        MasterKey.fromEnvironment("KEY", Map.of("KEY", text)));
  }

  private List<ThrowableAssert.ThrowingCallable> ways(String text) {
    write(text);
    return List.of(
        () -> MasterKey.fromFile(file),
        () -> MasterKey.createFile(file),
        () -> MasterKey.fromStream(new ByteArrayInputStream(text.getBytes(UTF_8))),
        () -> MasterKey.fromEnvironment("KEY", Map.of("KEY", text)));
  }

  private void write(String text) {
    try {
      if (!Files.exists(file)) {
        MasterKey.createFile(file); // with its mode
      }
      Files.writeString(file, text, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void malformedFile_isRefusedWithoutShowingIt() throws IOException {
    MasterKey.createFile(file);
    String good = Files.readString(file, US_ASCII);
    String text = good.substring(27, 71);
    List<String> malformed = List.of(
        "",
        "\n",
        good + "\n",
        " " + good,
        good.replace("key-1", "key-2"),
        good.replace(text, text.substring(0, 43) + "A"),
        good.replace(text, text.substring(1)),
        good.replace(text, "*".repeat(43) + "="),
        good.replace(text, nonCanonical(text)),
        text);
    for (String content : malformed) {
      Files.writeString(file, content, US_ASCII);
      assertThatThrownBy(() -> MasterKey.fromFile(file))
          .as("%s characters", content.length())
          .isInstanceOf(SecretIntegrityException.class)
          .hasNoCause()
          .message()
          .contains(file.toString())
          .doesNotContain(text.substring(0, 8));
    }
    System.out.println("malformed key files refused: " + malformed.size());
  }

  @Test
  void key_neverShowsItself() {
    MasterKey key = EnvelopeFixtures.key(65);

    assertThat(key).hasToString("MasterKey[redacted]").isNotInstanceOf(Serializable.class);
    assertThat(Arrays.stream(MasterKey.class.getMethods())
            .filter(method -> method.getDeclaringClass() == MasterKey.class)
            .map(method -> method.getName()))
        .containsExactlyInAnyOrder(
            "copyOf",
            "createFile",
            "createRecoveryFile",
            "fingerprint",
            "fromEnvironment",
            "fromEnvironment",
            "fromFile",
            "fromFileDescriptor",
            "fromKms",
            "fromPassphrase",
            "fromStream",
            "isRecoveryKey",
            "toString");
    assertThat(MasterKey.class.getFields()).isEmpty();
  }

  @Test
  void rawBytes_areWiped() {
    byte[] raw = EnvelopeFixtures.rawKey(9);
    MasterKey.adopt(raw);
    assertThat(raw).containsOnly(0);
    raw = EnvelopeFixtures.rawKey(9);
    XaesGcm.adopt(raw);
    assertThat(raw).containsOnly(0);
    byte[] recovery = EnvelopeFixtures.rawRecoveryKey(9);
    RecoveryWrapping wrapping = RecoveryWrapping.adopt(recovery);
    assertThat(recovery).containsOnly(0);
    raw = EnvelopeFixtures.rawKey(9);
    new RecoverySecret(wrapping.publicKey(), raw).close();
    assertThat(raw).containsOnly(0);
  }

  @Test
  void labelOfARecoveryKey_withoutOne_isJudgedAsSuch() {
    assertThatThrownBy(
            () -> KeyText.parse("tailor-secretmanager-recovery-1 ".getBytes(US_ASCII), "text"))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("its line is too short: 32 characters of 120")
        .hasMessageContaining("88 characters of base64");
  }

  /** The same 32 bytes, with a bit set that the last character has no use for. */
  private static String nonCanonical(String text) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char last = alphabet.charAt(alphabet.indexOf(text.charAt(42)) + 1);
    String other = text.substring(0, 42) + last + "=";
    assertThat(Base64.getDecoder().decode(other)).isEqualTo(Base64.getDecoder().decode(text));
    return other;
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Set.copyOf(Files.getPosixFilePermissions(path)));
  }

  private static List<Path> filesIn(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
