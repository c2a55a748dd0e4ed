package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.envelope.EnvelopeFixtures;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * Whatever a crash leaves of what was not made durable, a store opens to the state before the
 * change or the one after it; once the change was acknowledged, to the one after it.
 */
@Tag("suite")
class CrashStatesTest {

  private static final String ORPHAN = ".secrets-" + "0a".repeat(16) + ".tmp";

  @TempDir
  Path parent;

  private Path disk = Path.of("");
  private final Random random = new Random(1);
  private final Map<String, Step> steps = new LinkedHashMap<>();

  /** Something that is acknowledged when it returns. */
  private interface Step {
    void run(StoreFiles files);
  }

  @BeforeEach
  void listTheSteps() throws IOException {
    disk = Files.createDirectory(parent.resolve("disk"));
    steps.put("make a key", files -> EnvelopeFixtures.createKeyFile(keyFile(), files));
    steps.put("make a store", files -> change(files, store -> {}));
    steps.put("make a vault", files -> change(files, store -> store.createVault("another")));
    steps.put(
        "make a secret",
        files -> change(files, store -> TestStore.put(store, "default", "new", "first")));
    steps.put(
        "update a secret",
        files -> change(files, store -> TestStore.put(store, "default", "one", "second")));
    steps.put(
        "delete a secret",
        files -> change(files, store -> store.deleteSecret("default", "padding-0")));
    steps.put("delete a vault", files -> change(files, store -> store.deleteVault("empty")));
  }

  @Test
  void everyCrashState_isTheOneBeforeOrTheOneAfter() {
    Counts counts = new Counts();
    for (String name : steps.keySet()) {
      prepare(name, 10);
      counts.add(check(record(List.of(name)), operation -> true));
    }
    prepare("update a secret", 10);
    write(disk.resolve("store").resolve(ORPHAN), new byte[700]);
    counts.add(check(record(List.of("update a secret")), operation -> true));
    prepare("make a key", 8);
    counts.add(check(record(List.of("make a key", "make a store")), operation -> true));
    System.out.println("crash states: 8 operations and a pair, " + counts);
    assertThat(counts.violations).isZero();
    assertThat(counts.states).isGreaterThanOrEqualTo(20_000);
  }

  /** After a crash the next writer is interrupted, too. */
  @Test
  void crashAfterACrash_isNoWorse() {
    int each = TestStore.figure(1, 2);
    Counts counts = new Counts();
    List<String> changes = new ArrayList<>(steps.keySet());
    changes.removeAll(List.of("make a key", "make a store"));
    for (String first : changes) {
      for (String second : changes) {
        for (int i = 0; i < each; i++) {
          prepare(first, TestStore.figure(2, 10));
          List<Map<Path, byte[]>> left = new ArrayList<>();
          Recording recording = record(List.of(first));
          new CrashStates(recording.disk.initial(), recording.disk.operations())
              .forEach((acknowledged, files) -> left.add(Map.copyOf(files)));
          restore(left.get(random.nextInt(left.size())));
          if (possible(second)) {
            counts.add(check(record(List.of(second)), operation -> true));
          }
        }
      }
    }
    System.out.println("crash states after a crash: " + counts);
    assertThat(counts.violations).isZero();
    assertThat(counts.states).isGreaterThanOrEqualTo(TestStore.figure(1_000, 200_000));
  }

  /** The controls. */
  @Test
  void lazyProtocols_areCaught() {
    Map<String, Predicate<RecordedDisk.Operation>> lazy = new LinkedHashMap<>();
    lazy.put("no fsync of the file", operation -> !(operation instanceof RecordedDisk.Forced));
    lazy.put(
        "no fsync of the directory", operation -> !(operation instanceof RecordedDisk.NamesForced));
    lazy.forEach((what, kept) -> {
      for (String name : steps.keySet()) {
        prepare(name, 2);
        Counts counts = check(record(List.of(name)), kept);
        System.out.println("crash states, control: " + name + ", " + what + ": " + counts);
        assertThat(counts.violations).as("%s, %s", name, what).isPositive();
      }
    });
  }

  private static final class Counts {
    private int states;
    private int before;
    private int written;
    private int violations;

    private void add(Counts other) {
      states += other.states;
      before += other.before;
      written += other.written;
      violations += other.violations;
    }

    @Override
    public String toString() {
      return states + " states, " + before + " of them as before the change; " + written
          + " written to again; " + violations + " violations";
    }
  }

  /** What was recorded, and what a store holds before it and after each of its steps. */
  private record Recording(RecordedDisk disk, List<String> views) {}

  private Recording record(List<String> names) {
    RecordedDisk recorded = new RecordedDisk(contents());
    List<String> views = new ArrayList<>(List.of(view()));
    for (String name : names) {
      Step step = steps.get(name);
      assertThat(step).isNotNull();
      step.run(recorded);
      recorded.acknowledge();
      views.add(view());
    }
    assertThat(Set.copyOf(views)).as("each step changes something").hasSize(views.size());
    return new Recording(recorded, views);
  }

