package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Tools;

/** A change that was acknowledged outlives a power cut, on each file system that is at hand. */
@Tag("suite")
class PowerCutTest {

  @TempDir
  Path work;

  @Test
  void ext4_losesNothing() throws Exception {
    assertNothingIsLost(PowerCuts.Disk.EXT4, TestStore.figure(60, 500));
  }

  @Test
  void xfs_losesNothing() throws Exception {
    assertNothingIsLost(PowerCuts.Disk.XFS, TestStore.figure(5, 150));
  }

  @Test
  void btrfs_losesNothing() throws Exception {
    assertNothingIsLost(PowerCuts.Disk.BTRFS, TestStore.figure(5, 150));
  }

  /** The controls: if these lose nothing, the test above means nothing. */
  @Test
  void lazyProtocols_areCaught() throws Exception {
    for (Protocol lazy : List.of(Protocol.WITHOUT_DIRECTORY_FSYNC, Protocol.WITHOUT_FSYNC)) {
      Result result = cut(PowerCuts.Disk.EXT4, lazy, TestStore.figure(20, 100));
      System.out.println("power cuts, control: " + result);
      assertThat(result.lost() + result.unreadable()).as("%s", result).isPositive();
    }
  }

  private void assertNothingIsLost(PowerCuts.Disk disk, int cuts) throws Exception {
    Result result = cut(disk, Protocol.OURS, cuts);
    System.out.println("power cuts: " + result);
    assertThat(result.cuts()).isEqualTo(cuts);
    assertThat(result.lost()).as("%s", result).isZero();
    assertThat(result.unreadable()).as("%s", result).isZero();
  }

  private Result cut(PowerCuts.Disk disk, Protocol protocol, int cuts) throws Exception {
    requireTools(disk);
    Path directory = Files.createDirectory(work.resolve(disk + "-" + protocol));
    List<String> alone = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
    alone.addAll(PowerCuts.UNTIL_THE_PARENT_ENDS);
    Process child = TestStore.start(alone, PowerCuts.class, disk, protocol, cuts, directory);
    try {
      String output = new String(child.getInputStream().readAllBytes(), US_ASCII).strip();
      assertThat(child.waitFor()).as(output).isZero();
      Tools.require(!output.startsWith(PowerCuts.SKIPPED), "power cuts on " + disk, output);
      int[] counts =
          Stream.of(output.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
      return new Result(
          disk, protocol, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private static void requireTools(PowerCuts.Disk disk) {
    String what = "power cuts on " + disk;
    Tools.require(Files.exists(Path.of("/proc/self/task")), what, "they need Linux");
    for (String tool : List.of(disk.formatter(), "unshare", "setpriv", "losetup")) {
      Tools.require(Tools.has(tool), what, tool + " is not installed");
    }
    Tools.require(Tools.isRoot(), what, "mounting a disk needs root");
  }

  private record Result(
      PowerCuts.Disk disk,
      Protocol protocol,
      int cuts,
      int lost,
      int unreadable,
      int ahead,
      int orphans,
      int acknowledged) {

    @Override
    public String toString() {
      return cuts + " on " + disk + ", " + protocol + ": " + lost + " lost, " + unreadable
          + " unreadable, " + ahead + " with the change that was under way, " + orphans
          + " with a temporary file; " + acknowledged + " changes were acknowledged";
    }
  }
}
