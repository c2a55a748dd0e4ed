package tech.tailor.secretmanager.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.envelope.StoreFiles;

/** Files that hold secrets: for their owner alone, and there whole or not at all. */
final class PrivateFile {

  private PrivateFile() {}

  /**
   * Writes a file with mode 0600, in place of one that is there. It appears with one rename, so an
   * interrupt leaves the file of before, or none.
   */
  static void write(Path file, byte[] content) throws IOException {
    write(file, content, false);
  }

  /**
   * The same; where root writes into a directory of another user, that user gets the file, since
   * nobody else could open it.
   */
  static void writeForOwnerOfDirectory(Path file, byte[] content) throws IOException {
    write(file, content, true);
  }

  private static void write(Path file, byte[] content, boolean forOwnerOfDirectory)
      throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw CliException.usage("There is something at " + SecretSupport.quote(file)
          + " that is no file, and it is not replaced. Choose another name.");
    }
    Path directory = target.getParent();
    if (directory == null) {
      throw CliException.usage("The file " + SecretSupport.quote(file) + " can't be written.");
    }
    Path next = temporary(directory, file);
    next.toFile().deleteOnExit(); // where the process is interrupted
    try {
      try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        if (forOwnerOfDirectory) {
          giveTo(directory, next);
        }
        channel.force(true);
      }
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      StoreFiles.local().forceDirectory(directory);
    } catch (IOException e) {
      throw notWritten(file, e);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static void giveTo(Path directory, Path file) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("unix")
        && Integer.valueOf(0).equals(Files.getAttribute(file, "unix:uid"))) {
      Files.setAttribute(file, "unix:gid", Files.getAttribute(directory, "unix:gid"));
      Files.setAttribute(file, "unix:uid", Files.getAttribute(directory, "unix:uid"));
    }
  }

  /** An empty file for its owner alone, in a directory that is made if it is missing. */
  private static Path temporary(Path directory, Path file) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory, ownerOnly("rwx------"));
      }
      return Files.createTempFile(directory, ".", ".tmp", ownerOnly("rw-------"));
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  private static CliException notWritten(Path file, IOException e) {
    return CliException.of(
        "INVALID_ARGUMENT",
        "The file " + SecretSupport.quote(file) + " can't be written ("
            + e.getClass().getSimpleName() + ").",
        "Check the path and the directory's mode.");
  }

  /** The mode, where the file system has modes. */
  static FileAttribute<?>[] ownerOnly(String mode) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
