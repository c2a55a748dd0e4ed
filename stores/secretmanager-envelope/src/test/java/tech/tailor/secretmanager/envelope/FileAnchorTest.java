package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.envelope.StoreAnchor.Mark;
import tech.tailor.secretmanager.fixtures.JavaProcess;

class FileAnchorTest {

  private static final int PROCESSES = 4;
  private static final int GENERATIONS = 60;

  @TempDir
  Path directory;

  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("anchor");
  }

  /**
   * One of two that make the anchor at once is held up until the other one has told it something.
   */
  @Test
  void anchorThatIsMadeTwiceAtOnce_keepsWhatItWasToldMeanwhile() {
    for (String heldUpBefore : List.of("createDirectories", "create", "force", "link", "delete")) {
      Path raced = directory.resolve("held-up-before-" + heldUpBefore);
      RecordingFiles files = new RecordingFiles();
      boolean[] done = {false};
      files.before = call -> {
        if (call.equals(heldUpBefore) && !done[0]) {
          done[0] = true;
          FileAnchor.create(raced).advance(mark(4));
        }
      };
      FileAnchor late = FileAnchor.create(raced, files);
      assertThat(done[0]).isTrue();
      assertThat(late.read()).as(heldUpBefore).contains(mark(4));
    }
  }

  @Test
  void withoutHardLinks_theSame() {
    RecordingFiles files = new RecordingFiles();
    files.before = call -> {
      if (call.equals("link")) {
        FileAnchor.create(file).advance(mark(4));
        throw new UnsupportedOperationException("no links here");
      }
    };
    assertThat(FileAnchor.create(file, files).read()).contains(mark(4));
  }

  /** Or a crash of the machine could leave half a file, or the old one after a call that ended. */
  @Test
  void whatIsTold_isOnTheDiskBeforeTheCallEnds() {
    RecordingFiles files = new RecordingFiles();
    FileAnchor anchor = FileAnchor.create(file, files);
    assertThat(files.calls)
        .containsSubsequence("create", "write", "force", "link", "delete", "forceDirectory");
    files.calls.clear();
    anchor.advance(mark(1));
    assertThat(files.calls)
        .containsSubsequence("create", "write", "force", "replace", "forceDirectory");
  }

  @Test
  void failureWhileAdvancing_leavesTheAnchorAndNothingBesideIt() throws IOException {
    RecordingFiles files = new RecordingFiles();
    FileAnchor anchor = FileAnchor.create(file, files);
    anchor.advance(mark(1));
    files.calls.clear();
    anchor.advance(mark(2));
    List<String> calls = List.copyOf(files.calls);
    for (int call = 0; call < calls.indexOf("replace") + 1; call++) {
      int failing = call;
      files.failAt(failing, false);
      Throwable failure = catchThrowable(() -> anchor.advance(mark(3)));
      files.failNoMore();
      assertThat(failure).as(calls.get(call)).isInstanceOf(SecretStorageException.class);
      assertThat(anchor.read()).contains(mark(2));
      try (Stream<Path> beside = Files.list(directory)) {
        assertThat(beside.map(each -> each.getFileName().toString()))
            .as("beside the anchor, after %s failed", calls.get(call))
            .containsOnly("anchor", "anchor.lock");
      }
    }
  }

  @Test
  void advance_keepsTheLatestGeneration() {
    FileAnchor anchor = FileAnchor.create(file);
    assertThat(anchor.read()).isEmpty();
    anchor.advance(mark(7));
    anchor.advance(mark(3));
    assertThat(anchor.read()).contains(mark(7));
    anchor.advance(Mark.of("0a".repeat(16), 7, "0c".repeat(32)));
    assertThat(anchor.read()).as("the first of a generation").contains(mark(7));
    anchor.advance(mark(8));
    assertThat(anchor.read()).contains(mark(8));
    assertThatThrownBy(() -> anchor.advance(Mark.of("0f".repeat(16), 9, "0c".repeat(32))))
        .isExactlyInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("another store");
    assertThat(FileAnchor.create(file).read()).as("making it again").contains(mark(8));
  }

  @Test
  @Timeout(120)
  void processesThatAdvanceAtOnce_neverGoBack() throws Exception {
    FileAnchor anchor = FileAnchor.create(file);
    List<Process> children = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        children.add(JavaProcess.start(List.of(), Advancing.class, file, i));
      }
      long last = 0;
      while (children.stream().anyMatch(Process::isAlive)) {
        long now = anchor.read().map(Mark::generation).orElse(0L);
        assertThat(now).isGreaterThanOrEqualTo(last);
        last = now;
      }
      for (Process child : children) {
        assertThat(child.waitFor()).isZero();
      }
    } finally {
      children.forEach(Process::destroyForcibly);
    }
    assertThat(anchor.read()).contains(mark(GENERATIONS));
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("anchor", "anchor.lock");
  }

  /** Tells an anchor all generations, in an order of its own, and looks after each. */
  static final class Advancing {
    public static void main(String[] args) {
      FileAnchor anchor = FileAnchor.open(Path.of(args[0]));
      List<Long> generations = new ArrayList<>();
      for (long generation = 1; generation <= GENERATIONS; generation++) {
        generations.add(generation);
      }
      Collections.shuffle(generations, new Random(Long.parseLong(args[1])));
      for (long generation : generations) {
        anchor.advance(mark(generation));
        if (anchor.read().orElseThrow().generation() < generation) {
          throw new IllegalStateException("went back");
        }
      }
    }
  }

  @Test
  @Timeout(60)
  void lockOfAnotherProcess_isWaitedForWithinBounds() throws Exception {
    FileAnchor anchor = FileAnchor.create(file);
    anchor.advance(mark(1));
    Process child = JavaProcess.start(List.of(), Holding.class, file.resolveSibling("anchor.lock"));
    try {
      assertThat(child.inputReader(US_ASCII).readLine()).isEqualTo("held");
      assertThatThrownBy(() -> anchor.advance(mark(2)))
          .isExactlyInstanceOf(SecretTimeoutException.class);
      assertThat(anchor.read()).contains(mark(1));
    } finally {
      child.destroyForcibly().waitFor();
    }
    anchor.advance(mark(2));
    assertThat(anchor.read()).contains(mark(2));
  }

  /** Holds a lock until it is ended. */
  static final class Holding {
    public static void main(String[] args) throws IOException, InterruptedException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
        channel.lock();
        System.out.println("held");
        Thread.sleep(60_000);
      }
    }
  }

  /** As a pipe that nobody writes to, or a directory: never waited for. */
  @Test
  @Timeout(60)
  void whatIsNoRegularFile_isRefused() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "SKIPPED: no mkfifo here");
    Path pipe = directory.resolve("pipe");
    Path locked = directory.resolve("locked");
    FileAnchor.create(locked);
    Path lock = directory.resolve("locked.lock");
    for (Path each : List.of(pipe, lock)) {
      assertThat(new ProcessBuilder("/usr/bin/mkfifo", each.toString()).start().waitFor())
          .isZero();
    }
    Path link = Files.createSymbolicLink(directory.resolve("link"), locked);
    for (Path each : List.of(pipe, link, Files.createDirectory(directory.resolve("directory")))) {
      for (Throwable failure : List.of(
          catchThrowable(() -> FileAnchor.open(each)),
          catchThrowable(() -> FileAnchor.create(each)))) {
        assertThat(failure)
            .as("%s", each)
            .isExactlyInstanceOf(SecretStorageException.class)
            .hasMessageContaining("regular file");
      }
    }
    assertThatThrownBy(() -> FileAnchor.open(locked).advance(mark(1)))
        .isExactlyInstanceOf(SecretStorageException.class);
    assertThat(FileAnchor.open(locked).read()).isEqualTo(Optional.empty());
  }

  @Test
  void missingAnchor_saysWhatIsLostAndWhatIsNot() {
    FileAnchor anchor = FileAnchor.create(file);
    assertThat(file.toFile().delete()).isTrue();
    for (Throwable failure : List.of(
        catchThrowable(() -> FileAnchor.open(file)),
        catchThrowable(anchor::read),
        catchThrowable(() -> anchor.advance(mark(1))))) {
      assertThat(failure)
          .isExactlyInstanceOf(SecretStorageException.class)
          .hasMessageContaining("Nothing of its store is lost")
          .hasMessageContaining("rolled back can't be told");
    }
    assertThat(file).as("not made again in passing").doesNotExist();
  }

  private static Mark mark(long generation) {
    return Mark.of("0a".repeat(16), generation, "0b".repeat(32));
  }
}
