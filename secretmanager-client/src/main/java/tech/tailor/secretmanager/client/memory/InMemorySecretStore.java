package tech.tailor.secretmanager.client.memory;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.AbstractVersionedSecretStore;
import tech.tailor.secretmanager.spi.SecretMemory;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * A store in the memory of the process, for tests and for secrets that come from elsewhere at
 * start. It is empty at first and gone when it is closed. Thread-safe.
 *
 * <p>Each value lies in one place outside the Java heap, and is wiped when its version is
 * destroyed, deleted or no longer kept, or the store is closed. There may be 10,000 vaults with
 * 10,000 secrets each, as in the other stores.
 */
public final class InMemorySecretStore extends AbstractVersionedSecretStore {

  private static final int DEFAULT_VERSIONS_KEPT = 10;
  private static final int MOST_VERSIONS_KEPT = 100;

  private final int versionsKept;
  private final Object lock = new Object();

  /** Guarded by the lock, as is everything in it. Null once the store is closed. */
  private @Nullable MemoryContent content;

  /** Whether a commit is under way; guarded by the lock, which its thread holds. */
  private boolean committing;

  private InMemorySecretStore(Clock clock, int versionsKept) {
    this.content = new MemoryContent(clock);
    this.versionsKept = versionsKept;
  }

  /** Creates an empty store that keeps 10 versions of each secret. */
  public static InMemorySecretStore create() {
    return create(DEFAULT_VERSIONS_KEPT);
  }

  /**
   * Creates an empty store that keeps {@code versionsKept} versions of each secret, the current one
   * included.
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
      return change(editor -> editor.describeSecret(vault, name).isPresent()
          ? editor.updateSecret(vault, name, value)
          : editor.createSecret(vault, name, value));
    }
  }

  /** Where a current value lies, for tests. */
  SecretMemory memoryOf(SecretRef ref) {
    synchronized (lock) {
      return requireNonNull(requireNonNull(openContent().secret(ref.vault(), ref.name()))
          .current()
          .value());
    }
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

  @Override
  protected <T> T read(Function<? super VersionedSecretStore, T> question) {
    synchronized (lock) {
      requireNotCommitting();
      return question.apply(new StoreEditor<>(openContent(), versionsKept));
    }
  }

  @Override
  protected <T> T change(Function<? super VersionedSecretStore, T> changes) {
    synchronized (lock) {
      requireNotCommitting();
      MemoryContent open = openContent();
      StoreEditor<SecretMemory> editor = new StoreEditor<>(open, versionsKept);
      committing = true;
      try {
        T result = changes.apply(editor);
        open.commit();
        return result;
      } finally {
        committing = false;
        editor.end();
        open.giveUp();
      }
    }
  }

  private MemoryContent openContent() {
    if (content == null) {
      throw new IllegalStateException(
          "The InMemorySecretStore is closed; closing a SecretManager closes its"
              + " store, unless keepBackendOpen() was set");
    }
    return content;
  }

  private void requireNotCommitting() {
    if (committing) {
      throw new IllegalStateException("The InMemorySecretStore is being changed by this very"
          + " thread, in one commit; use the store that was passed to those changes");
    }
  }
}
