package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.oneLine;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * An anchor in a file of one line. Keep it on another disk than the store, or at least where a
 * restored backup of the store doesn't bring it back, too.
 *
 * <p>Thread-safe, and safe for several processes: the file is made exclusively, so that of several
 * that make it at once none takes from it what another one has told it already; and
 * {@link #advance} never goes back. For that it holds a lock on an empty file beside the anchor,
 * named as the anchor with {@code .lock} at its end, for as long as it compares and replaces. Where
 * the file system has no locks, it compares all the same, but two processes can then pass each
 * other between comparing and replacing.
 *
 * <p>The file is replaced as a whole, durably, for its owner's eyes only. It holds no secret, and
 * is not sealed: a user who can write it can make it forget.
 */
public final class FileAnchor implements StoreAnchor {

  private static final String LABEL = "tailor-secretmanager-anchor-1 ";
  private static final String NOTHING = "none";
  private static final Pattern LINE =
      Pattern.compile(LABEL + "([0-9a-f]{32}) ([1-9][0-9]{0,18}) ([0-9a-f]{64})\n");
  private static final int LIMIT_BYTES = 256;
  private static final String TEMPORARY_PREFIX = ".anchor-";
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
  private static final long POLL_NANOS = 1_000_000;

  /**
   * Held while a channel on a lock file is open: closing one would drop the lock of any other one
   * in this process. A literal, since those are the same object for all class loaders.
   */
  private static final String ALL_LOADERS = "tech.tailor.secretmanager.envelope.FileAnchor";

  private final Path file;
  private final StoreFiles files;

  private FileAnchor(Path file, StoreFiles files) {
    this.file = file.toAbsolutePath();
    this.files = files;
  }

  /**
   * The anchor in the given file, which is made first where it is missing, and then remembers
   * nothing: for a new store, or one that had no anchor so far. An anchor that is there stays as it
   * is, also if another process makes it at the same moment.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if it can't be made or read, or is no regular file
   * @throws SecretIntegrityException if the file is there and is no anchor
   */
  public static FileAnchor create(Path file) {
    return create(file, StoreFiles.local());
  }

  /** For tests: with files of their own. */
  static FileAnchor create(Path file, StoreFiles files) {
    FileAnchor anchor = anchor(file, files);
    if (!files.exists(anchor.file)) {
      anchor.make();
    }
    anchor.requireReadable();
    return anchor;
  }

  /**
   * The anchor in the given file, which must be there: that it was deleted is noticed.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if it is missing, or can't be read
   * @throws SecretIntegrityException if the file is no anchor
   */
  public static FileAnchor open(Path file) {
    return open(file, StoreFiles.local());
  }

  /** For tests: with files of their own. */
  static FileAnchor open(Path file, StoreFiles files) {
    FileAnchor anchor = anchor(file, files);
    anchor.requireReadable();
    return anchor;
  }

  private void requireReadable() {
    read();
  }

  @Override
  public Optional<Mark> read() {
    String line;
    try {
      files.identify(file); // refuses a link, and a pipe, which would be waited for without an end
    } catch (NoSuchFileException e) {
      throw missing(e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    try (StoreFiles.ReadFile input = files.open(file)) {
      line = new String(input.read(LIMIT_BYTES), US_ASCII);
    } catch (NoSuchFileException e) {
      throw missing(e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (line.equals(LABEL + NOTHING + "\n")) {
      return Optional.empty();
    }
    Matcher matcher = LINE.matcher(line);
    try {
      if (matcher.matches()) {
        return Optional.of(
            Mark.of(matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3)));
      }
    } catch (NumberFormatException e) {
      throw malformed();
    }
    throw malformed();
  }

  /**
   * Remembers this from now on, unless the anchor remembers this generation or a later one of the
   * same store already: of what several processes tell it, the latest generation stays. Durable
   * when it returns. Waits for another process for 5 seconds at most.
   *
   * @throws SecretStorageException if the anchor is missing, or can't be read or written
   * @throws SecretTimeoutException if another process held the lock for too long
   * @throws SecretIntegrityException if the file is no anchor, or is that of another store
   */
  @Override
  public void advance(Mark mark) {
    requireNonNull(mark, "mark");
    try {
      Uninterrupted.run(() -> {
        synchronized (ALL_LOADERS) {
          try (FileChannel channel = lockChannel()) {
            lock(channel);
            if (isNews(mark)) {
              replace(line(mark));
            }
          }
        }
      });
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Returns where the anchor is. */
  @Override
  public String toString() {
    return "FileAnchor[" + oneLine(file.toString()) + "]";
  }

  private boolean isNews(Mark mark) {
    Optional<Mark> remembered = read();
    if (remembered.isEmpty()) {
      return true;
    }
    if (!remembered.get().storeId().equals(mark.storeId())) {
      throw new SecretIntegrityException(
          "The anchor " + quote(file) + " remembers another store, and"
              + " was left as it is; use an anchor of its own for each store");
    }
    return remembered.get().generation() < mark.generation();
  }

  private void make() {
    try {
      Uninterrupted.run(() -> ExclusiveFile.publish(
          files, file, TEMPORARY_PREFIX, (LABEL + NOTHING + "\n").getBytes(US_ASCII)));
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void replace(byte[] line) throws IOException {
    Path directory = requireNonNull(file.getParent());
    Path temporary = directory.resolve(TEMPORARY_PREFIX + OpaqueBytes.random(16).toHex() + ".tmp");
    boolean done = false;
    try {
      try (StoreFiles.NewFile output = files.create(temporary)) {
        output.write(line);
        output.force();
      }
      files.replace(temporary, file);
      done = true;
      files.forceDirectory(directory);
    } finally {
      if (!done) {
        files.delete(temporary);
      }
    }
  }

  private FileChannel lockChannel() throws IOException {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    if (!files.exists(lock)) {
      try {
        return files.createLock(lock);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster.
      }
    }
    files.identify(lock); // a pipe would be waited for without an end
    return files.openLock(lock);
  }

  /** The lock is dropped when the channel is closed. */
  private void lock(FileChannel channel) {
    long deadlineNanos = System.nanoTime() + LOCK_TIMEOUT.toNanos();
    while (!isLocked(channel)) {
      if (System.nanoTime() - deadlineNanos >= 0) {
        throw new SecretTimeoutException(
            "Another process held the lock of the anchor " + quote(file) + " for longer than "
                + LOCK_TIMEOUT.toMillis() + " ms; it was left as it is");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Also if there are no locks to be had. */
  private static boolean isLocked(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      return true; // comparing is better than not being told
    }
  }

  private static byte[] line(Mark mark) {
    return (LABEL + mark.storeId() + " " + mark.generation() + " " + mark.digest() + "\n")
        .getBytes(US_ASCII);
  }

  private SecretStorageException missing(IOException e) {
    return new SecretStorageException(
        "There is no anchor " + quote(file)
            + ": it was deleted, or the path is wrong. Nothing of its"
            + " store is lost; but whether the store was rolled back can't be told any more. Find"
            + " out which it is; if the store is as it should be, make a new anchor with"
            + " FileAnchor.create",
        e);
  }

  private SecretStorageException unreadable(IOException e) {
    return new SecretStorageException(
        "The anchor " + quote(file)
            + " can't be read; it must be a regular file that this process may read",
        e);
  }

  private SecretStorageException unwritable(IOException e) {
    return new SecretStorageException(
        "The anchor " + quote(file) + " can't be written; check its directory", e);
  }

  private SecretIntegrityException malformed() {
    return new SecretIntegrityException("The file " + quote(file) + " is no anchor of this library."
        + " Check the path. If it was damaged, nothing of its store is lost, but whether the store"
        + " was rolled back can't be told any more: if the store is as it should be, delete the file"
        + " and make a new one with FileAnchor.create");
  }

  private static FileAnchor anchor(Path file, StoreFiles files) {
    StoreFiles.requireLocal(requireNonNull(file, "file"), "A FileAnchor");
    return new FileAnchor(file, files);
  }
}
