package tech.tailor.secretmanager.client.memory;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * A store in the memory of the process, for tests and for secrets that come from elsewhere at
 * start. It is empty at first and gone when it is closed. Thread-safe.
 *
 * <p>Each value lies in one place outside the Java heap, and is wiped when its version is
 * destroyed, deleted or no longer kept, or the store is closed.
 */
public final class InMemorySecretStore implements VersionedSecretStore {

  private static final int DEFAULT_VERSIONS_KEPT = 10;
  private static final int MOST_VERSIONS_KEPT = 100;

  private final Clock clock;
  private final int versionsKept;
  private final Object lock = new Object();

  /** Guarded by the lock, as is everything in it. Null once the store is closed. */
  private @Nullable MemoryContent content = new MemoryContent();

  /** Whether a commit is under way; guarded by the lock, which its thread holds. */
  private boolean committing;

  private InMemorySecretStore(Clock clock, int versionsKept) {
    this.clock = clock;
    this.versionsKept = versionsKept;
  }

  /** An empty store that keeps 10 versions of each secret. */
  public static InMemorySecretStore create() {
    return create(DEFAULT_VERSIONS_KEPT);
  }

  /**
   * An empty store that keeps so many versions of each secret, the current one included.
   *
   * @throws IllegalArgumentException if the number is not between 1 and 100
   */
  public static InMemorySecretStore create(int versionsKept) {
    if (versionsKept < 1 || versionsKept > MOST_VERSIONS_KEPT) {
      throw new IllegalArgumentException(
          "versionsKept must be between 1 and " + MOST_VERSIONS_KEPT + ", got " + versionsKept);
    }
    return new InMemorySecretStore(Clock.systemUTC(), versionsKept);
  }

  /**
   * Creates the secret, or gives it a new value if it exists. The text can't be wiped; see
   * {@link SecretValue#of}.
   *
   * @throws SecretNotFoundException if the vault does not exist
   */
  public SecretInfo put(String vault, String name, String text) {
    SecretRef.of(vault, name);
    try (SecretValue value = SecretValue.of(requireNonNull(text, "text"))) {
      return change(content -> content.describeSecret(vault, name).isPresent()
          ? content.updateSecret(vault, name, value)
          : content.createSecret(vault, name, value));
    }
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    return read(content -> content.fetch(vault, names));
  }

  @Override
  public VaultInfo createVault(String vault) {
    return change(content -> content.createVault(vault));
  }

  @Override
  public List<VaultInfo> listVaults() {
    return read(MemoryEditor::listVaults);
  }

  @Override
  public Optional<VaultInfo> describeVault(String vault) {
    return read(content -> content.describeVault(vault));
  }

  @Override
  public void deleteVault(String vault) {
    run(content -> content.deleteVault(vault));
  }

  @Override
  public Map<String, String> vaultLabels(String vault) {
    return read(content -> content.vaultLabels(vault));
  }

  @Override
  public void setVaultLabels(String vault, Map<String, String> labels) {
    run(content -> content.setVaultLabels(vault, labels));
  }

  @Override
  public SecretInfo createSecret(String vault, String name, SecretValue value) {
    return change(content -> content.createSecret(vault, name, value));
  }

  @Override
  public SecretInfo updateSecret(String vault, String name, SecretValue value) {
    return change(content -> content.updateSecret(vault, name, value));
  }

  @Override
  public SecretInfo updateSecret(
      String vault, String name, SecretValue value, long expectedVersion) {
    return change(content -> content.updateSecret(vault, name, value, expectedVersion));
  }

  @Override
  public SecretInfo rollBack(String vault, String name, long version) {
    return change(content -> content.rollBack(vault, name, version));
  }

  @Override
  public List<SecretInfo> listSecrets(String vault) {
    return read(content -> content.listSecrets(vault));
  }

  @Override
  public Optional<SecretInfo> describeSecret(String vault, String name) {
    return read(content -> content.describeSecret(vault, name));
  }

  @Override
  public void deleteSecret(String vault, String name) {
    run(content -> content.deleteSecret(vault, name));
  }

  @Override
  public Map<String, String> labels(String vault, String name) {
    return read(content -> content.labels(vault, name));
  }

  @Override
  public void setLabels(String vault, String name, Map<String, String> labels) {
    run(content -> content.setLabels(vault, name, labels));
  }

  @Override
  public String description(String vault, String name) {
    return read(content -> content.description(vault, name));
  }

  @Override
  public void setDescription(String vault, String name, String description) {
    run(content -> content.setDescription(vault, name, description));
  }

  @Override
  public int versionsKept() {
    return read(MemoryEditor::versionsKept);
  }

  @Override
  public List<SecretVersionInfo> listVersions(String vault, String name) {
    return read(content -> content.listVersions(vault, name));
  }

  @Override
  public SecretValue readVersion(String vault, String name, long version) {
    return read(content -> content.readVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo disableVersion(String vault, String name, long version) {
    return change(content -> content.disableVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo enableVersion(String vault, String name, long version) {
    return change(content -> content.enableVersion(vault, name, version));
  }

  @Override
  public SecretVersionInfo destroyVersion(String vault, String name, long version) {
    return change(content -> content.destroyVersion(vault, name, version));
  }

  @Override
  public void inOneCommit(Consumer<? super VersionedSecretStore> changes) {
    requireNonNull(changes, "changes");
    run(changes::accept);
  }

  /** Where a current value lies, for tests. */
  SecretMemory memoryOf(SecretRef ref) {
    return read(content -> requireNonNull(content.memoryOf(ref)));
  }

  /** Wipes all values. A second call does nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      if (content != null) {
        content.wipe();
        content = null;
      }
    }
  }

  /** Returns the same text whatever it holds. */
  @Override
  public String toString() {
    return "InMemorySecretStore[redacted]";
  }

  private <T> T read(Function<MemoryEditor, T> question) {
    synchronized (lock) {
      requireNotCommitting();
      return question.apply(editor());
    }
  }

  private <T> T change(Function<MemoryEditor, T> changes) {
    synchronized (lock) {
      requireNotCommitting();
      MemoryEditor editor = editor();
      committing = true;
      try {
        T result = changes.apply(editor);
        editor.commit();
        return result;
      } finally {
        committing = false;
        editor.end();
      }
    }
  }

  private void run(Consumer<MemoryEditor> changes) {
    change(editor -> {
      changes.accept(editor);
      return true;
    });
  }

  private MemoryEditor editor() {
    if (content == null) {
      throw new IllegalStateException(
          "The InMemorySecretStore is closed; closing a SecretManager closes its"
              + " store, unless keepBackendOpen() was set");
    }
    return new MemoryEditor(content, clock, versionsKept);
  }

  private void requireNotCommitting() {
    if (committing) {
      throw new IllegalStateException("The InMemorySecretStore is being changed by this very"
          + " thread, in one commit; use the store that was passed to those changes");
    }
  }
}
