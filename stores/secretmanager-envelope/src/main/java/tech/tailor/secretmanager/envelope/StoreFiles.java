package tech.tailor.secretmanager.envelope;

import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every operation on files that a store on disk, a key file and an anchor need, and no other, so
 * that a test can record them and let each of them fail. Support for those who write a store:
 * unlike the types that applications use, it may change with a minor version.
 *
 * <p>What is created is for its owner only: files with mode 0600, directories with mode 0700, where
 * the file system has such modes. Implementations are thread-safe.
 */
public interface StoreFiles {

  /** The files of this machine. */
  static StoreFiles local() {
    return LocalStoreFiles.INSTANCE;
  }

  /**
   * Refuses a path of another file system than the default one, such as into an archive: nothing is
   * durable there, and nothing can be locked.
   *
   * @param what needs the path, for the message
   * @throws IllegalArgumentException if the path is of another file system
   */
  static void requireLocal(Path path, String what) {
    LocalStoreFiles.requireLocal(requireNonNull(path, "path"), requireNonNull(what, "what"));
  }

  /**
   * Runs work that an interrupt must not break off, on a thread of its own that nobody can
   * interrupt, while the caller waits. An interrupt would close the file channel in use, which
   * leaves a change half written. A caller that was interrupted still is afterwards.
   *
   * @throws IOException if the work throws it
   * @throws tech.tailor.secretmanager.SecretUnavailableException if no thread can be started; then
   *     nothing was done
   */
  static void uninterrupted(Work work) throws IOException {
    Uninterrupted.run(requireNonNull(work, "work"));
  }

  /**
   * Finds what lets other users than this process's and root write a store's file, or put another
   * one in its place: by the owners and modes of the file, of its directory, and of the directories
   * and links that lead there. What is not there is not looked at, nor is a file system without
   * owners and modes in the manner of Unix. A group counts as others unless it is the user's
   * primary group and the system's files name no other member.
   *
   * @return a sentence for each finding, with the command that mends it; empty if nobody else could
   * @throws IOException if that can't be told
   */
  static List<String> otherWriters(Path file) throws IOException {
    return new OtherWriters(ThisUser.current()).ofStore(requireNonNull(file, "file"));
  }

  /** Work on files. */
  @FunctionalInterface
  interface Work {

    /** Does the work. */
    void run() throws IOException;
  }

  /** Whether there is anything of that name. */
  boolean exists(Path file);

  /**
   * Returns what distinguishes the file of that name from another file.
   *
   * @throws java.nio.file.NoSuchFileException if the file does not exist
   * @throws IOException if it is not a regular file; a symbolic link is not one
   */
  FileIdentity identify(Path file) throws IOException;

  /** Opens for reading, and follows no link. An interrupt neither hinders nor ends the reading. */
  ReadFile open(Path file) throws IOException;

  /** The same for a key, whose file may be a link; leaves no copy of what is read in memory. */
  ReadFile openKey(Path file) throws IOException;

  /** Makes a file that was not there, for its owner's eyes only, and follows no link. */
  NewFile create(Path file) throws IOException;

  /** Puts the file in the place of the target, at once or not at all. */
  void replace(Path file, Path target) throws IOException;

  /**
   * Gives the file a second name.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the name is taken
   * @throws UnsupportedOperationException if the file system has no hard links; an
   *     {@link IOException} can mean that too
   */
  void link(Path name, Path file) throws IOException;

  /** Deletes the file if it is there. */
  void delete(Path file) throws IOException;

  /** The regular files in the directory whose whole names match the pattern. */
  List<Path> list(Path directory, Pattern names) throws IOException;

  /**
   * Makes the directory and those above it that are missing, for their owner only; durably, also if
   * somebody else made it a moment ago.
   */
  void createDirectories(Path directory) throws IOException;

  /**
   * The type of the file system that the directory is on, as the system calls it; empty if it can't
   * be told.
   */
  default String fileSystemType(Path directory) throws IOException {
    return Files.getFileStore(directory).type();
  }

  /**
   * Makes durable what was created, replaced or deleted in the directory; where the file system
   * doesn't offer that for a directory, it does what it does.
   */
  void forceDirectory(Path directory) throws IOException;

  /**
   * Makes a file to be locked, for its owner's eyes only, and keeps it open.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it is there
   */
  FileChannel createLock(Path file) throws IOException;

  /** Opens a file to be locked, which is there. */
  FileChannel openLock(Path file) throws IOException;

  /**
   * What tells a file apart from another one that had its name before or gets it later.
   *
   * @param key the device and the inode; null where the file system has no such thing
   * @param sizeBytes its size
   * @param modified when it was last written
   */
  record FileIdentity(@Nullable Object key, long sizeBytes, FileTime modified) {

    // Written out for the same reason as those of SecretRef.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof FileIdentity file
          && Objects.equals(key, file.key)
          && sizeBytes == file.sizeBytes
          && modified.equals(file.modified);
    }

    @Override
    public int hashCode() {
      return Objects.hash(key, sizeBytes, modified);
    }
  }

  /** A file that is open for reading. While it is open, no other file can have its inode. */
  interface ReadFile extends Closeable {

    /** The content from where the last call ended, but no more than the given number of bytes. */
    byte[] read(int limitBytes) throws IOException;

    /** Skips {@code sizeBytes} bytes, or to the end if fewer are left. */
    void skip(long sizeBytes) throws IOException;
  }

  /** A file that is being written. */
  interface NewFile extends Closeable {

    /** Leaves no copy of the bytes in memory. */
    void write(byte[] bytes) throws IOException;

    /** Makes durable what was written. */
    void force() throws IOException;
  }
}
