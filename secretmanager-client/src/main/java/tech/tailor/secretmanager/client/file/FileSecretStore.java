package tech.tailor.secretmanager.client.file;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretInfo;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.SecretStore;
import tech.tailor.secretmanager.spi.VaultInfo;

/**
 * Secrets in one encrypted file on disk.
 *
 * <p>Every value is encrypted and bound to its place; the whole file is under a seal, so that what
 * was edited, damaged, moved or put back while the store is open is a
 * {@link SecretIntegrityException}, never a value. The names of vaults and secrets, and the times,
 * are readable in the file. What is <em>not</em> noticed: a whole older file that was put back
 * while no store was open on it.
 *
 * <p>A change is durable when its method returns, and is there for every other store on the same
 * directory, in this process or another one. A crash at any moment leaves the file as it was before
 * the change or after it. The file is written whole for each change: right for one machine's
 * secrets, up to {@code 10,000} a vault and 64 MiB in all, beyond which a change is a
 * {@link SecretLimitException}. The directory must be on a local file system.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads, and by several processes. Writers wait
 * for each other, for 5 s at most ({@link tech.tailor.secretmanager.SecretTimeoutException});
 * readers wait for nobody. An interrupt ends the waiting of a writer
 * ({@link tech.tailor.secretmanager.SecretUnavailableException}), and nothing else.
 *
 * <p><b>Ownership:</b> whoever opened the store closes it. The file stays open meanwhile. Nothing
 * is held in clear but the data key.
 */
public final class FileSecretStore implements SecretStore {

  static final String CLOSED = "The FileSecretStore is closed";

  private static final String FILE = "secrets.json";
  private static final String LOCK = "lock";
  private static final int ID_SIZE_BYTES = 16;

  private final Path file;
  private final Clock clock;
  private final Snapshots snapshots;
  private final StoreLock lock;
  private final Publisher publisher;

  private volatile boolean closed;

  private FileSecretStore(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    this.file = directory.resolve(FILE);
    this.clock = clock;
    this.snapshots = new Snapshots(file, files, key);
    this.lock = new StoreLock(directory.resolve(LOCK), files, lockTimeout);
    this.publisher = new Publisher(directory, file, files);
  }

  /**
   * Opens the store in the given directory, and makes an empty one first where there is none. A
   * directory that is missing is made for its owner only (mode 0700), as are those above it; one
   * that is there keeps its mode. Files are for their owner only (0600).
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if it can't be made or read
   * @throws SecretIntegrityException if there is a store that was damaged or edited, or was made
   *     with another key
   */
  public static FileSecretStore create(Path directory, MasterKey key) {
    return create(
        directory, key, Clock.systemUTC(), LocalStoreFiles.INSTANCE, StoreLimits.LOCK_TIMEOUT);
  }

  /**
   * Opens the store in the given directory.
   *
   * @throws IllegalArgumentException if the path is not of the default file system
   * @throws SecretStorageException if there is none, or it can't be read
   * @throws SecretIntegrityException if it was damaged or edited, or was made with another key
   */
  public static FileSecretStore open(Path directory, MasterKey key) {
    return open(
        directory, key, Clock.systemUTC(), LocalStoreFiles.INSTANCE, StoreLimits.LOCK_TIMEOUT);
  }

