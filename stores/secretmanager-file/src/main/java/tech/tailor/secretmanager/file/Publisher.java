package tech.tailor.secretmanager.file;

import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * Replaces the store's file as a whole: a temporary file beside it, made durable; then its name,
 * made durable. A crash at any point leaves the old file or the new one. For use under the
 * {@link StoreLock} only.
 */
final class Publisher {

  private static final Pattern TEMPORARY = Pattern.compile("\\.secrets-[0-9a-f]{32}\\.tmp");

  private final Path target;
  private final Path directory;
  private final StoreFiles files;

  /** Whether something could not be made durable. */
  private volatile boolean unreliable;

  Publisher(Path directory, Path target, StoreFiles files) {
    this.directory = directory;
    this.target = target;
    this.files = files;
  }

  /**
   * Returns when the new content is durable.
   *
   * @param base which file the content was made from; null if there was none
   * @throws SecretConflictException if that file is no longer there, and nothing was changed
   * @throws SecretStorageException if nothing was changed
   * @throws SecretOutcomeUnknownException if the new content may or may not be there, or may not
   *     outlive a crash of the machine
   */
  void publish(byte[] content, StoreFiles.@Nullable FileIdentity base) {
    Path temporary = directory.resolve(".secrets-" + OpaqueBytes.random(16).toHex() + ".tmp");
    Progress progress = new Progress();
    try {
      StoreFiles.uninterrupted(() -> {
        try {
          removeOrphans();
          write(temporary, content, progress);
          requireUnchanged(base);
          progress.publishing = true;
          files.replace(temporary, target);
          progress.forcing = true;
          files.forceDirectory(directory);
          progress.done = true;
        } finally {
          if (!progress.done) {
            deleteQuietly(temporary);
          }
        }
      });
    } catch (IOException e) {
      throw failed(progress, e);
    }
  }

  /**
   * Refuses once a change could not be made durable: what the kernel lost then it does not tell a
   * second time, and so no later success would mean anything.
   */
  void requireReliable() {
    if (unreliable) {
      throw new SecretStorageException(
          "The store " + quote(target) + " is not written any more; nothing"
              + " was changed: an earlier write could not be made durable. Check the disk, close the"
              + " store and open it again");
    }
  }

  private SecretManagerException failed(Progress progress, IOException e) {
    if (progress.forcing) {
      unreliable = true;
    }
    if (!progress.publishing) {
      return new SecretStorageException(
          "The change of " + quote(target)
              + " could not be written" + StorageTrouble.inWords(e)
              + "; nothing was changed. Check the disk's space and the directory's permissions",
          e);
    }
    return new SecretOutcomeUnknownException(
        "Whether the change of " + quote(target) + " took effect is not known: "
            + (progress.forcing
                ? "the new file is in its place, but its directory could not be made durable, so a"
                    + " crash of the machine may bring the old one back"
                : "putting the new file in its place failed")
            + ". Read it again to decide; don't simply repeat the change",
        e);
  }

  /** What a writer left behind that was killed; no other one is at work, since we hold the lock. */
  private void removeOrphans() throws IOException {
    for (Path orphan : files.list(directory, TEMPORARY)) {
      deleteQuietly(orphan);
    }
  }

  /**
   * Refuses to overwrite another writer's change, in case the file system, or a person, took the
   * lock from this process. Not a lock itself: between this check and the renaming, another change
   * would still be overwritten.
   */
  private void requireUnchanged(StoreFiles.@Nullable FileIdentity base) throws IOException {
    StoreFiles.FileIdentity found;
    try {
      found = files.identify(target);
    } catch (NoSuchFileException e) {
      found = null;
    }
    if (!Objects.equals(found, base)) {
      throw new SecretConflictException(
          "The store " + quote(target) + " was written by somebody who"
              + " did not hold the lock; nothing was changed. Read again to decide, and find out who"
              + " that was");
    }
  }

  private void write(Path temporary, byte[] content, Progress progress) throws IOException {
    try (StoreFiles.NewFile file = files.create(temporary)) {
      file.write(content);
      progress.forcing = true;
      file.force(); // if it fails it is not tried again: what it lost, a second call would not see
      progress.forcing = false;
    }
  }

  private void deleteQuietly(Path temporary) {
    try {
      files.delete(temporary);
    } catch (IOException e) {
      // What it is a remnant of matters more, and the next writer tries again.
      return;
    }
  }

  private static final class Progress {
    private boolean forcing;
    private boolean publishing;
    private boolean done;
  }
}
