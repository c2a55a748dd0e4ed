package tech.tailor.secretmanager.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.regex.Pattern;

/**
 * Says in plain words what an error of the storage means, where its text tells. The words help;
 * nothing is decided by them.
 */
enum StorageTrouble {
  FULL("the disk is full", "No space left on device|There is not enough space on the disk"),
  QUOTA("the disk quota is used up", "Disk quota exceeded"),
  READ_ONLY("the file system is read-only", "Read-only file system"),
  TOO_MANY_FILES("the process has too many files open", "Too many open files"),
  DENIED("permission was denied", "Permission denied|Operation not permitted"),
  LINK("a symbolic link is in its place", "Too many levels of symbolic links"),
  UNKNOWN("", "(?!)");

  private final String words;

  /** A regular expression of what the system says. */
  private final String signs;

  StorageTrouble(String words, String signs) {
    this.words = words;
    this.signs = signs;
  }

  static StorageTrouble of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return DENIED;
    }
    if (e.getCause() instanceof ReadOnlyFileSystemException) {
      return READ_ONLY;
    }
    String text = e instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : String.valueOf(e.getMessage());
    for (StorageTrouble trouble : values()) {
      if (Pattern.compile(trouble.signs).matcher(text).find()) {
        return trouble;
      }
    }
    return UNKNOWN;
  }

  /** To be put after what failed: empty, or a colon and the words. */
  static String inWords(IOException e) {
    StorageTrouble trouble = of(e);
    return trouble == UNKNOWN ? "" : ": " + trouble.words;
  }
}
