package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory for its owner alone. It is wiped when it is closed, and when this process
 * ends before that.
 */
final class MemoryDirectory implements AutoCloseable {

  private static final Path MEMORY = Path.of("/dev/shm");

  private static final int ZEROS_SIZE_BYTES = 64 * 1024;

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

  private synchronized void wipe() {
    wipe(path);
  }

  /**
   * Overwrites and deletes every file in a directory, also those that the editor made beside the
   * one, and the directory.
   *
   * @throws UncheckedIOException if one of them can't be, once all others are
   */
  static void wipe(Path directory) {
    List<IOException> failures = new ArrayList<>();
    try {
      Files.walkFileTree(directory, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          if (attributes.isRegularFile()) {
            attempt(() -> overwrite(file));
          }
          return delete(file);
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
          attempt(() -> {
            throw e;
          });
          return delete(file);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path inside, @Nullable IOException e) {
          return delete(inside);
        }

        private FileVisitResult delete(Path file) {
          attempt(() -> Files.delete(file));
          return FileVisitResult.CONTINUE;
        }

        private void attempt(Step step) {
          try {
            step.run();
          } catch (NoSuchFileException e) {
            // The editor deleted it meanwhile, or there is nothing to wipe.
          } catch (IOException e) {
            failures.add(e);
          }
        }
      });
    } catch (IOException e) {
      failures.add(e);
    }
    if (!failures.isEmpty()) {
      throw new UncheckedIOException(failures.get(0));
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  /** In place: a file that is truncated first leaves its pages as they were. */
  private static void overwrite(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocate(ZEROS_SIZE_BYTES);
      long left = channel.size();
      while (left > 0) {
        zeros.clear().limit((int) Math.min(left, ZEROS_SIZE_BYTES));
        left -= channel.write(zeros);
      }
    }
  }
}
