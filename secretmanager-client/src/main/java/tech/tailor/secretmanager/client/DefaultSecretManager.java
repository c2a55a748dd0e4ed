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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
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
  private final ManagerExecutors executors;
  private final Duration rejectionTimeout;
  private final Runnable closeBackend;
  private final AtomicBoolean closed = new AtomicBoolean();

  DefaultSecretManager(
      SecretCache cache,
      Declarations declarations,
      ManagerExecutors executors,
      Duration rejectionTimeout,
      Runnable closeBackend) {
    this.cache = cache;
    this.declarations = declarations;
    this.executors = executors;
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
        cache.quick().toLend(requireNonNull(vault, "vault"), requireNonNull(name, "name"));
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
        ref, outcome -> optional(ref, outcome), found -> found.ifPresent(SecretValue::close));
  }

  @Override
  public CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref) {
    return readAsync(ref, outcome -> Outcomes.required(ref, outcome), SecretValue::close);
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
    Map<String, SecretOutcome> refused = new LinkedHashMap<>();
    return cache.getAsync(
        vault,
        allowed(vault, checked, refused),
        outcomes -> bundle(vault, checked, refused, outcomes),
        SecretBundle::close,
        true);
  }

  @Override
  public <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use) {
    requireNonNull(use, "use");
    requireOpen(ref);
    return startRead(
        ref,
        outcome -> {
          try (SecretValue value = Outcomes.required(ref, outcome)) {
            return use.apply(value);
          }
        },
        result -> {}, // it holds nothing to be wiped
        false);
  }

  @Override
  public void refresh(SecretRef ref) {
    requireOpen(ref);
    requireAllowed(ref);
    SecretOutcome.Failed failed = cache.refresh(ref);
    if (closed.get()) {
      throw Failures.closed();
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
      executors.close();
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
    return cache.quick().get(requireNonNull(vault, "vault"), requireNonNull(name, "name"));
  }

  private @Nullable SecretBundle quick(String vault, String[] names) {
    SecretValue[] cached = cache.quick().get(requireNonNull(vault, "vault"), names);
    return cached == null ? null : SecretSupport.bundle(vault, names, cached);
  }

  private Optional<SecretValue> optional(SecretRef ref) {
    return optional(ref, read(ref));
  }

  private static Optional<SecretValue> optional(SecretRef ref, SecretOutcome outcome) {
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
      throw Failures.closed();
    }
    return outcome;
  }

  /** Returns what is cached at once; anything else is read without a thread that waits. */
  private <T> CompletableFuture<T> readAsync(
      SecretRef ref, OutcomeFunction<T> answer, Consumer<T> discard) {
    requireOpen(ref);
    SecretValue cached = quick(ref.vault(), ref.name());
    if (cached == null) {
      return startRead(ref, answer, discard, true);
    }
    try {
      return CompletableFuture.completedFuture(answer.of(new SecretOutcome.Found(cached)));
    } catch (Exception e) {
      throw new AssertionError("A value that was found is an answer", e);
    }
  }

  private <T extends @Nullable Object> CompletableFuture<T> startRead(
      SecretRef ref, OutcomeFunction<T> answer, Consumer<T> discard, boolean answersHere) {
    SecretManagerException refusal = declarations.refusal(ref);
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    return cache.getAsync(
        ref.vault(),
        List.of(ref.name()),
        outcomes -> {
          requireStillOpen(outcomes);
          return answer.of(outcomes.values().iterator().next());
        },
        discard,
        answersHere);
  }

  /**
   * What becomes of an outcome, of which it owns the value.
   *
   * @param <T> the result
   */
  private interface OutcomeFunction<T extends @Nullable Object> {
    T of(SecretOutcome outcome) throws Exception;
  }

  private SecretBundle read(
      String vault,
      Set<String> names,
      BiFunction<String, Collection<String>, Map<String, SecretOutcome>> readAllowed) {
    requireOpen();
    Map<String, SecretOutcome> refused = new LinkedHashMap<>();
    Set<String> allowed = allowed(vault, names, refused);
    return bundle(vault, names, refused, readAllowed.apply(vault, allowed));
  }

  /** Returns the names that may be read, and adds a failure for each of the others. */
  private Set<String> allowed(String vault, Set<String> names, Map<String, SecretOutcome> refused) {
    Set<String> allowed = new LinkedHashSet<>();
    for (String name : names) {
      SecretManagerException refusal = declarations.refusal(SecretRef.of(vault, name));
      if (refusal == null) {
        allowed.add(name);
      } else {
        refused.put(name, new SecretOutcome.Failed(refusal));
      }
    }
    return allowed;
  }

  private SecretBundle bundle(
      String vault,
      Set<String> names,
      Map<String, SecretOutcome> refused,
      Map<String, SecretOutcome> read) {
    requireStillOpen(read);
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>(refused);
    outcomes.putAll(read);
    return bundle(vault, names, outcomes);
  }

  private void requireStillOpen(Map<String, SecretOutcome> outcomes) {
    if (closed.get()) {
      Outcomes.discardAll(outcomes);
      throw Failures.closed();
    }
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
      throw Failures.closed();
    }
  }
}
