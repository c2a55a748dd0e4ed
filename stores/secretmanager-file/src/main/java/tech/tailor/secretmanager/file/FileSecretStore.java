package tech.tailor.secretmanager.file;

import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.oneLine;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.RecoveryEntry;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.StoreFiles;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * Secrets in one encrypted file on disk.
 *
 * <p>Every value is encrypted and bound to its place; the whole file is under a seal, so that what
 * was edited, damaged, moved or put back while the store is open is a
 * {@link SecretIntegrityException}, never a value. The names of vaults and secrets, descriptions,
 * labels, times, version numbers and sizes are readable in the file. What is <em>not</em> noticed
 * without an {@linkplain Builder#anchor anchor}: a whole older file that was put back while no
 * store was open on it.
 *
 * <p>A change is durable when its method returns, and is there for every other store on the same
 * directory, in this process or another one: each read asks the file system whether the file is
 * still the one that was read. A crash at any moment leaves the file as it was before the change or
 * after it. The file is written whole for each change: right for one machine's secrets, up to
 * {@code 10,000} a vault, 50,000 in all, and 64 MiB, beyond which a change is a
 * {@link SecretLimitException}. The directory must be on a local file system.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads, and by several processes. Writers wait
 * for each other, for {@linkplain Builder#lockTimeout the lock timeout} at most, by default 5 s
 * ({@link tech.tailor.secretmanager.SecretTimeoutException}); readers wait for nobody. An interrupt
 * ends the waiting of a writer ({@link tech.tailor.secretmanager.SecretUnavailableException}), and
 * nothing else.
 *
 * <p><b>Ownership:</b> the caller that opened the store closes it. The file stays open meanwhile.
 * The store holds no value in clear. It holds the data key and the master key in clear until it is
 * closed and they are collected.
 */
public final class FileSecretStore extends AbstractVersionedSecretStore
    implements EncryptedSecretStore {

  static final String CLOSED = "The FileSecretStore is closed";

  private static final String FILE = "secrets.json";

  private final Path file;
  private final StoreSettings settings;
  private final Snapshots snapshots;
  private final StoreWriter writer;
  private final KeyRotation rotation;
  private final StoreWatcher watcher;

  private volatile boolean closed;

  private FileSecretStore(Path directory, List<MasterKey> keys, StoreSettings settings) {
    this.file = fileIn(directory);
    this.settings = settings;
    AnchorCheck anchor = new AnchorCheck(file, settings.anchor());
    this.snapshots = new Snapshots(file, settings.files(), keys, anchor);
    this.writer = new StoreWriter(file, settings, snapshots, anchor);
    this.rotation = new KeyRotation(file, writer, snapshots);
    this.watcher =
        new StoreWatcher(directory, () -> snapshots.current().document(), StoreWatcher.LOOK_EVERY);
  }

  /**
   * Opens the store in the given directory, and first creates an empty one if none exists. A
   * missing directory, and those above it, are created for their owner only (mode 0700); an
   * existing one keeps its mode. Files are for their owner only (0600). Everything is checked
   * before anything is created.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if it can't be made or read, or if others than its owner may
   *     write it
   * @throws tech.tailor.secretmanager.SecretUnavailableException if the key management service or
   *     the anchor can't be reached
   * @throws SecretIntegrityException if there is a store that was damaged or edited, or was made
   *     with another key
   */
  public static FileSecretStore create(Path directory, MasterKey key) {
    return builder(directory, key).create();
  }

  /**
   * Opens the store in the given directory.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if the store does not exist or can't be read, or if others than
   *     its owner may write it
   * @throws tech.tailor.secretmanager.SecretUnavailableException if the key management service or
   *     the anchor can't be reached
   * @throws SecretIntegrityException if it was damaged or edited, or was made with another key
   */
  public static FileSecretStore open(Path directory, MasterKey key) {
    return builder(directory, key).open();
  }

  /**
   * Begins a store with other settings; {@link Builder#open} or {@link Builder#create} ends it.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   */
  public static Builder builder(Path directory, MasterKey key) {
    StoreFiles.requireLocal(requireNonNull(directory, "directory"), "A FileSecretStore");
    return new Builder(directory.toAbsolutePath(), requireNonNull(key, "key"));
  }

  /** For tests: with a clock, files and a patience of their own. */
  static FileSecretStore create(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    return builder(directory, key).forTest(clock, files, lockTimeout).create();
  }

  /** For tests: with a clock, files and a patience of their own. */
  static FileSecretStore open(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    return builder(directory, key).forTest(clock, files, lockTimeout).open();
  }

  /**
   * Begins to tell which secrets were changed, in this process or another one, by a daemon thread
   * of the store's own. Where the system tells of changes in a directory, that is at once; else
   * within about a second. Each fetch sees them in any case.
   *
   * @throws SecretIntegrityException if the store was damaged or edited
   * @throws SecretStorageException if it can't be read
   */
  @Override
  public Watch watch(Consumer<? super Set<SecretRef>> changed) {
    requireNonNull(changed, "changed");
    requireOpen();
    return watcher.watch(changed);
  }

  /**
   * Gives the store another master key, in one commit: from then on the new key opens it, and the
   * old key does not. Stores that are open in any process keep working. If the store already has
   * that key, nothing changes.
   *
   * <p>Other processes that may open the store meanwhile need both keys for that time: see
   * {@link Builder#previousKey}. A holder of the old key and a copy of the file may have read the
   * data key: if the old key leaked, call {@link #rotateDataKey} after this, and give the secrets
   * new values.
   *
   * @throws IllegalArgumentException if it is a recovery key
   * @throws SecretIntegrityException if the store is of another key by now than this store was
   *     opened with
   */
  @Override
  public void rotateMasterKey(MasterKey next) {
    requireNonNull(next, "next");
    rotation.toMasterKey(next);
  }

  /**
   * Replaces the key that the values are encrypted with: adds a new one, encrypts each value with
   * it, drops the old one. That takes several commits; others read and write meanwhile, and notice
   * nothing. If it is interrupted, at any point, the store is good, and the next call ends it with
   * the key that was added.
   *
   * @throws SecretIntegrityException if a value is damaged, which names it: destroy its version or
   *     write the secret again, and call this again
   * @throws IllegalArgumentException if the store was opened with its recovery key; rotate the
   *     master key first
   */
  @Override
  public void rotateDataKey() {
    rotation.toNewDataKey();
  }

  /**
   * Gives the store a recovery key, in one commit: a second key that opens it, for the day on which
   * the master key is lost. It takes the place of the one that the store has, if any.
   *
   * <p>From then on the store keeps a copy of each data key that only the recovery key opens. The
   * copies stay valid without it: a rotation of the master key leaves them as they are, and a
   * rotation of the data key makes a new one, for which the recovery key's public half is enough.
   * The file of such a store is of format 2: versions of this library that know format 1 alone
   * refuse it and say so, so update all processes first.
   *
   * <p>To recover, open the store with the recovery key in the master key's place, and call
   * {@link #rotateMasterKey}; until then {@link #rotateDataKey} and {@link #removeRecoveryKey} are
   * refused.
   *
   * @param recovery a key of {@link MasterKey#createRecoveryFile}
   * @throws IllegalArgumentException if it is a master key
   * @throws SecretIntegrityException if the store is of another key by now than this store was
   *     opened with
   */
  public void addRecoveryKey(MasterKey recovery) {
    requireNonNull(recovery, "recovery");
    rotation.toRecoveryKey(recovery);
  }

  /**
   * Takes the store's recovery key away, in one commit; if it has none, nothing changes. The file
   * is of format 1 again. A holder of the recovery key and of a copy of the file can still read the
   * secrets in that copy: if the recovery key leaked, call {@link #rotateDataKey} after this, and
   * give the secrets new values.
   *
   * @throws IllegalArgumentException if the store was opened with its recovery key alone, or is of
   *     another master key by now: rotate the master key first
   */
  public void removeRecoveryKey() {
    rotation.toNoRecoveryKey();
  }

  /**
   * Returns the {@linkplain MasterKey#fingerprint fingerprint} of the store's recovery key; empty
   * if it has none.
   *
   * @throws SecretIntegrityException if the store was damaged or edited
   * @throws SecretStorageException if it can't be read
   */
  public Optional<String> recoveryKeyFingerprint() {
    requireOpen();
    return Optional.ofNullable(document().recovery()).map(RecoveryEntry::fingerprint);
  }

  /**
   * Lets go of the files and the keys. A call that is under way may finish. A second call does
   * nothing.
   */
  @Override
  public void close() {
    closed = true;
    watcher.close();
    snapshots.close();
    writer.close();
  }

  /** Returns where the store is. */
  @Override
  public String toString() {
    return "FileSecretStore[" + oneLine(file.toString()) + "]";
  }

  /** The file of the store in a directory. */
  static Path fileIn(Path directory) {
    return directory.toAbsolutePath().resolve(FILE);
  }

  /** What the file holds now. */
  StoredDocument document() {
    return snapshots.current().document();
  }

  @Override
  public int versionsKept() {
    requireOpen();
    return settings.versionsKept();
  }

  @Override
  protected <T> T read(Function<? super VersionedSecretStore, T> question) {
    requireOpen();
    return question.apply(editor(content(snapshots.current())));
  }

  @Override
  protected <T> T change(Function<? super VersionedSecretStore, T> changes) {
    return writer.change(opened -> {
      DocumentContent content = content(opened);
      StoreEditor<DocumentContent.Ciphertext> editor = editor(content);
      try {
        T result = changes.apply(editor);
        return new StoreWriter.Change<>(content.document(), opened.envelope(), result);
      } finally {
        editor.end();
      }
    });
  }

  private DocumentContent content(SealedDocument opened) {
    return new DocumentContent(file, opened, settings.clock());
  }

  private StoreEditor<DocumentContent.Ciphertext> editor(DocumentContent content) {
    return new StoreEditor<>(content, settings.versionsKept());
  }

  private void requireOwnersOnly() {
    if (!settings.sharedAllowed()) {
      OwnersOnly.require(file);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(CLOSED);
    }
  }

  /** The settings of a store. Each is checked when it is given. Not thread-safe. */
  public static final class Builder {

    private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

    private final Path directory;
    private final MasterKey key;
    private Clock clock = StoreSettings.DEFAULTS.clock();
    private StoreFiles files = StoreSettings.DEFAULTS.files();
    private Duration lockTimeout = StoreSettings.DEFAULTS.lockTimeout();
    private int versionsKept = StoreSettings.DEFAULTS.versionsKept();
    private @Nullable StoreAnchor anchor;
    private boolean networkAllowed = StoreSettings.DEFAULTS.networkAllowed();
    private boolean sharedAllowed = StoreSettings.DEFAULTS.sharedAllowed();
    private List<MasterKey> keys;

    private Builder(Path directory, MasterKey key) {
      this.directory = directory;
      this.key = key;
      this.keys = List.of(key);
    }

    /**
     * How many versions of each secret are kept, the current one included. A smaller number than
     * before holds for each secret from its next update on. Default: 10.
     *
     * @throws IllegalArgumentException if it is not between 1 and 100
     */
    public Builder versionsKept(int count) {
      if (count < 1 || count > StoreLimits.VERSIONS_PER_SECRET) {
        throw new IllegalArgumentException("versionsKept must be between 1 and "
            + StoreLimits.VERSIONS_PER_SECRET + ", got " + count);
      }
      this.versionsKept = count;
      return this;
    }

    /**
     * How long a writer waits for the others, in this process and in other ones, together. Zero
     * tries once. Default: 5 seconds.
     *
     * @throws IllegalArgumentException if it is negative or longer than 1 hour
     */
    public Builder lockTimeout(Duration duration) {
      requireNonNull(duration, "duration");
      if (duration.isNegative() || duration.compareTo(LONGEST_TIMEOUT) > 0) {
        throw new IllegalArgumentException("lockTimeout must be between " + Duration.ZERO + " and "
            + LONGEST_TIMEOUT + ", got " + duration);
      }
      this.lockTimeout = duration;
      return this;
    }

    /**
     * A second key that may open the store, for the time of a
     * {@linkplain FileSecretStore#rotateMasterKey rotation}: the previous or the next one. It only
     * decrypts. Default: none.
     */
    public Builder previousKey(MasterKey previous) {
      this.keys = List.of(key, requireNonNull(previous, "previous"));
      return this;
    }

    /**
     * Has the newest generation remembered elsewhere, so that it is noticed if the whole store is
     * rolled back while nobody has it open. Every store that writes there needs the anchor: after a
     * change by one without it, a roll-back of that change is not noticed. The anchor stays the
     * caller's. Default: none, and such a roll-back is not noticed.
     */
    public Builder anchor(StoreAnchor other) {
      this.anchor = requireNonNull(other, "other");
      return this;
    }

    /**
     * Lets a store on a network file system be written. Its locks and renames may not keep what
     * they promise: only one machine may write then, and a crash of the server may lose what was
     * acknowledged. It also lets a store be written where the type of its file system can't be
     * told, as where {@code /proc} is hidden. Default: such a store can be read, and every change
     * is refused.
     */
    public Builder allowNetworkFileSystem() {
      this.networkAllowed = true;
      return this;
    }

    /**
     * Lets a store be used that other users could write or replace, going by the owners and modes
     * of the file, its directory, and the directories that lead there. It is meant for volumes
     * whose modes the application can't change and which nobody else reaches, such as an
     * {@code emptyDir} of Kubernetes (0777) or a volume under {@code fsGroup} (2770): all who may
     * write there are then trusted not to put an older store, or another one, in its place. The
     * encryption and the seal stay as they are. Default: such a store is refused, with a message
     * that lists everything that has to be changed. Owners are compared only where the system tells
     * the number of this process's user: not where {@code /proc} is hidden, and not on macOS.
     */
    public Builder allowSharedDirectory() {
      this.sharedAllowed = true;
      return this;
    }

    /** For tests: with any number of keys. */
    Builder keysForTest(List<MasterKey> others) {
      this.keys = List.copyOf(others);
      return this;
    }

    /** For tests. */
    Builder forTest(Clock otherClock, StoreFiles otherFiles, Duration otherTimeout) {
      this.clock = otherClock;
      this.files = otherFiles;
      this.lockTimeout = otherTimeout;
      return this;
    }

    /**
     * Opens the store, as {@link FileSecretStore#open} does.
     *
     * @throws SecretStorageException if the store does not exist or can't be read, or if others
     *     than its owner may write it
     * @throws tech.tailor.secretmanager.SecretUnavailableException if the key management service or
     *     the anchor can't be reached
     * @throws SecretIntegrityException if it was damaged or edited, or was made with another key
     */
    public FileSecretStore open() {
      return opened(store());
    }

    /**
     * Opens the store, and first creates an empty one if none exists, as
     * {@link FileSecretStore#create} does.
     *
     * @throws SecretStorageException if it can't be made or read, or if others than its owner may
     *     write it
     * @throws tech.tailor.secretmanager.SecretUnavailableException if the key management service or
     *     the anchor can't be reached
     * @throws SecretIntegrityException if there is a store that was damaged or edited, or was made
     *     with another key
     */
    public FileSecretStore create() {
      FileSecretStore store = store();
      try {
        store.requireOwnersOnly();
        if (!files.exists(store.file)) {
          store.writer.createIfMissing(key);
        }
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
      return opened(store);
    }

    private FileSecretStore store() {
      return new FileSecretStore(
          directory,
          keys,
          new StoreSettings(
              clock, files, lockTimeout, versionsKept, anchor, networkAllowed, sharedAllowed));
    }

    private static FileSecretStore opened(FileSecretStore store) {
      try {
        store.requireOwnersOnly();
        store.snapshots.current();
        return store;
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
    }
  }
}
