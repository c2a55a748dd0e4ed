package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * The store's file as last read and verified, and read again when it was replaced. Thread-safe;
 * readers take no lock as long as the file is the one that was read.
 *
 * <p>Whether it is, its identity tells: inode, size and time. An inode is used again once its file
 * is gone, so the file that was read is kept open for as long as it counts as the current one: no
 * other can get its inode meanwhile.
 *
 * <p>Within its life it also notices a file that was put back: the generation never goes down, and
 * one generation has one seal.
 */
final class Snapshots implements AutoCloseable {

  private final Path file;
  private final StoreFiles files;
  private final AnchorCheck anchor;
  private final ReentrantLock loading = new ReentrantLock();

  /** What opens the data keys, the first one preferred; none once this is closed. */
  private volatile List<MasterKey> masters;

  private volatile @Nullable Snapshot current;

  /** The newest document that was read or written; guarded by {@link #loading}. */
  private @Nullable SealedDocument newest;

  /** Guarded by {@link #loading}. */
  private boolean closed;

  Snapshots(Path file, StoreFiles files, List<MasterKey> masters, AnchorCheck anchor) {
    this.file = file;
    this.files = files;
    this.anchor = anchor;
    this.masters = List.copyOf(masters);
  }

  List<MasterKey> masters() {
    return masters;
  }

  /** From here on data keys are opened by this one, too. */
  void useMaster(MasterKey next) {
    loading.lock();
    try {
      if (!closed) {
        List<MasterKey> all = new ArrayList<>(masters);
        all.add(0, next);
        masters = List.copyOf(all);
      }
    } finally {
      loading.unlock();
    }
  }

  /** What the file holds now. */
  SealedDocument current() {
    Snapshot snapshot = currentSnapshot();
    if (snapshot != null) {
      return snapshot.content;
    }
    loading.lock();
    try {
      snapshot = currentSnapshot(); // another thread may have been faster
      return snapshot != null ? snapshot.content : load();
    } finally {
      loading.unlock();
    }
  }

  /**
   * What the file holds, and which file it was.
   *
   * @param content verified
   * @param identity of the file that was read
   */
  record Base(SealedDocument content, StoreFiles.FileIdentity identity) {}

  /** What the file holds now, read again even if it seems to be unchanged. */
  Base reread() {
    loading.lock();
    try {
      load();
      Snapshot read = requireNonNull(current); // set by the load, under the same lock
      return new Base(read.content, read.identity);
    } finally {
      loading.unlock();
    }
  }

  /**
   * Takes note that this was written: no older one will be accepted from here on, and not the file
   * that was read before the change either, which somebody may have linked and put back.
   */
  void written(SealedDocument document) {
    loading.lock();
    try {
      if (closed) {
        return;
      }
      replace(null);
      if (newest == null || newest.document().generation() < document.document().generation()) {
        newest = document;
      }
    } finally {
      loading.unlock();
    }
  }

  @Override
  public void close() {
    loading.lock();
    try {
      closed = true;
      masters = List.of();
      newest = null;
      replace(null);
    } finally {
      loading.unlock();
    }
  }

