package tech.tailor.secretmanager.envelope;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Makes a file that must not replace another one: whole, durable, and for its owner's eyes only.
 */
final class ExclusiveFile {

  private ExclusiveFile() {}

  /**
   * Writes the content under another name first, and then links it to the file's own: nobody sees
   * half of it, and what is there is kept. Makes the directories that are missing.
   *
   * <p>Without hard links the file is written in its place, exclusively all the same; meanwhile
   * another process may see half of it.
   *
   * @param temporaryPrefix how the other name begins
   * @return the file's directory
   */
  static Path publish(StoreFiles files, Path file, String temporaryPrefix, byte[] content)
      throws IOException {
    Path directory = file.getParent();
    if (directory == null) {
      throw new IOException("a file needs a directory");
    }
    files.createDirectories(directory);
    Path temporary = directory.resolve(temporaryPrefix + OpaqueBytes.random(16).toHex() + ".tmp");
    try {
      write(files, temporary, content);
      try {
        link(files, file, temporary, content);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster: its file counts.
      }
    } finally {
      files.delete(temporary);
    }
    files.forceDirectory(directory);
    return directory;
  }

  private static void link(StoreFiles files, Path file, Path temporary, byte[] content)
      throws IOException {
    try {
      files.link(file, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // Refused by the system, which has many words for "no hard links here": not permitted on a
      // FAT stick, not supported or not implemented elsewhere. Writing meets any other reason
      // again.
      write(files, file, content);
    } catch (IOException e) {
      if (LocalStoreFiles.hasPermissions(file)) {
        throw e;
      }
      write(files, file, content);
    }
  }

  /** Leaves nothing behind if it fails. */
  private static void write(StoreFiles files, Path target, byte[] content) throws IOException {
    boolean written = false;
    StoreFiles.NewFile output = files.create(target);
    try (output) {
      output.write(content);
      output.force();
      written = true;
    } finally {
      if (!written) {
        files.delete(target);
      }
    }
  }
}