  private Counts check(Recording recording, Predicate<RecordedDisk.Operation> kept) {
    Counts counts = new Counts();
    List<RecordedDisk.Operation> operations =
        recording.disk.operations().stream().filter(kept).toList();
    new CrashStates(recording.disk.initial(), operations).forEach((acknowledged, files) -> {
      restore(files);
      counts.states++;
      String found = view();
      String old = recording.views.get(acknowledged);
      boolean last = acknowledged + 1 == recording.views.size();
      if (!found.equals(old) && (last || !found.equals(recording.views.get(acknowledged + 1)))) {
        counts.violations++;
        return;
      }
      if (found.equals(old)) {
        counts.before++;
      }
      if (counts.states % 100 == 0) {
        writeAgain();
        counts.written++;
      }
    });
    return counts;
  }

  /** The next writer finds nothing in its way, and leaves nothing over. */
  private void writeAgain() {
    EnvelopeFixtures.createKeyFile(keyFile(), StoreFiles.local());
    change(StoreFiles.local(), store -> {
      TestStore.put(store, "default", "one", "last");
      assertThat(TestStore.read(store, "default", "one")).isEqualTo("last");
    });
    assertThat(TestStore.filesIn(disk.resolve("store"))).hasSize(2);
  }

  private Path keyFile() {
    return disk.resolve("key/master.key");
  }

  private void change(StoreFiles files, Consumer<SecretStore> change) {
    try (FileSecretStore store = FileSecretStore.create(
        disk.resolve("store"),
        MasterKey.fromFile(keyFile()),
        TestStore.CLOCK,
        files,
        TestStore.PATIENCE)) {
      change.accept(store);
    }
  }

  /** What somebody finds who opens the store. */
  private String view() {
    boolean there = Files.exists(TestStore.file(disk.resolve("store")));
    if (!Files.exists(keyFile())) {
      return there ? "a store whose key is lost" : "nothing";
    }
    MasterKey key;
    try {
      key = MasterKey.fromFile(keyFile());
    } catch (SecretManagerException e) {
      return "a key that can't be read";
    }
    if (!there) {
      return "a key " + EnvelopeFixtures.fingerprint(key);
    }
    try (FileSecretStore store = FileSecretStore.open(disk.resolve("store"), key)) {
      Map<String, String> found = new TreeMap<>();
      for (VaultInfo vault : store.listVaults()) {
        found.put(vault.name(), "");
        for (SecretInfo secret : store.listSecrets(vault.name())) {
          found.put(
              vault.name() + "/" + secret.name() + " " + secret.version(),
              TestStore.read(store, vault.name(), secret.name()));
        }
      }
      return found.toString();
    } catch (SecretManagerException e) {
      return "a store that can't be read: " + e.getClass().getSimpleName();
    }
  }

  private boolean possible(String name) {
    try (FileSecretStore store = TestStore.open(disk.resolve("store"))) {
      return switch (name) {
        case "make a vault" -> store.describeVault("another").isEmpty();
        case "make a secret" -> store.describeSecret("default", "new").isEmpty();
        case "update a secret" -> store.describeSecret("default", "one").isPresent();
        case "delete a secret" -> store.describeSecret("default", "padding-0").isPresent();
        case "delete a vault" -> store.describeVault("empty").isPresent();
        default -> throw new IllegalArgumentException(name);
      };
    }
  }

  /**
   * Prepares a durable disk for the step, with {@code padding} secrets that the step leaves alone.
   */
  private void prepare(String step, int padding) {
    restore(Map.of());
    if (step.equals("make a key")) {
      return;
    }
    try (StoreFiles.NewFile file = create(keyFile())) {
      file.write((EnvelopeFixtures.KEY_LABEL
              + Base64.getEncoder().encodeToString(TestStore.rawKey(1)) + "\n")
          .getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (step.equals("make a store")) {
      return;
    }
    change(StoreFiles.local(), store -> {
      store.createVault("empty");
      TestStore.put(store, "default", "one", "first");
      for (int i = 0; i < padding; i++) {
        TestStore.put(store, "default", "padding-" + i, "padding");
      }
    });
  }

  private static StoreFiles.NewFile create(Path file) throws IOException {
    StoreFiles.local().createDirectories(file.getParent());
    return StoreFiles.local().create(file);
  }

  private Map<Path, byte[]> contents() {
    Map<Path, byte[]> contents = new HashMap<>();
    try (Stream<Path> files = Files.walk(disk)) {
      files.filter(Files::isRegularFile).forEach(file -> contents.put(file, TestStore.bytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contents;
  }

  /** Makes the disk hold exactly these files. */
  private void restore(Map<Path, byte[]> files) {
    Map<Path, byte[]> there = contents();
    there.forEach((file, content) -> {
      if (!files.containsKey(file)) {
        TestStore.delete(file);
      }
    });
    files.forEach((file, content) -> {
      byte[] now = there.get(file);
      if (now == null || !Arrays.equals(now, content)) {
        write(file, content);
      }
    });
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(file); // truncating it would make the file system flush it
      Files.write(file, content);
      Files.setPosixFilePermissions(
          file, Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
