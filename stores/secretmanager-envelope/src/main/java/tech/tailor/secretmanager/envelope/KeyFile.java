package tech.tailor.secretmanager.envelope;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A file with a master key: one line, a {@link KeyText}. Every array and buffer of this library
 * that held the key in between is wiped.
 */
final class KeyFile {

  private static final Pattern TEMPORARY = Pattern.compile("\\.key-[0-9a-f]{32}\\.tmp");

  private final Path file;
  private final StoreFiles files;

  KeyFile(Path file, StoreFiles files) {
    this.file = file.toAbsolutePath();
    this.files = files;
  }

  /** Reads the key, and makes it first where it is missing. */
  MasterKey create() {
    byte[] line = files.exists(file) ? null : KeyText.newLine();
    try {
      Uninterrupted.run(() -> {
        if (line != null) {
          publish(line);
        } else {
          adopt();
        }
      });
    } catch (IOException e) {
      throw new SecretStorageException(
          "The key file \"" + file + "\" could not be made; check its directory", e);
    } finally {
      if (line != null) {
        Arrays.fill(line, (byte) 0);
      }
    }
    return read();
  }

  MasterKey read() {
    byte[] line = {};
    try {
      requireOwnersEyesOnly();
      try (StoreFiles.ReadFile input = files.openKey(file)) {
        line = input.read(KeyText.SIZE_BYTES + 1);
      }
      return MasterKey.adopt(KeyText.parse(line, "file \"" + file + "\""));
    } catch (NoSuchFileException e) {
      throw new SecretStorageException(
          "There is no key file \"" + file
              + "\"; put the key of the store there, or make a new one with MasterKey.createFile",
          e);
    } catch (IOException e) {
      throw new SecretStorageException("The key file \"" + file + "\" could not be read", e);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  /**
   * Writes the whole key under another name first, and then gives it its own: nobody sees half a
   * key, and no key that is there is overwritten.
   */
  private void publish(byte[] line) throws IOException {
    Path directory = file.getParent();
    if (directory == null) {
      throw new IOException("a key file needs a directory");
    }
    files.createDirectories(directory);
    Path temporary = directory.resolve(".key-" + OpaqueBytes.random(16).toHex() + ".tmp");
    try {
      write(temporary, line);
      try {
        files.link(file, temporary);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster: its key counts.
      } catch (UnsupportedOperationException e) {
        writeInPlace(line);
      } catch (IOException e) {
        if (LocalStoreFiles.hasPermissions(file)) {
          throw e; // such a file system has hard links: this is an error of another kind
        }
        writeInPlace(line);
      }
    } finally {
      files.delete(temporary);
    }
    files.forceDirectory(directory);
    removeOrphans(directory);
  }

  /**
   * A key that is there already. Whoever made it may not have come to making its name durable yet,
   * and a store that is made with it must not outlive it. Neither step may be possible for somebody
   * who only reads the key, and reading it is what matters then.
   */
  private void adopt() {
    Path directory = file.getParent();
    if (directory == null) {
      return;
    }
    try {
      files.forceDirectory(directory);
    } catch (IOException e) {
      // Mounted read-only, say, or not ours to open: then nobody is making a key here, either.
    }
    removeOrphans(directory);
  }

  /**
   * What a creator left behind that was killed right after it had linked the key: a second name of
   * the key. A temporary file that is another file may be another creator's, at work.
   */
  private void removeOrphans(Path directory) {
    try {
      Object key = files.identify(file).key();
      if (key == null) {
        return;
      }
      for (Path orphan : files.list(directory, TEMPORARY)) {
        if (key.equals(files.identify(orphan).key())) {
          files.delete(orphan);
        }
      }
    } catch (IOException e) {
      // The key is there, which is what matters; the next call tries again.
      return;
    }
  }

  /**
   * Without hard links. Another process may see half a key meanwhile, and refuse it; it can't
   * replace it.
   */
  private void writeInPlace(byte[] line) throws IOException {
    try {
      write(file, line);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster: its key counts.
    }
  }

  /** Leaves nothing behind if it fails. */
  private void write(Path target, byte[] line) throws IOException {
    boolean written = false;
    StoreFiles.NewFile output = files.create(target);
    try (output) {
      output.write(line);
      output.force();
      written = true;
    } finally {
      if (!written) {
        files.delete(target);
      }
    }
  }

  /** Links are followed here: a mounted key is often one. */
  private void requireOwnersEyesOnly() throws IOException {
    if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new IOException("not a regular file"); // a pipe would be waited for without an end
    }
    if (!LocalStoreFiles.hasPermissions(file)) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    String mode = PosixFilePermissions.toString(permissions);
    if (!mode.endsWith("------")) {
      throw new SecretStorageException("The key file \"" + file
          + "\" is open to others than its owner (" + mode + "); run: chmod 600 \"" + file
          + "\". Where it is mounted and its mode can't be set, hand the key over in another way:"
          + " MasterKey.fromFileDescriptor or MasterKey.fromEnvironment");
    }
  }
}
