package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretFunction;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Open or closed? Declared or not? Then it asks the cache, and turns the outcome into what the
 * caller was promised.
 */
final class DefaultSecretManager implements SecretManager {

  private final SecretCache cache;
  private final Declarations declarations;
  private final AsyncReads asyncReads;
  private final Duration rejectionTimeout;
  private final Runnable closeBackend;
  private final AtomicBoolean closed = new AtomicBoolean();

  DefaultSecretManager(
      SecretCache cache,
      Declarations declarations,
      AsyncReads asyncReads,
      Duration rejectionTimeout,
      Runnable closeBackend) {
    this.cache = cache;
    this.declarations = declarations;
    this.asyncReads = asyncReads;
    this.rejectionTimeout = rejectionTimeout;
    this.closeBackend = closeBackend;
  }

  @Override
  public Optional<SecretValue> getSecret(SecretRef ref) {
    return optional(ref, read(ref));
  }

  @Override
  public SecretValue requireSecret(SecretRef ref) {
    return required(ref, read(ref));
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
    requireNonNull(use, "use");
    try (SecretValue value = requireSecret(ref)) {
      return use.apply(value);
    }
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X {
    requireNonNull(use, "use");
    requireNonNull(isRejected, "isRejected");
    return new RejectedUses(this, rejectionTimeout).use(ref, use, isRejected);
  }

  @Override
  public SecretBundle getSecrets(String vault, Collection<String> names) {
    return read(vault, checked(vault, names));
  }

  @Override
  public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
    return readAsync(
        ref, outcome -> optional(ref, outcome), found -> found.ifPresent(SecretValue::close));
  }

  @Override
  public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
    return readAsync(ref, outcome -> required(ref, outcome), SecretValue::close);
  }

  @Override
  public CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names) {
    Set<String> checked = checked(vault, names);
    requireOpen();
    return asyncReads.submit(() -> read(vault, checked), SecretBundle::close);
  }

  @Override
  public <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
    requireNonNull(use, "use");
    requireOpen(ref);
    return asyncReads.submitUse(() -> withSecret(ref, use));
  }

  @Override
  public void refresh(SecretRef ref) {
    requireOpen(ref);
    requireAllowed(ref);
    SecretOutcome.Failed failed = cache.refresh(ref);
    if (closed.get()) {
      throw closed();
    }
    if (failed != null) {
      throw failed.failure();
    }
  }

  @Override
  public void invalidate(SecretRef ref) {
    requireOpen(ref);
    cache.invalidate(ref);
  }

  @Override
  public void invalidateAll() {
    requireOpen();
    cache.invalidateAll();
  }

  @Override
  public CacheStats cacheStats() {
    requireOpen();
    return cache.stats();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      cache.close();
      asyncReads.close();
      closeBackend.run();
    }
  }

  /** Returns whether it is open, and nothing of what it holds. */
  @Override
  public String toString() {
    return "SecretManager[" + (closed.get() ? "closed" : "open") + "]";
  }

  private SecretOutcome read(SecretRef ref) {
    requireOpen(ref);
    requireAllowed(ref);
    SecretOutcome outcome = cache.get(ref);
    if (closed.get()) {
      SecretCache.discard(outcome);
      throw closed();
    }
    return outcome;
  }

  /** A value that is cached is there at once; anything else is read on another thread. */
  private <T> CompletableFuture<T> readAsync(
      SecretRef ref, Function<SecretOutcome, T> answer, Consumer<T> discard) {
    requireOpen(ref);
    SecretOutcome.Found cached = declarations.refusal(ref) == null ? cache.cachedValue(ref) : null;
    if (cached != null) {
      return CompletableFuture.completedFuture(answer.apply(cached));
    }
    return asyncReads.submit(() -> answer.apply(read(ref)), discard);
  }

  private SecretBundle read(String vault, Set<String> names) {
    requireOpen();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<String> allowed = new LinkedHashSet<>();
    for (String name : names) {
      SecretManagerException refusal = declarations.refusal(SecretRef.of(vault, name));
      if (refusal == null) {
        allowed.add(name);
      } else {
        outcomes.put(name, new SecretOutcome.Failed(refusal));
      }
    }
    outcomes.putAll(cache.get(vault, allowed));
    if (closed.get()) {
      outcomes.values().forEach(SecretCache::discard);
      throw closed();
    }
    return bundle(vault, names, outcomes);
  }

  private static SecretBundle bundle(
      String vault, Set<String> names, Map<String, SecretOutcome> outcomes) {
    Map<String, SecretValue> found = new LinkedHashMap<>();
    Map<String, SecretManagerException> failures = new LinkedHashMap<>();
    for (String name : names) {
      SecretOutcome outcome = outcomes.get(name);
      if (outcome instanceof SecretOutcome.Found value) {
        found.put(name, value.value());
      } else if (outcome instanceof SecretOutcome.Failed failed) {
        failures.put(name, failed.failure());
      }
    }
    if (!names.isEmpty() && failures.size() == names.size()) {
      throw failures.values().iterator().next();
    }
    return SecretBundle.of(vault, names, found, failures);
  }

  private static Optional<SecretValue> optional(SecretRef ref, SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Missing
        ? Optional.empty()
        : Optional.of(required(ref, outcome));
  }

  private static SecretValue required(SecretRef ref, SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      return found.value();
    }
    if (outcome instanceof SecretOutcome.Failed failed) {
      throw failed.failure();
    }
    throw SecretNotFoundException.of(ref, ((SecretOutcome.Missing) outcome).missing());
  }

  /** The names without repetition, in the order asked. */
  private static Set<String> checked(String vault, Collection<String> names) {
    SecretRef.requireVaultName(vault);
    Set<String> checked = new LinkedHashSet<>();
    for (String name : requireNonNull(names, "names")) {
      checked.add(SecretRef.of(vault, name).name());
    }
    return checked;
  }

  private void requireAllowed(SecretRef ref) {
    SecretManagerException refusal = declarations.refusal(ref);
    if (refusal != null) {
      throw refusal;
    }
  }

  private void requireOpen(SecretRef ref) {
    requireNonNull(ref, "ref");
    requireOpen();
  }

  private void requireOpen() {
    if (closed.get()) {
      throw closed();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException(
        "The SecretManager is closed; open a new one, and close it only when the application ends");
  }
}
