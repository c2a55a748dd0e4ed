package tech.tailor.secretmanager.envelope;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import tech.tailor.secretmanager.SecretStorageException;

/**
 * A file with a key: one line, a {@link KeyText}. Every array and buffer of this library that held
 * the key in between is wiped.
 */
final class KeyFile {

  private static final String TEMPORARY_PREFIX = ".key-";
  private static final Pattern TEMPORARY = Pattern.compile("\\.key-[0-9a-f]{32}\\.tmp");
  private static final int ROOT = 0;
  private static final int ANYTHING_BY_OTHERS = 0077;
  private static final int MORE_THAN_READ_BY_GROUP = 0037;

  private final Path file;
  private final StoreFiles files;

  KeyFile(Path file, StoreFiles files) {
    this.file = file.toAbsolutePath();
    this.files = files;
  }

  /** Reads the key, and makes it first where it is missing. */
  MasterKey create() {
    boolean isThere = files.exists(file);
    byte[] line = isThere ? null : KeyText.MASTER.newLine();
    try {
      requireGuarded(isThere);
      Uninterrupted.run(() -> {
        if (line != null) {
          publish(line);
        } else {
          adopt();
        }
      });
    } catch (IOException e) {
      throw notMade(e);
    } finally {
      if (line != null) {
        Arrays.fill(line, (byte) 0);
      }
    }
    return read();
  }

  /** Makes a recovery key, in a file that is new. */
  MasterKey createRecovery() {
    byte[] line = KeyText.RECOVERY.newLine();
    try {
      if (files.exists(file)) {
        throw alreadyThere();
      }
      requireGuarded(false);
      Uninterrupted.run(() -> publish(line));
      MasterKey made = KeyText.parse(line, "file " + quote(file));
      if (!made.fingerprint().equals(read().fingerprint())) { // another process was faster
        throw alreadyThere();
      }
      return made;
    } catch (IOException e) {
      throw notMade(e);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  private SecretStorageException alreadyThere() {
    return new SecretStorageException("There is a file " + quote(file) + " already, which may be"
        + " the only copy of a key; nothing was changed. Choose another name");
  }

  private SecretStorageException notMade(IOException e) {
    return new SecretStorageException(
        "The key file " + quote(file) + " could not be made; check its directory", e);
  }

  MasterKey read() {
    byte[] line = {};
    try {
      requireGuarded(true);
      try (StoreFiles.ReadFile input = files.openKey(file)) {
        line = input.read(KeyText.MAX_SIZE_BYTES + 1);
      }
      return KeyText.parse(line, "file " + quote(file));
    } catch (NoSuchFileException e) {
      throw new SecretStorageException(
          "There is no key file " + quote(file)
              + ". If its store exists, put the key there from its copy, or give the recovery key if"
              + " the store has one: no other key opens that store, and without either its values"
              + " are lost, while the names, descriptions and labels in it can be read. Only for a store that is yet to be made, make a new key"
              + " with MasterKey.createFile",
          e);
    } catch (AccessDeniedException e) {
      throw new SecretStorageException(
          "The key file " + quote(file) + " could not be read: permission was denied to the user of"
              + " this process. Look at its owner and modes, and at those of its directories",
          e);
    } catch (IOException e) {
      throw new SecretStorageException("The key file " + quote(file) + " could not be read", e);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  private void publish(byte[] line) throws IOException {
    Path directory = ExclusiveFile.publish(files, file, TEMPORARY_PREFIX, line);
    removeOrphans(directory);
  }

  /**
   * Finishes the work of another process that created the key. That process may not have made the
   * key's name durable yet, and a store that is created with the key must not outlive it. A process
   * that may only read the key can perhaps do neither step; it needs to read the key, and both
   * steps may fail.
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
   * Refuses a key that others know or could exchange, before anything is made. Links are followed
   * here: a mounted key is often one. What root owns and a group may read is for this user, who
   * could not be told of it otherwise: so keys are mounted.
   */
  private void requireGuarded(boolean isThere) throws IOException {
    if (!OtherWriters.hasOwners(file)) {
      requireRegular(isThere);
      return;
    }
    ThisUser user = ThisUser.current();
    List<String> findings = new ArrayList<>();
    if (isThere) {
      requireRegular(true);
      int owner = (Integer) Files.getAttribute(file, "unix:uid");
      int mode = (Integer) Files.getAttribute(file, "unix:mode");
      if (user.isOther(owner)) {
        findings.add("the file belongs to another user (" + Integer.toUnsignedString(owner)
            + "); run: chown " + Integer.toUnsignedString(user.uid().orElse(ROOT)) + " "
            + ShellWord.of(file));
      }
      boolean isMounted = owner == ROOT && !user.isRoot();
      if ((mode & (isMounted ? MORE_THAN_READ_BY_GROUP : ANYTHING_BY_OTHERS)) != 0) {
        findings.add("the file is open to others than its owner ("
            + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + "); run: chmod "
            + (isMounted ? "440" : "600") + " " + ShellWord.of(file));
      }
    }
    findings.addAll(new OtherWriters(user).ofDirectories(file));
    if (!findings.isEmpty()) {
      throw new SecretStorageException("The key file " + quote(file)
          + " could be read or exchanged by other users:\n  - " + String.join("\n  - ", findings)
          + "\nWhere that can't be done, as in a container, mount the key so that root owns it and"
          + " a group of this process may read it (0440), or hand it over without a file:"
          + " MasterKey.fromEnvironment, MasterKey.fromFileDescriptor");
    }
  }

  /** A pipe would be waited for without an end. */
  private void requireRegular(boolean isThere) throws IOException {
    if (isThere && !Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new SecretStorageException("The key file " + quote(file)
          + " is no regular file; a key in a pipe is handed over as a descriptor:"
          + " MasterKey.fromFileDescriptor");
    }
  }
}
