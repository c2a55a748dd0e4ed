package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory in memory for its owner alone. It is wiped when it is closed, and when this process
 * ends before that.
 */
final class MemoryDirectory implements AutoCloseable {

  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path path;
  private final Thread atExit = new Thread(this::wipe);

  private MemoryDirectory(Path path) {
    this.path = path;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Makes one.
   *
   * @throws CliException if there is no file system in memory
   */
  static MemoryDirectory create() throws IOException {
    require();
    return new MemoryDirectory(
        Files.createTempDirectory(MEMORY, "secretmanager", PrivateFile.ownerOnly("rwx------")));
  }

  /** Checks that there is a file system in memory. */
  static void require() throws IOException {
    if (!Files.isDirectory(MEMORY) || !Files.getFileStore(MEMORY).type().equals("tmpfs")) {
      throw CliException.of(
          "UNSUPPORTED",
          "There is no file system in memory at /dev/shm, and a value is not written to a disk.",
          "Use: secretmanager put");
    }
  }

  Path path() {
    return path;
  }

  /** Wipes it. */
  @Override
  public void close() {
    wipe();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This process ends, and the hook finds nothing to wipe.
    }
  }

  /** Overwrites and deletes every file, also those that the editor made beside the one. */
  private synchronized void wipe() {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(path)) {
      List<Path> inside = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path each : inside) {
        wipeOne(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In place: a file that is truncated first leaves its pages as they were. */
  private static void wipeOne(Path file) throws IOException {
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          ByteBuffer zeros = ByteBuffer.allocate((int) channel.size());
          while (zeros.hasRemaining()) {
            channel.write(zeros, zeros.position());
          }
        }
      }
      Files.delete(file);
    } catch (NoSuchFileException e) {
      // The editor deleted it meanwhile.
    }
  }
}
