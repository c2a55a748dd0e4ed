package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads secrets: what {@code tailor.secretmanager} is to a function on Tailor Platform.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>A secret that does not exist, or whose vault does not exist, is an empty answer and no
 *       error; {@link #requireSecret(SecretRef)} makes it one.
 *   <li>A value is the current one, or says how stale it is ({@link SecretValue#freshness()}). An
 *       unavailable backend may be answered for with a stale value, for a bounded time; a denial or
 *       a deletion never is.
 *   <li>Names are checked before anything is asked.
 *   <li>Nothing blocks without end: a wait for the backend, for a call of one's own or of another
 *       thread, ends after the manager's {@code fetchTimeout}, by default 10 seconds, with a
 *       {@link SecretTimeoutException}, or, if the thread is interrupted, with a
 *       {@link SecretUnavailableException} and the interrupt flag set. A read that waited for
 *       another thread's call and got no answer that it may use makes a call of its own, and waits
 *       for that one with the full time again. A manager that makes its calls on the reading thread
 *       waits for as long as its own call takes.
 * </ul>
 *
 * <p><b>Thread-safety:</b> safe for use by any number of threads. One instance serves an
 * application.
 *
 * <p><b>Ownership:</b> a {@link SecretValue} or {@link SecretBundle} that a method returns is the
 * caller's to close. What {@code withSecret} lends is wiped when the call returns.
 *
 * <p><b>Errors</b> common to all reading methods: {@link IllegalArgumentException} if a name breaks
 * the {@linkplain SecretRef#NAME_GRAMMAR grammar}; {@link IllegalStateException} after
 * {@link #close()}; {@link NullPointerException} for null; {@link SecretAccessDeniedException} if
 * the backend denies the read, or only declared secrets may be read and this one is not;
 * {@link SecretUnavailableException} if the backend is unavailable and no stale value may be
 * served; any other {@link SecretManagerException} as its type says. The asynchronous methods check
 * names and closedness before they return, and complete their future with every other error.
 */
public interface SecretManager extends AutoCloseable {

  /**
   * Reads a secret.
   *
   * @return the caller's own copy, to be closed, or empty if the secret or its vault does not exist
   */
  Optional<SecretValue> getSecret(SecretRef ref);

  /**
   * Reads a secret.
   *
   * @return the caller's own copy, to be closed, or empty if the secret or its vault does not exist
   */
  default Optional<SecretValue> getSecret(String vault, String name) {
    return getSecret(SecretRef.of(vault, name));
  }

  /**
   * Reads several secrets of one vault with at most one call to the backend. Names that do not
   * exist are left out; a name asked for twice is given once.
   *
   * @return an outcome for each name, to be closed
   * @throws SecretManagerException if no name has an answer: the failure of the first. Where some
   *     names have one, the failures of the others are in the bundle
   */
  SecretBundle getSecrets(String vault, Collection<String> names);

  /**
   * Reads several secrets of one vault that belong together, such as a user name and its password:
   * all values are of one answer of the backend, also while they are rotated. Where they are cached
   * from different answers, they are asked for again, all of them. In an outage they are answered
   * with stale values of one answer; a secret that has none fails. As consistent as the backend's
   * own answer to one call: the stores of this library change nothing in the middle of one; over
   * HTTP, more than 1,000 names, or values too large for one answer, are read by several requests.
   *
   * @return an outcome for each name, to be closed; otherwise as {@link #getSecrets}
   * @throws SecretManagerException as {@link #getSecrets}
   */
  SecretBundle getSecretsTogether(String vault, Collection<String> names);

  /**
   * Reads a secret that must exist.
   *
   * @return the caller's own copy, to be closed
   * @throws SecretNotFoundException if the secret or its vault does not exist; it says which of the
   *     two
   */
  SecretValue requireSecret(SecretRef ref);

  /**
   * Reads a secret that must exist.
   *
   * @return the caller's own copy, to be closed
   * @throws SecretNotFoundException if the secret or its vault does not exist; it says which of the
   *     two
   */
  default SecretValue requireSecret(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name));
  }

  /**
   * Lends a secret that must exist for the length of one call, on the calling thread. There is
   * nothing to close; a reference that {@code use} keeps is of no use afterwards. A cached value is
   * copied when {@code use} first looks into it; if it was replaced since the call began, that is
   * the newer one.
   *
   * <p>A use without a result ends with {@code return null;}. Where the result goes to an
   * overloaded method such as {@code println}, assign it to a variable first, or pass a method
   * reference: {@code withSecret(ref, SecretValue::revealString)}.
   *
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; it says which of the
   *     two
   * @throws X whatever {@code use} throws
   */
  <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X;

  /**
   * Lends a secret that must exist for the length of one call, on the calling thread. There is
   * nothing to close; a reference that {@code use} keeps is of no use afterwards.
   *
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; it says which of the
   *     two
   * @throws X whatever {@code use} throws
   */
  default <T extends @Nullable Object, X extends Exception> T withSecret(
      String vault, String name, SecretFunction<SecretValue, T, X> use) throws X {
    return withSecret(SecretRef.of(vault, name), use);
  }

  /**
   * Lends a secret that must exist, as {@link #withSecret(SecretRef, SecretFunction)} does, to a
   * use that may find it rejected, as a login does after the password was rotated. Then the backend
   * is asked, whatever is cached, and as soon as it gives another value the use is repeated with
   * that. While it gives the same one it is asked again, after pauses that grow from 0.1 to 1
   * second, until the manager's {@code rejectionTimeout} is over, by default 5 seconds; a call that
   * is under way then is waited for.
   *
   * <p>The use is never repeated with a value that was rejected, so a wrong password is not tried
   * twice. Many threads that are rejected at the same time share the calls to the backend.
   *
   * @param isRejected whether an exception of the use says that the secret was not accepted; any
   *     other is thrown at once
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; it says which of the
   *     two
   * @throws X whatever {@code use} throws: the last rejection, if there was no other value in time.
   *     If the backend failed meanwhile, that failure is suppressed in it
   */
  <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X;

  /**
   * Lends a secret that must exist to a use that may find it rejected; see
   * {@link #withSecret(SecretRef, SecretFunction, Predicate)}.
   *
   * @return what {@code use} returns
   * @throws X whatever {@code use} throws
   */
  default <T extends @Nullable Object, X extends Exception> T withSecret(
      String vault,
      String name,
      SecretFunction<SecretValue, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    return withSecret(SecretRef.of(vault, name), use, isRejected);
  }

  /**
   * Lends a secret that must exist, for a use without a result; see {@link #withSecret(SecretRef,
   * SecretFunction)}.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   * @throws X whatever {@code use} throws
   */
  default <X extends Exception> void useSecret(
      SecretRef ref, SecretConsumer<? super SecretValue, X> use) throws X {
    requireNonNull(use, "use");
    this.<Boolean, X>withSecret(ref, value -> {
      use.accept(value);
      return true;
    });
  }

  /**
   * Lends a secret that must exist, for a use without a result; see {@link #useSecret(SecretRef,
   * SecretConsumer)}.
   *
   * @throws X whatever {@code use} throws
   */
  default <X extends Exception> void useSecret(
      String vault, String name, SecretConsumer<? super SecretValue, X> use) throws X {
    useSecret(SecretRef.of(vault, name), use);
  }

  /**
   * Lends a secret that must exist to a use without a result that may find it rejected; see
   * {@link #withSecret(SecretRef, SecretFunction, Predicate)} and {@link Rejection}.
   *
   * @throws SecretNotFoundException if the secret or its vault does not exist
   * @throws X whatever {@code use} throws
   */
  default <X extends Exception> void useSecret(
      SecretRef ref,
      SecretConsumer<? super SecretValue, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    requireNonNull(use, "use");
    this.<Boolean, X>withSecret(
        ref,
        value -> {
          use.accept(value);
          return true;
        },
        isRejected);
  }

  /**
   * Lends a secret for the length of one call, if it exists. A missing secret, and a missing vault,
   * are answers and no errors; there is nothing to close.
   *
   * @return what {@code use} returns; empty if the secret does not exist, or {@code use} returns
   *     null
   * @throws SecretManagerException if it can't be read
   * @throws X whatever {@code use} throws
   */
  default <T, X extends Exception> Optional<T> withSecretIfPresent(
      SecretRef ref, SecretFunction<SecretValue, ? extends @Nullable T, X> use) throws X {
    requireNonNull(use, "use");
    try (SecretValue value = getSecret(ref).orElse(null)) {
      return value == null ? Optional.empty() : Optional.ofNullable(use.apply(value));
    }
  }

  /**
   * Lends a secret for the length of one call, if it exists; see
   * {@link #withSecretIfPresent(SecretRef, SecretFunction)}.
   *
   * @throws X whatever {@code use} throws
   */
  default <T, X extends Exception> Optional<T> withSecretIfPresent(
      String vault, String name, SecretFunction<SecretValue, ? extends @Nullable T, X> use)
      throws X {
    return withSecretIfPresent(SecretRef.of(vault, name), use);
  }

  /**
   * Whether a secret exists and can be read. It is read for that, from the cache if it is there,
   * and wiped.
   *
   * @throws SecretManagerException if it can't be told
   */
  default boolean exists(SecretRef ref) {
    try (SecretValue value = getSecret(ref).orElse(null)) {
      return value != null;
    }
  }

  /**
   * Whether a secret exists and can be read; see {@link #exists(SecretRef)}.
   *
   * @throws SecretManagerException if it can't be told
   */
  default boolean exists(String vault, String name) {
    return exists(SecretRef.of(vault, name));
  }

  /**
   * Lends several secrets of one vault that must exist and belong together, such as a user name and
   * its password, to a use that may find them rejected. They are read as
   * {@link #getSecretsTogether} does. After a rejection the backend is asked, whatever is cached,
   * and the use is repeated as soon as one of the values is another; otherwise as
   * {@link #withSecret(SecretRef, SecretFunction, Predicate)}.
   *
   * @param use gets a bundle, whose {@link SecretBundle#require} gives each value
   * @param isRejected whether an exception of the use says that the secrets were not accepted; any
   *     other is thrown at once
   * @return what {@code use} returns
   * @throws SecretNotFoundException if one of the secrets or their vault does not exist
   * @throws X whatever {@code use} throws
   */
  <T extends @Nullable Object, X extends Exception> T withSecretsTogether(
      String vault,
      Collection<String> names,
      SecretFunction<SecretBundle, T, X> use,
      Predicate<? super Exception> isRejected)
      throws X;

  /**
   * {@link #getSecret(SecretRef)} without blocking the caller. A value that is cached is there at
   * once; anything else is read on another thread, which also runs what depends on the future.
   * Cancelling the future does not stop the read, but wipes what it brings.
   */
  CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref);

  /**
   * {@link #getSecret(String, String)} without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  default CompletableFuture<Optional<SecretValue>> getSecretAsync(String vault, String name) {
    return getSecretAsync(SecretRef.of(vault, name));
  }

  /**
   * {@link #getSecrets(String, Collection)} without blocking the caller. If all are cached and
   * nothing is due, they are there at once; else they are read on another thread. What depends on
   * the future and cancelling are as {@link #getSecretAsync(SecretRef)} says.
   */
  CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names);

  /**
   * {@link #requireSecret(SecretRef)} without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref);

  /**
   * {@link #requireSecret(String, String)} without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  default CompletableFuture<SecretValue> requireSecretAsync(String vault, String name) {
    return requireSecretAsync(SecretRef.of(vault, name));
  }

  /**
   * {@link #withSecret(SecretRef, SecretFunction)} without blocking the caller. The use runs on
   * another thread, also when the secret is cached, so it may block; what it throws completes the
   * future.
   */
  <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use);

  /**
   * {@link #withSecret(String, String, SecretFunction)} without blocking the caller; see
   * {@link #withSecretAsync(SecretRef, SecretFunction)}.
   */
  default <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      String vault, String name, SecretFunction<SecretValue, T, ? extends Exception> use) {
    return withSecretAsync(SecretRef.of(vault, name), use);
  }

  /**
   * A handle on a secret, to be kept or injected in place of a value: it holds none, and gives the
   * current one whenever it is asked.
   */
  default SecretHandle handle(SecretRef ref) {
    return new SecretHandle(this, ref);
  }

  /**
   * A handle on a secret, to be kept or injected in place of a value: it holds none, and gives the
   * current one whenever it is asked.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  default SecretHandle handle(String vault, String name) {
    return handle(SecretRef.of(vault, name));
  }

  /**
   * Asks the backend for a secret, whatever is cached, and keeps its answer: a read that begins
   * after this returned gives that value or a newer one. For those who learn from elsewhere that a
   * secret was rotated. Threads that refresh one secret at the same time share a call.
   *
   * <p>That the secret does not exist is an answer and no error.
   *
   * @throws IllegalStateException after {@link #close()}
   * @throws SecretManagerException if the backend gives no answer. What is cached then answers as
   *     before, unless the failure is one that {@linkplain SecretManagerException#dropsCached()
   *     wipes it}
   */
  void refresh(SecretRef ref);

  /**
   * Asks the backend for a secret, whatever is cached, and keeps its answer; see
   * {@link #refresh(SecretRef)}.
   *
   * @throws SecretManagerException if the backend gives no answer
   */
  default void refresh(String vault, String name) {
    refresh(SecretRef.of(vault, name));
  }

  /**
   * Wipes what is cached for a secret before it returns: a read that begins after this returned
   * asks the backend, and has no stale value to fall back on. Values that were handed out stay with
   * those who have them.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  void invalidate(SecretRef ref);

  /** Wipes what is cached for a secret; see {@link #invalidate(SecretRef)}. */
  default void invalidate(String vault, String name) {
    invalidate(SecretRef.of(vault, name));
  }

  /**
   * Wipes everything that is cached; see {@link #invalidate(SecretRef)}.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  void invalidateAll();

  /**
   * What the cache has done since the manager was opened.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  CacheStats cacheStats();

  /**
   * Wipes everything cached, ends the manager, and closes its backend unless it was told to keep
   * that open; reads fail with {@link IllegalStateException} from then on, those under way
   * included. Values that were handed out stay with those who have them. A second call does
   * nothing.
   */
  @Override
  void close();
}
