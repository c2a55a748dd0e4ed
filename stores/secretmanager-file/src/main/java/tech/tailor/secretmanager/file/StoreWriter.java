package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The one way to write: under the lock, from what the file holds then, as its next generation.
 * Thread-safe.
 */
final class StoreWriter implements AutoCloseable {

  private static final String LOCK = "lock";

  private final Path file;
  private final StoreFiles files;
  private final Snapshots snapshots;
  private final StoreLock lock;
  private final Publisher publisher;
  private final AnchorCheck anchor;
  private final Path directory;
  private final boolean networkAllowed;

  /** Whether the file system is one to write to, once that is known. */
  private volatile boolean known;

  private volatile boolean closed;

  StoreWriter(Path file, StoreSettings settings, Snapshots snapshots, AnchorCheck anchor) {
    this.directory = requireNonNull(file.getParent());
    this.file = file;
    this.anchor = anchor;
    this.networkAllowed = settings.networkAllowed();
    this.files = settings.files();
    this.snapshots = snapshots;
    this.lock = new StoreLock(directory.resolve(LOCK), files, settings.lockTimeout());
    this.publisher = new Publisher(directory, file, files);
  }

  /**
   * What a change makes.
   *
   * @param document the content; of the same generation if nothing is to be written
   * @param envelope the data keys of the document
   * @param result what the method returns
   */
  record Change<T>(StoredDocument document, Envelope envelope, T result) {}

  /** Commits what the change makes of the content. What it throws leaves everything as it was. */
  <T> T change(Function<SealedDocument, Change<T>> make) {
    requireWritable();
    return lock.whileHeld(() -> {
      requireWritable();
      Snapshots.Base base = snapshots.reread();
      long generation = base.content().document().generation();
      Change<T> change = make.apply(base.content());
      if (change.document().generation() != generation) { // several changes are one generation
        StoredDocument next = change.document().asGeneration(generation + 1);
        commit(SealedDocument.seal(next, change.envelope()), base.identity());
      }
      return change.result();
    });
  }

  /**
   * Makes an empty store, unless another process is faster. Whatever could refuse it is asked
   * before anything is made.
   */
  void createIfMissing(MasterKey key) {
    requireLocalFileSystem();
    anchor.requireNothingRemembered();
    OpaqueBytes storeId = OpaqueBytes.random(StoredDocument.STORE_ID_SIZE_BYTES);
    Envelope envelope = Envelope.create(SealedDocument.LABEL, storeId, key);
    try {
      StoreFiles.uninterrupted(() -> files.createDirectories(directory));
    } catch (IOException e) {
      throw new SecretStorageException(
          "The directory of the store " + quote(file) + " can't be made"
              + StorageTrouble.inWords(e),
          e);
    }
    lock.whileHeld(() -> {
      if (!files.exists(file)) {
        anchor.requireNothingRemembered();
        StoredDocument empty =
            new StoredDocument(storeId, 1, envelope.wrappedKeys(), new TreeMap<>());
        commit(SealedDocument.seal(empty, envelope), null);
      }
      return true;
    });
  }

  /** Lets go of the lock file. A change that is under way may finish. */
  @Override
  public void close() {
    closed = true;
    lock.close();
  }

  private void requireWritable() {
    if (closed) {
      throw new IllegalStateException(FileSecretStore.CLOSED);
    }
    publisher.requireReliable();
    requireLocalFileSystem();
  }

  /** Where other machines take part, neither the lock nor the renaming can be relied on. */
  private void requireLocalFileSystem() {
    if (known || networkAllowed) {
      return;
    }
    NetworkFileSystem.refuse(file, files);
    known = true;
  }

  private void requireFewEntries(StoredDocument next) {
    int secrets = 0;
    int entries = 0;
    for (StoredVault vault : next.vaults().values()) {
      entries += 1 + vault.labels().size();
      for (StoredSecret secret : vault.secrets().values()) {
        secrets++;
        entries += 1 + secret.labels().size() + secret.versions().size();
      }
    }
    if (secrets > StoreLimits.SECRETS || entries > StoreLimits.ENTRIES) {
      throw new SecretLimitException("The store " + quote(file) + " would have more than "
          + (secrets > StoreLimits.SECRETS
              ? StoreLimits.SECRETS + " secrets"
              : StoreLimits.ENTRIES + " vaults, secrets, versions and labels together")
          + ", which is the limit; nothing was changed. Delete what is no longer needed, keep fewer"
          + " versions, or use a second store");
    }
  }

  private void commit(SealedDocument.Sealed next, StoreFiles.@Nullable FileIdentity base) {
    requireFewEntries(next.content().document());
    if (next.sizeBytes() > StoreLimits.FILE_SIZE_BYTES) {
      throw new SecretLimitException("The store " + quote(file) + " would be larger than "
          + StoreLimits.FILE_SIZE_BYTES + " bytes, which is the limit; nothing was changed. Delete"
          + " what is no longer needed, keep fewer versions, or use a second store");
    }
    publisher.publish(next.file(), base);
    snapshots.written(next.content());
    anchor.advance(next.content().document(), next.file());
  }
}
