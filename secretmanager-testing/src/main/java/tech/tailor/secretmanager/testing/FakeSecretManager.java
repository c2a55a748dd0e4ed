package tech.tailor.secretmanager.testing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

/**
 * A {@link SecretManager} for tests: the client that runs in production, with its cache and its
 * rules, over a store in memory. No server, no file, no test framework.
 *
 * <pre>{@code
 * try (FakeSecretManager secretManager = FakeSecretManager.with("default", "greeting", "hello")) {
 *   greet(secretManager);
 *   secretManager.backend().failWithUnavailable();
 *   secretManager.advance(Duration.ofMinutes(10));
 *   greet(secretManager); // served from the cache, marked as stale
 * }
 * }</pre>
 *
 * <p><b>It caches</b>, with the defaults of {@link SecretManagers#builder}: what was read is
 * answered from the cache until its time to live has passed, as in production. {@link #advance}
 * lets it pass. Nothing is refreshed ahead of that, so that a test knows what it reads.
 *
 * <p><b>Time</b> stands still but for {@link #advance}.
 *
 * <p><b>Everything happens on the calling thread</b>: the future that an asynchronous method
 * returns is complete.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads.
 *
 * <p><b>Ownership:</b> closing it closes everything that belongs to it.
 */
public final class FakeSecretManager implements SecretManager {

  private static final Duration MOST_AT_ONCE = Duration.ofDays(36_500);

  private final InMemorySecretStore store;
  private final FakeBackend backend;
  private final AtomicLong nowNanos = new AtomicLong();
  private final SecretManager manager;

  private FakeSecretManager() {
    this.store = InMemorySecretStore.create();
    this.backend = FakeBackend.over(store);
    this.manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .ticker(nowNanos::get)
        .refreshAhead(Duration.ZERO)
        .rejectionTimeout(Duration.ZERO)
        .build();
  }

  /** A manager without secrets. */
  public static FakeSecretManager create() {
    return new FakeSecretManager();
  }

  /**
   * A manager with one secret; {@link #put} adds more.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public static FakeSecretManager with(String vault, String name, String value) {
    return create().put(vault, name, value);
  }

  /**
   * Gives a secret a value, creating the vault and the secret where they don't exist. A read that
   * was answered before goes on to be answered from the cache until its time to live has passed;
   * see {@link #advance}.
   *
   * @return this
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public FakeSecretManager put(String vault, String name, String value) {
    SecretRef ref = SecretRef.of(vault, name);
    requireNonNull(value, "value");
    createVault(ref.vault());
    store.put(ref.vault(), ref.name(), value);
    return this;
  }

  /**
   * Lets time pass, for the cache: values expire, stale ones grow too old to be served.
   *
   * @throws IllegalArgumentException if the duration is negative, or longer than 36,500 days
   */
  public void advance(Duration duration) {
    requireNonNull(duration, "duration");
    if (duration.isNegative() || duration.compareTo(MOST_AT_ONCE) > 0) {
      throw new IllegalArgumentException(
          "Time advances by zero to " + MOST_AT_ONCE + " at once, got " + duration);
    }
    nowNanos.addAndGet(duration.toNanos());
  }

  /** What this manager reads from: tell it to fail, see what it was asked. */
  public FakeBackend backend() {
    return backend;
  }

  @Override
  public Optional<SecretValue> getSecret(SecretRef ref) {
    return manager.getSecret(ref);
  }

  @Override
  public SecretBundle getSecrets(String vault, Collection<String> names) {
    return manager.getSecrets(vault, names);
  }

  @Override
  public SecretBundle getSecretsTogether(String vault, Collection<String> names) {
    return manager.getSecretsTogether(vault, names);
  }

  @Override
  public SecretValue requireSecret(SecretRef ref) {
    return manager.requireSecret(ref);
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
    return manager.withSecret(ref, use);
  }

  /** As in production, but that it asks the backend once and doesn't wait for another value. */
  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X {
    return manager.withSecret(ref, use, isRejected);
  }

  @Override
  public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
    return manager.getSecretAsync(ref);
  }

  @Override
  public CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names) {
    return manager.getSecretsAsync(vault, names);
  }

  @Override
  public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
    return manager.requireSecretAsync(ref);
  }

  @Override
  public <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
    return manager.withSecretAsync(ref, use);
  }

  @Override
  public void refresh(SecretRef ref) {
    manager.refresh(ref);
  }

  @Override
  public void invalidate(SecretRef ref) {
    manager.invalidate(ref);
  }

  @Override
  public void invalidateAll() {
    manager.invalidateAll();
  }

  @Override
  public CacheStats cacheStats() {
    return manager.cacheStats();
  }

  private void createVault(String vault) {
    try {
      store.createVault(vault);
    } catch (SecretAlreadyExistsException e) {
      // That is as good: another put, perhaps of another thread, has created it.
    }
  }

  /** Wipes and closes the manager, its backend and its store. A second call does nothing. */
  @Override
  public void close() {
    manager.close();
  }
}