  private @Nullable Snapshot currentSnapshot() {
    Snapshot snapshot = current;
    if (snapshot == null) {
      return null;
    }
    try {
      boolean unchanged = files.identify(file).equals(snapshot.identity);
      // Read again: if it was replaced meanwhile, its inode may have been somebody else's already.
      return unchanged && current == snapshot ? snapshot : null;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private SealedDocument load() {
    if (closed) {
      throw new IllegalStateException(FileSecretStore.CLOSED);
    }
    try {
      for (int attempt = 0; attempt < StoreLimits.READ_ATTEMPTS; attempt++) {
        SealedDocument content = tryLoad();
        if (content != null) {
          return content;
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    throw new SecretUnavailableException("The store " + quote(file) + " was replaced "
        + StoreLimits.READ_ATTEMPTS + " times while it was being read; try again");
  }

  /**
   * Reads the file, or returns null if it was replaced meanwhile. No call tells the identity of an
   * open file. So this method opens the file before and after it asks for the identity of its name.
   * If both have the same size and the same seal, which is random for each commit, the file in
   * between was the same.
   */
  private @Nullable SealedDocument tryLoad() throws IOException {
    Optional<StoreAnchor.Mark> remembered = anchor.remembered();
    files.identify(file); // refuses a link, and a pipe, which would be waited for without an end
    StoreFiles.ReadFile opened = files.open(file);
    try {
      byte[] bytes = opened.read(StoreLimits.FILE_SIZE_BYTES + 1);
      if (bytes.length > StoreLimits.FILE_SIZE_BYTES) {
        throw new SecretIntegrityException(
            "The store " + quote(file) + " is larger than any that this"
                + " library writes (" + StoreLimits.FILE_SIZE_BYTES + " bytes); restore it from a"
                + " backup");
      }
      StoreFiles.FileIdentity identity = files.identify(file);
      if (!endsLike(bytes)) {
        return null;
      }
      SealedDocument content = newest != null && newest.isIn(bytes)
          ? newest
          : SealedDocument.open(file, bytes, masters, newest);
      requireNotOlder(content);
      anchor.require(remembered, content.document(), bytes);
      newest = content;
      if (identity.key() != null) {
        replace(new Snapshot(identity, content, opened));
        opened = null;
      } else {
        // No inode to keep; and here an open file could not be replaced.
        replace(new Snapshot(identity, content, null));
      }
      return content;
    } finally {
      if (opened != null) {
        opened.close();
      }
    }
  }

  private boolean endsLike(byte[] bytes) throws IOException {
    int from = Math.max(0, bytes.length - StoreLimits.END_SIZE_BYTES);
    try (StoreFiles.ReadFile again = files.open(file)) {
      again.skip(from);
      byte[] end = again.read(StoreLimits.END_SIZE_BYTES + 1);
      return Arrays.equals(end, 0, end.length, bytes, from, bytes.length);
    }
  }

  private void requireNotOlder(SealedDocument content) {
    if (newest == null) {
      return;
    }
    StoredDocument known = newest.document();
    StoredDocument found = content.document();
    if (!found.storeId().equals(known.storeId())) {
      throw new SecretIntegrityException("The store " + quote(file)
          + " was replaced by another store while it was open; put the right one back, or"
          + " reopen the store if that was intended");
    }
    if (found.generation() < known.generation()) {
      throw new SecretIntegrityException(
          "The store " + quote(file) + " was rolled back from generation "
              + known.generation() + " to " + found.generation()
              + " while it was open; put the newer file back, or reopen the store if that was"
              + " intended");
    }
    if (found.generation() == known.generation() && !content.seal().equals(newest.seal())) {
      throw new SecretIntegrityException("The store " + quote(file) + " was forked: there are two"
          + " different generations " + known.generation()
          + ". Find out who wrote it without its lock, and decide which one counts");
    }
  }

  private void replace(@Nullable Snapshot next) {
    Snapshot previous = current;
    current = next;
    if (previous != null && previous.pin != null) {
      try {
        previous.pin.close();
      } catch (IOException e) {
        // It was only read: nothing can be lost.
        return;
      }
    }
  }

  private SecretManagerException unreadable(IOException e) {
    if (e instanceof NoSuchFileException) {
      anchor.requireNothingRemembered();
      return new SecretStorageException(
          "There is no store " + quote(file)
              + "; check the path, or create it with FileSecretStore.create. A store that was there"
              + " is restored from a backup: a new one has none of its secrets",
          e);
    }
    return new SecretStorageException(
        "The store " + quote(file) + " can't be read" + StorageTrouble.inWords(e) + linked(), e);
  }

  /** Where the file is if it is a link, as in a volume that Kubernetes makes of a secret. */
  private String linked() {
    try {
      Path target = file.resolveSibling(Files.readSymbolicLink(file));
      return ": it is a symbolic link, and those are not followed. Open the directory that it leads"
          + " to: " + quote(requireNonNullElse(target.getParent(), Path.of(".")));
    } catch (IOException | UnsupportedOperationException e) {
      return ""; // no link
    }
  }

  /** A file that was read; no record, since which instance it is matters. */
  private static final class Snapshot {

    private final StoreFiles.FileIdentity identity;
    private final SealedDocument content;

    /** Keeps the file's inode from being used again. */
    private final StoreFiles.@Nullable ReadFile pin;

    private Snapshot(
        StoreFiles.FileIdentity identity,
        SealedDocument content,
        StoreFiles.@Nullable ReadFile pin) {
      this.identity = identity;
      this.content = content;
      this.pin = pin;
    }
  }
}
