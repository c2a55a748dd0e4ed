package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
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
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Open or closed? Declared or not? Then it asks the cache, and turns the outcome into what the
 * caller was promised.
 */
final class DefaultSecretManager implements SecretManager {

  private final SecretCache cache;
  private final Declarations declarations;
  private final OtherThreads threads;
  private final Duration rejectionTimeout;
  private final Runnable closeBackend;
  private final AtomicBoolean closed = new AtomicBoolean();

  DefaultSecretManager(
      SecretCache cache,
      Declarations declarations,
      OtherThreads threads,
      Duration rejectionTimeout,
      Runnable closeBackend) {
    this.cache = cache;
    this.declarations = declarations;
    this.threads = threads;
    this.rejectionTimeout = rejectionTimeout;
    this.closeBackend = closeBackend;
  }

  @Override
  public Optional<SecretValue> getSecret(String vault, String name) {
    SecretValue cached = quick(vault, name);
    return cached != null ? Optional.of(cached) : optional(SecretRef.of(vault, name));
  }

  @Override
  public Optional<SecretValue> getSecret(SecretRef ref) {
    SecretValue cached = quick(requireNonNull(ref, "ref").vault(), ref.name());
    return cached != null ? Optional.of(cached) : optional(ref);
  }

  @Override
  public SecretValue requireSecret(String vault, String name) {
    SecretValue cached = quick(vault, name);
    return cached != null ? cached : required(SecretRef.of(vault, name));
  }

  @Override
  public SecretValue requireSecret(SecretRef ref) {
    SecretValue cached = quick(requireNonNull(ref, "ref").vault(), ref.name());
    return cached != null ? cached : required(ref);
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      String vault, String name, SecretFunction<SecretValue, T, X> use) throws X {
    requireNonNull(use, "use");
    CachedSecret cached =
        cache.toLend(requireNonNull(vault, "vault"), requireNonNull(name, "name"));
    if (cached != null) {
      // Made here and seen by nobody else, the loan needn't exist in the compiled code.
      try (SecretValue loan = cached.lend()) {
        return use.apply(loan);
      }
    }
    return withCopy(SecretRef.of(vault, name), use);
  }

  private <T extends @Nullable Object, X extends Exception> T withCopy(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
    try (SecretValue value = required(ref)) {
      return use.apply(value);
    }
  }

  @Override
  public <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X {
    return withSecret(requireNonNull(ref, "ref").vault(), ref.name(), use);
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
  public <T extends @Nullable Object, X extends Exception> T withSecretsTogether(
      String vault,
      Collection<String> names,
      SecretFunction<SecretBundle, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    List<String> checked = List.copyOf(checked(vault, names));
    if (checked.isEmpty()) {
      throw new IllegalArgumentException("There is no name to read");
    }
    requireNonNull(use, "use");
    requireNonNull(isRejected, "isRejected");
    return new RejectedUses(this, rejectionTimeout).use(vault, checked, use, isRejected);
  }

  @Override
  public SecretBundle getSecrets(String vault, Collection<String> names) {
    String[] asked = requireNonNull(names, "names").toArray(new String[0]);
    SecretBundle cached = quick(vault, asked);
    return cached != null ? cached : read(vault, checked(vault, Arrays.asList(asked)), cache::get);
  }

  @Override
  public SecretBundle getSecretsTogether(String vault, Collection<String> names) {
    return read(vault, checked(vault, names), cache::getTogether);
  }

  @Override
  public CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref) {
    return readAsync(
        ref, Optional::of, () -> optional(ref), found -> found.ifPresent(SecretValue::close));
  }

  @Override
  public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
    return readAsync(ref, value -> value, () -> required(ref), SecretValue::close);
  }

  @Override
  public CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names) {
    String[] asked = requireNonNull(names, "names").toArray(new String[0]);
    SecretBundle cached = quick(vault, asked);
    if (cached != null) {
      return CompletableFuture.completedFuture(cached);
    }
    Set<String> checked = checked(vault, Arrays.asList(asked));
    requireOpen();
    return threads.submit(() -> read(vault, checked, cache::get), SecretBundle::close);
  }

  @Override
  public <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
    requireNonNull(use, "use");
    requireOpen(ref);
    return threads.submitUse(() -> withSecret(ref, use));
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
      threads.close();
      closeBackend.run();
    }
  }

  /** Returns whether it is open, and nothing of what it holds. */
  @Override
  public String toString() {
    return "SecretManager[" + (closed.get() ? "closed" : "open") + "]";
  }

  /** What is cached was declared when it was read, and is gone once this is closed. */
  private @Nullable SecretValue quick(String vault, String name) {
    return cache.quick(requireNonNull(vault, "vault"), requireNonNull(name, "name"));
  }

  private @Nullable SecretBundle quick(String vault, String[] names) {
    SecretValue[] cached = cache.quick(requireNonNull(vault, "vault"), names);
    return cached == null ? null : SecretSupport.bundle(vault, names, cached);
  }

  private Optional<SecretValue> optional(SecretRef ref) {
    SecretOutcome outcome = read(ref);
    return outcome instanceof SecretOutcome.Missing
        ? Optional.empty()
        : Optional.of(Outcomes.required(ref, outcome));
  }

  private SecretValue required(SecretRef ref) {
    return Outcomes.required(ref, read(ref));
  }

  private SecretOutcome read(SecretRef ref) {
    requireOpen(ref);
    requireAllowed(ref);
    SecretOutcome outcome = cache.get(ref);
    if (closed.get()) {
      Outcomes.discard(outcome);
      throw closed();
    }
    return outcome;
  }

  /** A value that is cached is there at once; anything else is read on another thread. */
  private <T> CompletableFuture<T> readAsync(
      SecretRef ref, Function<SecretValue, T> answer, Callable<T> read, Consumer<T> discard) {
    requireOpen(ref);
    SecretValue cached = declarations.refusal(ref) == null ? cache.cachedValue(ref) : null;
    return cached != null
        ? CompletableFuture.completedFuture(answer.apply(cached))
        : threads.submit(read, discard);
  }

  private SecretBundle read(
      String vault,
      Set<String> names,
      BiFunction<String, Collection<String>, Map<String, SecretOutcome>> readAllowed) {
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
    outcomes.putAll(readAllowed.apply(vault, allowed));
    if (closed.get()) {
      Outcomes.discardAll(outcomes);
      throw closed();
    }
    return bundle(vault, names, outcomes);
  }

  private static SecretBundle bundle(
      String vault, Set<String> names, Map<String, SecretOutcome> outcomes) {
    Map<String, SecretValue> found = new LinkedHashMap<>();
    Map<String, SecretManagerException> failures = new LinkedHashMap<>();
    boolean vaultExists = true;
    for (String name : names) {
      SecretOutcome outcome = outcomes.get(name);
      if (outcome instanceof SecretOutcome.Found value) {
        found.put(name, value.value());
      } else if (outcome instanceof SecretOutcome.Failed failed) {
        failures.put(name, failed.failure());
      } else if (outcome instanceof SecretOutcome.Missing missing) {
        vaultExists &= missing.missing() != SecretNotFoundException.Missing.VAULT;
      }
    }
    if (!names.isEmpty() && failures.size() == names.size()) {
      throw failures.values().iterator().next();
    }
    return SecretSupport.bundle(vault, names, found, failures, vaultExists);
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

  static IllegalStateException closed() {
    return new IllegalStateException(
        "The SecretManager is closed; open a new one, and close it only when the application ends");
  }
}
