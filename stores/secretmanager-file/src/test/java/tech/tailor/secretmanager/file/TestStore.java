package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.fixtures.JavaProcess;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretStore;

/** What the tests of the file store have in common. */
final class TestStore {

  static final Instant TIME = Instant.parse("2026-11-01T12:00:00.120Z");
  static final Clock CLOCK = Clock.fixed(TIME, ZoneOffset.UTC);
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Whether the figures are those of a release. */
  static final boolean DEEP = Boolean.getBoolean("deep");

  private TestStore() {}

  /** How often a suite does something: in CI, and before a release. */
  static int figure(int ci, int deep) {
    return DEEP ? deep : ci;
  }

  /** A key that is the same for the same number. */
  static MasterKey key(int number) {
    return EnvelopeFixtures.key(number);
  }

  static byte[] rawKey(int number) {
    return EnvelopeFixtures.rawKey(number);
  }

  static FileSecretStore create(Path directory, StoreFiles files) {
    return FileSecretStore.create(directory, key(1), CLOCK, files, PATIENCE);
  }

  static FileSecretStore create(Path directory) {
    return create(directory, StoreFiles.local());
  }

  static FileSecretStore open(Path directory) {
    return FileSecretStore.open(directory, key(1), CLOCK, StoreFiles.local(), PATIENCE);
  }

  static void put(SecretStore store, String vault, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      if (store.describeVault(vault).isEmpty()) {
        store.createVault(vault);
      }
      if (store.describeSecret(vault, name).isEmpty()) {
        store.createSecret(vault, name, value);
      } else {
        store.updateSecret(vault, name, value);
      }
    }
  }

  static SecretOutcome fetch(SecretStore store, String vault, String name) {
    return store.fetch(vault, Set.of(name)).get(name);
  }

  static String read(SecretStore store, String vault, String name) {
    SecretOutcome outcome = fetch(store, vault, name);
    if (outcome instanceof SecretOutcome.Found found) {
      try (SecretValue value = found.value()) {
        return value.revealString();
      }
    }
    throw new AssertionError("not found: " + outcome);
  }

  static Path file(Path directory) {
    return directory.resolve("secrets.json");
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces the file as a whole, as an attacker with the directory would. */
  static void replace(Path directory, byte[] content) {
    try {
      Path other = Files.write(directory.resolve("attacker"), content);
      StoreFiles.local().replace(other, file(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the document and seals it properly, as only somebody with the key could. */
  static void reseal(Path directory, UnaryOperator<StoredDocument> change) {
    Path file = file(directory);
    SealedDocument content = SealedDocument.open(file, bytes(file), key(1), null);
    replace(
        directory,
        SealedDocument.seal(change.apply(content.document()), content.envelope())
            .file());
  }

  static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JVM of its own, with this class path. */
  static Process start(Class<?> program, Object... arguments) {
    return start(List.of(), program, arguments);
  }

  /** The same, begun by another command that becomes it, such as {@code setpriv}. */
  static Process start(List<String> prefix, Class<?> program, Object... arguments) {
    return JavaProcess.start(prefix, program, arguments);
  }

  /** Whether another process would get the lock of the store now. */
  static boolean locksElsewhere(Path directory) throws Exception {
    Process child = start(Prober.class, directory.resolve("lock"));
    try {
      String answer = child.inputReader(US_ASCII).readLine();
      assertThat(answer).isIn("locked", "refused");
      return "locked".equals(answer);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  /** The other process: says whether it gets the lock. */
  static final class Prober {
    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
        System.out.println(channel.tryLock() != null ? "locked" : "refused");
      }
    }
  }

  static List<Path> filesIn(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(files.sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
