package tech.tailor.secretmanager.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * Cuts the power of a disk while a process writes a store on it, and looks at what is on the disk
 * then. The disk is a file: the writer is stopped, the file is copied until two copies agree, and
 * the copy is mounted, as a machine would do that starts again. What the kernel had not yet given
 * to the disk is not in the copy.
 *
 * <p>A program of its own, to be run in a mount namespace of its own: however it ends, its mounts
 * and loop devices end with it.
 */
final class PowerCuts {

  static final String SKIPPED = "SKIPPED: ";
  static final List<String> UNTIL_THE_PARENT_ENDS = List.of("setpriv", "--pdeathsig", "KILL");

  /** What is mounted, and how. */
  enum Disk {
    EXT4(32, List.of("mkfs.ext4", "-q", "-F"), "loop"),
    XFS(304, List.of("mkfs.xfs", "-q", "-f"), "loop,nouuid"),
    BTRFS(128, List.of("mkfs.btrfs", "-q", "-f"), "loop");

    private final int sizeMegabytes;
    private final List<String> format;
    private final String options;

    Disk(int sizeMegabytes, List<String> format, String options) {
      this.sizeMegabytes = sizeMegabytes;
      this.format = format;
      this.options = options;
    }

    String formatter() {
      return format.get(0);
    }
  }

  private final Disk disk;
  private final Path image;
  private final Path copy;
  private final Path second;
  private final Path live;
  private final Path after;
  private final Random random = new Random();

  private final StringBuilder output = new StringBuilder();
  private long acknowledged;

  private int lost;
  private int unreadable;
  private int ahead;
  private int orphans;

  private PowerCuts(Disk disk, Path work) throws IOException {
    this.disk = disk;
    this.image = work.resolve("disk");
    this.copy = work.resolve("copy");
    this.second = work.resolve("second-copy");
    this.live = Files.createDirectory(work.resolve("live"));
    this.after = Files.createDirectory(work.resolve("after"));
  }

  /** Arguments: the disk, the protocol, how many cuts, an empty directory. */
  public static void main(String[] args) throws Exception {
    PowerCuts cuts = new PowerCuts(Disk.valueOf(args[0]), Path.of(args[3]));
    String obstacle = cuts.mount();
    if (obstacle != null) {
      System.out.println(SKIPPED + obstacle);
      return;
    }
    cuts.run(Protocol.valueOf(args[1]), Integer.parseInt(args[2]));
  }

  /** Returns why it is not possible here, or null. */
  private @Nullable String mount() throws IOException, InterruptedException {
    run("truncate", "-s", disk.sizeMegabytes + "M", image.toString());
    List<String> format = new ArrayList<>(disk.format);
    format.add(image.toString());
    run(format.toArray(String[]::new));
    String said = tryRun("mount", "-o", disk.options, image.toString(), live.toString());
    return said == null ? null : "no loop device can be mounted here (" + said + ")";
  }

  private void run(Protocol protocol, int cuts) throws IOException, InterruptedException {
    Process writer = TestStore.start(
        UNTIL_THE_PARENT_ENDS, Writer.class, live.resolve("store"), protocol.name());
    try {
      InputStream acknowledgements = writer.getInputStream();
      while (acknowledged == 0) {
        hear(acknowledgements);
        requireAlive(writer);
        Thread.sleep(1);
      }
      for (int cut = 0; cut < cuts; cut++) {
        Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
        requireAlive(writer);
        run("kill", "-STOP", Long.toString(writer.pid()));
        awaitStopped(writer.pid());
        hear(acknowledgements);
        snapshot();
        run("kill", "-CONT", Long.toString(writer.pid()));
        run("mount", "-o", disk.options, copy.toString(), after.toString());
        check();
        run("umount", after.toString());
      }
    } finally {
      writer.destroyForcibly().waitFor();
      tryRun("umount", after.toString());
      tryRun("umount", live.toString());
    }
    System.out.println(
        cuts + " " + lost + " " + unreadable + " " + ahead + " " + orphans + " " + acknowledged);
  }

  private static void requireAlive(Process writer) {
    if (!writer.isAlive()) {
      throw new IllegalStateException("The writer ended by itself: " + writer.exitValue());
    }
  }

  /** Reads what the writer has printed so far. */
  private void hear(InputStream acknowledgements) throws IOException {
    while (acknowledgements.available() > 0) {
      output.append(
          new String(acknowledgements.readNBytes(acknowledgements.available()), US_ASCII));
    }
    int end = output.lastIndexOf("\n");
    if (end >= 0) {
      String lines = output.substring(0, end);
      acknowledged = Long.parseLong(lines.substring(lines.lastIndexOf('\n') + 1));
      output.delete(0, end + 1);
    }
  }

  /** A thread that is in a system call stops when that ends. */
  private static void awaitStopped(long pid) throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!isStopped(pid)) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IllegalStateException("The writer does not stop");
      }
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }

  private static boolean isStopped(long pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        String state = Files.readString(thread.resolve("stat"));
        if (!state.substring(state.lastIndexOf(')')).startsWith(") T")) {
          return false;
        }
      }
      return true;
    }
  }

  private void snapshot() throws IOException, InterruptedException {
    do {
      run("cp", "--sparse=auto", image.toString(), copy.toString());
      run("cp", "--sparse=auto", image.toString(), second.toString());
    } while (tryRun("cmp", copy.toString(), second.toString()) != null);
  }

  /** The last acknowledged change is there, or the one after it. The store goes on working. */
  private void check() {
    Path store = after.resolve("store");
    long found;
    try (FileSecretStore opened = TestStore.open(store)) {
      boolean there = opened.describeSecret("default", "counter").isPresent();
      found =
          there ? Long.parseLong(TestStore.read(opened, "default", "counter").strip()) : 0;
      orphans += (int) TestStore.filesIn(store).stream()
          .filter(file -> file.toString().endsWith(".tmp"))
          .count();
      TestStore.put(opened, "default", "counter", "0");
    } catch (SecretManagerException e) {
      unreadable++;
      return;
    }
    if (found < acknowledged) {
      lost++;
    } else if (found == acknowledged + 1) {
      ahead++;
    } else if (found > acknowledged) {
      throw new IllegalStateException(found + " after " + acknowledged);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    String said = tryRun(command);
    if (said != null) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  /** Returns what it said if it failed, or null. */
  private static @Nullable String tryRun(String... command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), US_ASCII).strip();
    return process.waitFor() == 0 ? null : said;
  }

  /** Counts, and prints each number when it is durable. */
  static final class Writer {
    public static void main(String[] args) throws InterruptedException {
      Random random = new Random();
      StoreFiles files = Protocol.valueOf(args[1]).files();
      try (FileSecretStore store = TestStore.create(Path.of(args[0]), files)) {
        for (long next = 1; true; next++) {
          String padding = " ".repeat(random.nextInt(12_000));
          TestStore.put(store, "default", "counter", next + padding);
          System.out.println(next);
          if (random.nextBoolean()) {
            Thread.sleep(random.nextInt(20));
          }
        }
      }
    }
  }
}
