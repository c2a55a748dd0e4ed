package tech.tailor.secretmanager.file;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * Refuses a store that somebody else could replace: one in a directory or a file that others may
 * write, or that belongs to another user. Others may read it; root is not kept out. Where the file
 * system has no owners and modes in the manner of Unix, there is nothing to look at.
 */
final class OwnersOnly {

  private static final Path SELF = Path.of("/proc/self");
  private static final int WRITABLE_BY_OTHERS = 0002;
  private static final int WRITABLE_BY_GROUP_OR_OTHERS = 0022;
  private static final int STICKY = 01000;
  private static final int ROOT = 0;

  private OwnersOnly() {}

  /** What is not there is not looked at: whoever opens it says that. */
  static void require(Path file) {
    Path directory = file.getParent();
    if (directory == null || !file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return;
    }
    try {
      if (!Files.isDirectory(directory)) {
        return;
      }
      Path real = directory.toRealPath();
      requireOwnersOnly(real, "directory", "chmod 700");
      for (Path above = real.getParent(); above != null; above = above.getParent()) {
        int mode = mode(above);
        if ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
          throw new SecretStorageException("The directory \"" + above + "\" above the store \""
              + file + "\" can be written by every user, who could put another store in its place;"
              + " run: chmod o-w \"" + above + "\"");
        }
      }
      if (Files.isRegularFile(file, NOFOLLOW_LINKS)) {
        requireOwnersOnly(file, "file", "chmod 600");
      }
    } catch (IOException e) {
      throw new SecretStorageException("Who may write the store \"" + file + "\" can't be told", e);
    }
  }

  private static void requireOwnersOnly(Path path, String kind, String remedy) throws IOException {
    int mode = mode(path);
    if ((mode & WRITABLE_BY_GROUP_OR_OTHERS) != 0) {
      throw new SecretStorageException("The " + kind + " \"" + path
          + "\" of a store can be written by others than its owner ("
          + Integer.toOctalString(mode & 07777) + "); run: " + remedy + " \"" + path + "\"");
    }
    int owner = owner(path);
    if (owner != ROOT && Files.exists(SELF) && owner != owner(SELF)) {
      throw new SecretStorageException("The " + kind + " \"" + path
          + "\" of a store belongs to another user (" + owner
          + "), who could put another one in its place; run this program as that user, or: chown "
          + owner(SELF) + " \"" + path + "\"");
    }
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
  }

  private static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", new LinkOption[0]);
  }
}