  /** For tests: with a clock, files and a patience of their own. */
  static FileSecretStore create(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    FileSecretStore store = of(directory, key, clock, files, lockTimeout);
    try {
      if (!files.exists(store.file)) {
        store.makeEmpty(key, files);
      }
      store.snapshots.current();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** For tests: with a clock, files and a patience of their own. */
  static FileSecretStore open(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    FileSecretStore store = of(directory, key, clock, files, lockTimeout);
    try {
      store.snapshots.current();
      return store;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    SecretRef.requireVaultName(vault);
    requireNonNull(names, "names").forEach(name -> SecretRef.of(vault, name));
    SealedDocument content = current();
    StoredVault stored = content.document().vaults().get(vault);
    Map<String, SecretOutcome> outcomes = new HashMap<>();
    for (String name : names) {
      outcomes.put(name, outcome(content, stored, SecretRef.of(vault, name)));
    }
    return outcomes;
  }

  @Override
  public VaultInfo createVault(String vault) {
    SecretRef.requireVaultName(vault);
    return change(content -> {
      if (content.document().vaults().containsKey(vault)) {
        throw new SecretAlreadyExistsException(
            "There is a vault \"" + vault + "\" already; use it, or choose another name");
      }
      if (content.document().vaults().size() >= StoreLimits.VAULTS) {
        throw new SecretLimitException("The store \"" + file + "\" holds " + StoreLimits.VAULTS
            + " vaults, which is the limit; nothing was changed. Use another store");
      }
      StoredVault created = new StoredVault(vault, newId(), now(), new TreeMap<>());
      return new Change<>(content.document().with(created), created.info());
    });
  }

  @Override
  public List<VaultInfo> listVaults() {
    return current().document().vaults().values().stream()
        .map(StoredVault::info)
        .toList();
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    SecretRef.requireVaultName(vault);
    return Optional.ofNullable(current().document().vaults().get(vault)).map(StoredVault::info);
  }

  @Override
  public void deleteVault(String vault) {
    SecretRef.requireVaultName(vault);
    change(content -> {
      StoredVault stored = requireVault(content, vault);
      if (!stored.secrets().isEmpty()) {
        throw new SecretPreconditionException("The vault \"" + vault + "\" still holds "
            + stored.secrets().size() + " secrets; delete them first");
      }
      return new Change<>(content.document().without(stored), stored.info());
    });
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    return change(content -> {
      StoredVault stored = requireVault(content, ref);
      if (stored.secrets().containsKey(name)) {
        throw new SecretAlreadyExistsException(
            "There is a secret " + ref + " already; update it, or choose another name");
      }
      if (stored.secrets().size() >= StoreLimits.SECRETS_PER_VAULT) {
        throw new SecretLimitException("The vault \"" + vault + "\" holds "
            + StoreLimits.SECRETS_PER_VAULT + " secrets, which is the limit; use another vault");
      }
      OpaqueBytes id = newId();
      Instant now = now();
      StoredSecret.StoredVersion first =
          ValueCipher.encrypt(content, stored, id, name, 1, now, value);
      return put(content, stored, new StoredSecret(name, id, now, List.of(first)));
    });
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    return change(content -> {
      StoredVault stored = requireVault(content, ref);
      StoredSecret secret = requireSecret(stored, ref);
      long version =
          StoreLimits.next(secret.current().version(), "the secret " + ref + " was written");
      StoredSecret.StoredVersion next =
          ValueCipher.encrypt(content, stored, secret.id(), name, version, now(), value);
      return put(
          content, stored, new StoredSecret(name, secret.id(), secret.createTime(), List.of(next)));
    });
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    SecretRef.requireVaultName(vault);
    return requireVault(current(), vault).secrets().values().stream()
        .map(StoredSecret::info)
        .toList();
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    SecretRef.of(vault, name);
    return Optional.ofNullable(current().document().vaults().get(vault))
        .map(stored -> stored.secrets().get(name))
        .map(StoredSecret::info);
  }

  @Override
  public void deleteSecret(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    change(content -> {
      StoredVault stored = requireVault(content, ref);
      StoredSecret secret = requireSecret(stored, ref);
      return new Change<>(content.document().with(stored.without(secret)), secret.info());
    });
  }

  /** Lets go of the files. A call that is under way may finish. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    snapshots.close();
    lock.close();
  }

  /** Returns where the store is. */
  @Override
  public String toString() {
    return "FileSecretStore[" + file + "]";
  }

  /**
   * What a change makes.
   *
   * @param document the next generation
   * @param result what the method returns
   */
  private record Change<T>(StoredDocument document, T result) {}

  /** The one way to write: under the lock, from what the file holds then. */
  private <T> T change(Function<SealedDocument, Change<T>> make) {
    requireOpen();
    publisher.requireReliable();
    return lock.whileHeld(() -> {
      requireOpen();
      publisher.requireReliable();
      Snapshots.Base base = snapshots.reread();
      Change<T> change = make.apply(base.content());
      commit(SealedDocument.seal(change.document(), base.content().keys()), base.identity());
      return change.result();
    });
  }

  private void makeEmpty(MasterKey key, StoreFiles files) {
    try {
      Uninterrupted.run(() -> files.createDirectories(requireNonNull(file.getParent())));
    } catch (IOException e) {
      throw new SecretStorageException(
          "The directory of the store \"" + file + "\" can't be made", e);
    }
    lock.whileHeld(() -> {
      if (!files.exists(file)) { // another process may have been faster
        OpaqueBytes storeId = newId();
        DataKey dataKey = DataKey.generate(1, storeId, key);
        StoredDocument empty =
            new StoredDocument(storeId, 1, List.of(dataKey.wrapped()), new TreeMap<>());
        commit(SealedDocument.seal(empty, Map.of(1L, dataKey)), null);
      }
      return true;
    });
  }

  private void commit(SealedDocument.Sealed next, StoreFiles.@Nullable FileIdentity base) {
    if (next.sizeBytes() > StoreLimits.FILE_SIZE_BYTES) {
      throw new SecretLimitException("The store \"" + file + "\" would be larger than "
          + StoreLimits.FILE_SIZE_BYTES + " bytes, which is the limit; nothing was changed. Delete"
          + " what is no longer needed, or use a second store");
    }
    publisher.publish(next.file(), base);
    snapshots.written(next.content());
  }

  private static Change<SecretInfo> put(
      SealedDocument content, StoredVault vault, StoredSecret secret) {
    return new Change<>(content.document().with(vault.with(secret)), secret.info());
  }

  private SecretOutcome outcome(
      SealedDocument content, @Nullable StoredVault vault, SecretRef ref) {
    if (vault == null) {
      return new SecretOutcome.Missing(Missing.VAULT);
    }
    StoredSecret secret = vault.secrets().get(ref.name());
    if (secret == null) {
      return new SecretOutcome.Missing(Missing.SECRET);
    }
    SecretValue value = ValueCipher.decrypt(content, vault, secret);
    return value != null
        ? new SecretOutcome.Found(value)
        : new SecretOutcome.Failed(new SecretIntegrityException("What stands in the store \"" + file
            + "\" as version " + secret.current().version() + " of the secret " + ref
            + " was not written for that place, or was damaged; write the secret again, or restore"
            + " the store from a backup"));
  }

  private static StoredVault requireVault(SealedDocument content, String vault) {
    StoredVault stored = content.document().vaults().get(vault);
    if (stored == null) {
      throw SecretNotFoundException.vault(vault);
    }
    return stored;
  }

  private static StoredVault requireVault(SealedDocument content, SecretRef ref) {
    StoredVault stored = content.document().vaults().get(ref.vault());
    if (stored == null) {
      throw SecretNotFoundException.of(ref, Missing.VAULT);
    }
    return stored;
  }

  private static StoredSecret requireSecret(StoredVault vault, SecretRef ref) {
    StoredSecret stored = vault.secrets().get(ref.name());
    if (stored == null) {
      throw SecretNotFoundException.of(ref, Missing.SECRET);
    }
    return stored;
  }

  private SealedDocument current() {
    requireOpen();
    return snapshots.current();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(CLOSED);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static OpaqueBytes newId() {
    return OpaqueBytes.random(ID_SIZE_BYTES);
  }

  private static FileSecretStore of(
      Path directory, MasterKey key, Clock clock, StoreFiles files, Duration lockTimeout) {
    LocalStoreFiles.requireLocal(requireNonNull(directory, "directory"), "A FileSecretStore");
    requireNonNull(key, "key");
    return new FileSecretStore(directory.toAbsolutePath(), key, clock, files, lockTimeout);
  }
}
