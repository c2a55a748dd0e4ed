package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.fixtures.Tools;

/** A disk that is really full, mounted read-only, or a directory that may not be written. */
@Tag("suite")
class FullDiskTest {

  @TempDir
  Path directory;

  @Test
  void fullOrReadOnlyDisk_leavesTheStoreAsItWas() throws Exception {
    String what = "full disks";
    Tools.require(Tools.isRoot(), what, "mounting a disk needs root");
    for (String tool : List.of("unshare", "setpriv", "mount")) {
      Tools.require(Tools.has(tool), what, tool + " is not installed");
    }
    List<String> alone = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
    // Without these capabilities root, too, is kept out by permissions.
    alone.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
    alone.addAll(List.of("--pdeathsig", "KILL"));
    Process child = TestStore.start(alone, Disks.class, directory);
    try {
      String output = new String(child.getInputStream().readAllBytes(), US_ASCII);
      assertThat(child.waitFor()).as(output).isZero();
      Tools.require(!output.startsWith("SKIPPED"), what, output.strip());
      List<String> lines = output.lines().toList();
      System.out.println("full disks: " + lines);
      assertThat(lines).filteredOn(line -> line.startsWith("full")).hasSizeGreaterThanOrEqualTo(3);
      assertThat(lines)
          .filteredOn(line -> line.startsWith("changed"))
          .hasSizeGreaterThanOrEqualTo(3);
      assertThat(lines).contains("read-only: refused", "not writable: refused");
    } finally {
      child.destroyForcibly();
    }
  }

  /** Goes through the cases on a disk of its own; ends with an error if the store is not right. */
  static final class Disks {

    private static final int LEVELS = 20;
    private static final int STEP_BYTES = 4 * 1024;

    public static void main(String[] args) throws Exception {
      Path disk = Path.of(args[0]);
      if (!run("mount", "-t", "tmpfs", "-o", "size=192k", "tmpfs", disk.toString())) {
        System.out.println("SKIPPED: no disk can be mounted here");
        return;
      }
      Path directory = disk.resolve("store");
      try (FileSecretStore store = TestStore.create(directory)) {
        TestStore.put(store, "default", "one", "old");
        for (int level = 0; level < LEVELS; level++) {
          fill(disk, level);
          boolean changed = change(store, "x".repeat(20_000));
          System.out.println((changed ? "changed with " : "full with ") + level * 4 + " KiB left");
          requireWhole(directory, changed);
          Files.delete(disk.resolve("filler"));
          require(change(store, "old"));
        }
      }
      require(run("mount", "-o", "remount,ro", disk.toString()));
      try (FileSecretStore store = TestStore.open(directory)) {
        System.out.println("read-only: " + (change(store, "new") ? "changed" : "refused"));
        requireWhole(directory, false);
      }
      require(run("mount", "-o", "remount,rw", disk.toString()));
      try (FileSecretStore store = TestStore.open(directory)) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-x------"));
        System.out.println("not writable: " + (change(store, "new") ? "changed" : "refused"));
        requireWhole(directory, false);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        require(change(store, "old"));
      }
    }

    /** Leaves {@code level} steps of free space. */
    private static void fill(Path disk, int level) throws IOException {
      Path filler = disk.resolve("filler");
      long free = Files.getFileStore(disk).getUsableSpace() - (long) level * STEP_BYTES;
      Files.write(filler, new byte[(int) Math.max(0, free)]);
      long left = Files.getFileStore(disk).getUsableSpace();
      require(left == (long) level * STEP_BYTES);
    }

    private static boolean change(FileSecretStore store, String text) {
      try (SecretValue value = SecretValue.of(text)) {
        store.updateSecret("default", "one", value);
        return true;
      } catch (SecretManagerException e) {
        require(e.getClass() == SecretStorageException.class);
        return false;
      }
    }

    /** Somebody else reads the old value, or the new one; nothing is left over. */
    private static void requireWhole(Path directory, boolean changed) {
      try (FileSecretStore other = TestStore.open(directory)) {
        require(TestStore.read(other, "default", "one").equals("old") != changed);
      }
      require(TestStore.filesIn(directory).size() == 2);
    }

    private static void require(boolean holds) {
      if (!holds) {
        throw new IllegalStateException();
      }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
  }
}
