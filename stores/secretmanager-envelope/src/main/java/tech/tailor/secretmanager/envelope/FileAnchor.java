package tech.tailor.secretmanager.envelope;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * An anchor in a file of one line. Keep it on another disk than the store, or at least where a
 * restored backup of the store doesn't bring it back, too.
 *
 * <p>Thread-safe. The file is replaced as a whole, durably, for its owner's eyes only. It holds no
 * secret, and is not sealed: whoever can write it can make it forget.
 */
public final class FileAnchor implements StoreAnchor {

  private static final String LABEL = "tailor-secretmanager-anchor-1 ";
  private static final String NOTHING = "none";
  private static final Pattern LINE =
      Pattern.compile(LABEL + "([0-9a-f]{32}) ([1-9][0-9]{0,18}) ([0-9a-f]{64})\n");
  private static final int LIMIT_BYTES = 256;

  private final Path file;
  private final StoreFiles files;

  private FileAnchor(Path file, StoreFiles files) {
    this.file = file.toAbsolutePath();
    this.files = files;
  }

  /**
   * The anchor in the given file, which is made first where it is missing, and then remembers
   * nothing: for a new store, or one that had no anchor so far.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if it can't be made
   */
  public static FileAnchor create(Path file) {
    FileAnchor anchor = anchor(file);
    if (!anchor.files.exists(anchor.file)) {
      anchor.write(LABEL + NOTHING + "\n");
    }
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
    FileAnchor anchor = anchor(file);
    anchor.requireReadable();
    return anchor;
  }

  private void requireReadable() {
    read();
  }

  @Override
  public Optional<Mark> read() {
    String line;
    try (StoreFiles.ReadFile input = files.open(file)) {
      line = new String(input.read(LIMIT_BYTES), US_ASCII);
    } catch (NoSuchFileException e) {
      throw new SecretStorageException(
          "There is no anchor \"" + file + "\": it was deleted, or the path is wrong. Find out"
              + " which; if the store is as it should be, make a new one with FileAnchor.create",
          e);
    } catch (IOException e) {
      throw new SecretStorageException("The anchor \"" + file + "\" can't be read", e);
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

  @Override
  public void advance(Mark mark) {
    requireNonNull(mark, "mark");
    write(LABEL + mark.storeId() + " " + mark.generation() + " " + mark.digest() + "\n");
  }

  /** Returns where the anchor is. */
  @Override
  public String toString() {
    return "FileAnchor[" + file + "]";
  }

  private void write(String line) {
    Path directory = file.getParent();
    try {
      if (directory == null) {
        throw new IOException("an anchor needs a directory");
      }
      Path temporary = directory.resolve(".anchor-" + OpaqueBytes.random(16).toHex() + ".tmp");
      Uninterrupted.run(() -> {
        files.createDirectories(directory);
        boolean done = false;
        try {
          try (StoreFiles.NewFile output = files.create(temporary)) {
            output.write(line.getBytes(US_ASCII));
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
      });
    } catch (IOException e) {
      throw new SecretStorageException("The anchor \"" + file + "\" can't be written", e);
    }
  }

  private SecretIntegrityException malformed() {
    return new SecretIntegrityException("The file \"" + file + "\" is no anchor of this library."
        + " Check the path; if it was damaged and the store is as it should be, delete it and make"
        + " a new one with FileAnchor.create");
  }

  private static FileAnchor anchor(Path file) {
    StoreFiles.requireLocal(requireNonNull(file, "file"), "A FileAnchor");
    return new FileAnchor(file, StoreFiles.local());
  }
}
