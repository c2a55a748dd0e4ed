package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.fixtures.Tools;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VaultInfo;

/** Each call on files fails with each error that a disk has, alone and with another one. */
@Tag("suite")
class FaultSweepTest {

  private static final String CANARY = "Zt8-fault-canary";

  @TempDir
  Path parent;

  private final Map<String, Step> steps = new LinkedHashMap<>();
  private Map<Path, byte[]> template = Map.of();
  private final Counts counts = new Counts();

  /** A change of a store. */
  private interface Step {
    void run(FileSecretStore store);
  }

  /** How the kernel says it. */
  private enum Errno {
    EIO("Input/output error"),
    ENOSPC("No space left on device"),
    EDQUOT("Disk quota exceeded"),
    EROFS("Read-only file system"),
    EACCES(""),
    EMFILE("Too many open files");

    private final String text;

    Errno(String text) {
      this.text = text;
    }

    IOException error(String where) {
      return this == EACCES
          ? new AccessDeniedException(where)
          : new FileSystemException(where, null, text);
    }
  }

  @BeforeEach
  void makeATemplate() {
    Path directory = parent.resolve("template");
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "old");
      store.createVault("empty");
    }
    Map<Path, byte[]> files = new HashMap<>();
    TestStore.filesIn(directory).forEach(file -> files.put(file, TestStore.bytes(file)));
    template = files;
    steps.put("make a vault", store -> store.createVault("another"));
    steps.put("make a secret", store -> TestStore.put(store, "default", "two", CANARY));
    steps.put("update a secret", store -> TestStore.put(store, "default", "one", CANARY));
    steps.put("delete a secret", store -> store.deleteSecret("default", "one"));
    steps.put("delete a vault", store -> store.deleteVault("empty"));
  }

  @Test
  void errorOfAnyCall_leavesTheOldStateOrTheNewOne() {
    for (String step : steps.keySet()) {
      for (Errno errno : Errno.values()) {
        for (boolean afterwards : new boolean[] {false, true}) {
          if (!afterwards || errno == Errno.EIO) {
            int call = 0;
            while (fail(step, errno, afterwards, Set.of(call))) {
              call++;
            }
          }
        }
      }
    }
    System.out.println("faults, one at a time: " + counts);
    assertThat(counts.cells).isGreaterThanOrEqualTo(400);
    assertThat(counts.unknown).isPositive();
    assertThat(counts.poisoned).isPositive();
  }

  @Test
  void errorsOfTwoCalls_areNoWorse() {
    int stride = TestStore.figure(13, 2);
    int pair = 0;
    for (String step : steps.keySet()) {
      for (int first = 0; fail(step, Errno.EIO, false, Set.of(first)); first++) {
        boolean reached = true;
        for (int second = first + 1; reached; second++) {
          reached = second < 60;
          for (Errno errno : Errno.values()) {
            pair++;
            if (pair % stride == 0) {
              fail(step, errno, false, Set.of(first, second));
            }
          }
          reached &= second < first + 25;
        }
      }
    }
    System.out.println("faults, two at a time: " + counts);
    assertThat(counts.cells).isGreaterThanOrEqualTo(TestStore.figure(400, 5_000));
  }

  /** Returns whether the (first) call was reached. */
  private boolean fail(String step, Errno errno, boolean afterwards, Set<Integer> calls) {
    Path directory = fromTemplate();
    Step change = steps.get(step);
    assertThat(change).isNotNull();
    String before = view(directory);
    RecordingFiles faulty = new RecordingFiles();
    try (FileSecretStore store = FileSecretStore.open(
        directory, TestStore.key(1), TestStore.CLOCK, faulty, TestStore.PATIENCE)) {
      faulty.failAt(calls, afterwards, errno::error);
      Throwable failure = catchThrowable(() -> change.run(store));
      List<String> done = List.copyOf(faulty.calls);
      faulty.failNoMore();
      Set<String> failed = calls.stream()
          .filter(call -> call < done.size())
          .map(done::get)
          .collect(Collectors.toSet());
      if (failed.isEmpty()) {
        assertThat(failure).isNull();
        return false;
      }
      String what = step + ", " + errno + (afterwards ? " after " : " instead of ") + failed;
      String after = view(directory);
      counts.cells++;
      if (failure == null) {
        counts.harmless++;
        assertThat(after).as(what).isNotEqualTo(before);
        assertThat(failed).as("%s: nobody heard of it", what).isSubsetOf("delete");
      } else if (failure instanceof SecretOutcomeUnknownException) {
        counts.unknown++;
        assertThat(failed).as(what).containsAnyOf("replace", "forceDirectory");
      } else {
        counts.unchanged++;
        assertThat(failure).as(what).isExactlyInstanceOf(SecretStorageException.class);
        assertThat(after).as(what).isEqualTo(before);
      }
      if (failure != null) {
        assertThat(String.valueOf(failure.getMessage())).as(what).doesNotContain(CANARY);
      }
      boolean forced = failed.contains("force") || failed.contains("forceDirectory");
      if (forced) {
        int force = done.indexOf(failed.contains("force") ? "force" : "forceDirectory");
        assertThat(done.subList(force + 1, done.size()))
            .as("%s: tried again", what)
            .doesNotContain("force", "forceDirectory");
        assertThatThrownBy(() -> store.createVault("poisoned"))
            .isExactlyInstanceOf(SecretStorageException.class)
            .hasMessageContaining("could not be made durable");
        counts.poisoned++;
      } else {
        store.createVault("next");
      }
      assertThat(view(directory)).as("%s: read by somebody else", what).contains("default");
    }
    try (FileSecretStore again = TestStore.open(directory)) {
      again.createVault("last");
      assertThat(TestStore.filesIn(directory)).as("nothing is left").hasSize(2);
    }
    return true;
  }

  private Path fromTemplate() {
    Path directory = parent.resolve("store");
    try {
      if (Files.exists(directory)) {
        TestStore.filesIn(directory).forEach(TestStore::delete);
      } else {
        Files.createDirectory(directory);
      }
      for (Map.Entry<Path, byte[]> file : template.entrySet()) {
        Files.write(directory.resolve(file.getKey().getFileName()), file.getValue());
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String view(Path directory) {
    Map<String, String> found = new TreeMap<>();
    try (FileSecretStore store = TestStore.open(directory)) {
      for (VaultInfo vault : store.listVaults()) {
        found.put(vault.name(), "");
        for (SecretInfo secret : store.listSecrets(vault.name())) {
          found.put(
              vault.name() + "/" + secret.name(),
              TestStore.read(store, vault.name(), secret.name()));
        }
      }
    }
    return found.toString();
  }

  private static final class Counts {
    private int cells;
    private int unchanged;
    private int unknown;
    private int harmless;
    private int poisoned;

    @Override
    public String toString() {
      return cells + " faults: " + unchanged + " changed nothing, " + unknown
          + " were reported as unknown, " + harmless + " harmed nothing; " + poisoned
          + " handles refused to write on; 0 otherwise";
    }
  }

  /** The kernel itself says no, in a real process: spot checks of what is simulated above. */
  @Test
  void errorsOfTheKernel_areTakenAsTheSimulatedOnes() throws Exception {
    String what = "errors of the kernel";
    Tools.require(Tools.has("strace"), what, "strace is not installed");
    Process probe = new ProcessBuilder("strace", "-o", "/dev/null", "true").start();
    Tools.require(probe.waitFor() == 0, what, "strace may not trace here");
    // Each commit has a thread of its own, and strace counts by thread: the error comes again.
    String unchanged = "SecretStorageException old";
    Map<String, String> expected = new LinkedHashMap<>();
    for (String errno : List.of("EIO", "ENOSPC", "EDQUOT", "EROFS")) {
      expected.put("fsync:error=" + errno + ":when=1", unchanged + " poisoned");
      expected.put(
          "fsync:error=" + errno + ":when=2", "SecretOutcomeUnknownException new poisoned");
      expected.put("rename:error=" + errno + ":when=1", "SecretOutcomeUnknownException old failed");
    }
    expected.put("rename:error=EACCES:when=1", "SecretOutcomeUnknownException old failed");
    for (String errno : List.of("EIO", "ENOSPC", "EDQUOT")) {
      expected.put("write:error=" + errno + ":when=1", unchanged + " failed");
    }
    for (String errno : List.of("EIO", "EMFILE", "EACCES", "ENFILE")) {
      expected.put("openat:error=" + errno + ":when=1", unchanged + " failed");
      expected.put(
          "openat:error=" + errno + ":when=2", "SecretOutcomeUnknownException new poisoned");
    }
    List<String> wrong = new ArrayList<>();
    expected.forEach((injection, outcome) -> {
      Path directory = fromTemplate();
      String found = inject(directory, injection);
      if (!found.equals(outcome)) {
        wrong.add(injection + ": " + found + ", not " + outcome);
      }
    });
    assertThat(inject(fromTemplate(), "rename:error=EIO:when=9"))
        .as("the control: no error")
        .isEqualTo("changed new next");
    System.out.println("faults, by the kernel: " + expected.size() + " injected, " + wrong.size()
        + " with another outcome");
    assertThat(wrong).isEmpty();
    assertThat(expected).hasSizeGreaterThanOrEqualTo(24);
  }

  private static String inject(Path directory, String injection) {
    List<String> strace = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
    strace.addAll(List.of("-e", "inject=" + injection));
    if (injection.startsWith("openat")) {
      strace.addAll(List.of("-P", directory.toAbsolutePath().toString())); // the directory itself
    } else {
      strace.addAll(List.of("-e", "trace=" + injection.substring(0, injection.indexOf(':'))));
    }
    Process child = TestStore.start(strace, Changer.class, directory);
    try {
      String output = new String(child.getInputStream().readAllBytes(), US_ASCII);
      assertThat(child.waitFor()).as(output).isZero();
      return output.substring(output.indexOf('=') + 1).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      child.destroyForcibly();
    }
  }

  /** Changes a store, and prints how that ended, what is there, and whether it can go on. */
  static final class Changer {
    public static void main(String[] args) {
      System.out.println("the first write of this thread"); // may be the one that is to fail
      Path directory = Path.of(args[0]);
      try (FileSecretStore store = TestStore.open(directory)) {
        String first = change(store);
        String found;
        try (FileSecretStore other = TestStore.open(directory)) {
          found = TestStore.read(other, "default", "one");
        }
        System.out.println("=" + first + " " + found + " " + next(store));
      }
    }

    private static String change(FileSecretStore store) {
      try (SecretValue value = SecretValue.of("new")) {
        store.updateSecret("default", "one", value);
        return "changed";
      } catch (SecretManagerException e) {
        return e.getClass().getSimpleName();
      }
    }

    private static String next(FileSecretStore store) {
      try (SecretValue value = SecretValue.of("next")) {
        store.updateSecret("default", "one", value);
        return "next";
      } catch (SecretManagerException e) {
        return String.valueOf(e.getMessage()).contains("an earlier write could not be made durable")
            ? "poisoned"
            : "failed";
      }
    }
  }
}
