package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import tech.tailor.secretmanager.SecretSupport;

/** Files that hold secrets: for their owner alone, and there whole or not at all. */
final class PrivateFile {

  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private PrivateFile() {}

  /**
   * Writes a file with mode 0600, in place of one that is there. It appears with one rename, so an
   * interrupt leaves the file of before, or none.
   */
  static void write(Path file, byte[] content) throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = target.getParent();
    if (directory == null) {
      throw CliException.usage("The file " + SecretSupport.quote(file) + " can't be written.");
    }
    makeDirectory(directory);
    Path next = directory.resolve(
        "." + target.getFileName() + "." + ProcessHandle.current().pid());
    next.toFile().deleteOnExit(); // where the process is interrupted
    try {
      try (FileChannel channel = FileChannel.open(next, NEW, ownerOnly("rw-------"))) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw CliException.of(
          "INVALID_ARGUMENT",
          "The file " + SecretSupport.quote(file) + " can't be written ("
              + e.getClass().getSimpleName() + ").",
          "Check the path and the directory's mode.");
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, ownerOnly("rwx------"));
    }
  }

  /** The mode, where the file system has modes. */
  static FileAttribute<?>[] ownerOnly(String mode) {
    boolean posix =
        java.nio.file.FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
