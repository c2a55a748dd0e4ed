package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The entry point for reading secrets: what {@code tailor.secretmanager} is to a function on Tailor
 * Platform.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>A missing secret, or a missing vault, is an empty answer and not an error.
 *       {@link #requireSecret(SecretRef)} throws an exception instead.
 *   <li>A value is current, or says how stale it is ({@link SecretValue#freshness()}). While the
 *       backend is unavailable, a read may return a stale value, for a bounded time. After a denial
 *       or a deletion it never does.
 *   <li>Names are checked before the cache or the backend is asked.
 *   <li>Every wait is bounded. A wait for the backend, for a call of this read or of another
 *       thread, ends after the manager's {@code fetchTimeout}, by default 10 seconds, with a
 *       {@link SecretTimeoutException}. If the thread is interrupted, it ends with a
 *       {@link SecretUnavailableException}, and the interrupt flag stays set. A read that waited
 *       for another thread's call and got no answer that it may use makes a call of its own, within
 *       the same {@code fetchTimeout}. A manager that makes its calls on the reading thread waits
 *       for as long as its own call takes.
 * </ul>
 *
 * <p><b>Thread-safety:</b> safe for use by any number of threads. One instance serves an
 * application.
 *
 * <p><b>Ownership:</b> the caller closes each {@link SecretValue} and {@link SecretBundle} that a
 * method returns. A value that {@code withSecret} lends is wiped when the call returns.
 *
 * <p><b>Errors</b> common to all reading methods:
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
 *       grammar};
 *   <li>{@link IllegalStateException} after {@link #close()};
 *   <li>{@link NullPointerException} for null;
 *   <li>{@link SecretAccessDeniedException} if the backend denies the read, or if only declared
 *       secrets may be read and this one is not declared;
 *   <li>{@link SecretUnavailableException} if the backend is unavailable and no stale value may be
 *       served;
 *   <li>any other {@link SecretManagerException} as its type says.
 * </ul>
 *
 * <p>The asynchronous methods check names, and whether the manager is closed, before they return.
 * They complete their future with every other error.
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
   * Reads several secrets of one vault, those that are not cached with one call to the backend.
   * Names that another reader is loading are taken from that load, and asked for if it brings
   * nothing. The bundle leaves out names that do not exist, and has a name once that was asked for
   * twice.
   *
   * @return an outcome for each name, to be closed
   * @throws SecretManagerException if no name has an answer: the failure of the first. If some
   *     names have an answer, the bundle holds the failures of the others
   */
  SecretBundle getSecrets(String vault, Collection<String> names);

  /**
   * Reads several secrets of one vault that belong together, such as a user name and its password.
   * All values come from one answer of the backend, also during a rotation. If the cache has them
   * from different answers, the manager asks for all of them again. In an outage it answers with
   * stale values of one answer; a secret without such a value fails.
   *
   * <p>The result is as consistent as the backend's answer to one call. The stores of this library
   * change nothing during one call. Over HTTP, more than 1,000 names, or values too large for one
   * answer, take several requests.
   *
   * @return an outcome for each name, to be closed; otherwise as {@link #getSecrets}
   * @throws SecretManagerException as {@link #getSecrets}
   */
  SecretBundle getSecretsTogether(String vault, Collection<String> names);

  /**
   * Reads a secret that must exist.
   *
   * @return the caller's own copy, to be closed
   * @throws SecretNotFoundException if the secret or its vault does not exist; the exception says
   *     which
   */
  SecretValue requireSecret(SecretRef ref);

  /**
   * Reads a secret that must exist.
   *
   * @return the caller's own copy, to be closed
   * @throws SecretNotFoundException if the secret or its vault does not exist; the exception says
   *     which
   */
  default SecretValue requireSecret(String vault, String name) {
    return requireSecret(SecretRef.of(vault, name));
  }

  /**
   * Lends a secret that must exist to {@code use}, for one call on the calling thread. There is
   * nothing to close; a reference that {@code use} keeps can't be read afterwards. The manager
   * copies a cached value when {@code use} first reads it; if the value was replaced since the call
   * began, {@code use} gets the newer one.
   *
   * <p>A use without a result ends with {@code return null;}; {@link #useSecret(SecretRef,
   * SecretConsumer)} needs no such line. If the result goes to an overloaded method such as
   * {@code println}, assign it to a variable first, or pass a method reference:
   * {@code withSecret(ref, SecretValue::revealString)}.
   *
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; the exception says
   *     which
   * @throws X whatever {@code use} throws
   */
  <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use) throws X;

  /**
   * Lends a secret that must exist to {@code use}, for one call on the calling thread; see
   * {@link #withSecret(SecretRef, SecretFunction)}.
   *
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; the exception says
   *     which
   * @throws X whatever {@code use} throws
   */
  default <T extends @Nullable Object, X extends Exception> T withSecret(
      String vault, String name, SecretFunction<SecretValue, T, X> use) throws X {
    return withSecret(SecretRef.of(vault, name), use);
  }

  /**
   * Lends a secret that must exist, as {@link #withSecret(SecretRef, SecretFunction)} does, and
   * retries {@code use} with a newer value if the secret was rejected, as a login is after the
   * password was rotated.
   *
   * <p>After a rejection the manager asks the backend, regardless of the cache. As soon as the
   * backend returns another value, the manager repeats {@code use} with that. While the backend
   * returns the same value, the manager asks again, after pauses that grow from 0.1 to 1 second. It
   * stops after the manager's {@code rejectionTimeout}, by default 5 seconds, but waits for a call
   * that is under way then.
   *
   * <p>The use is never repeated with a value that was rejected, so a wrong password is not tried
   * twice. Threads that are rejected at the same time share the calls to the backend.
   *
   * @param isRejected whether an exception of the use says that the secret was not accepted; any
   *     other exception is thrown at once
   * @return what {@code use} returns
   * @throws SecretNotFoundException if the secret or its vault does not exist; the exception says
   *     which
   * @throws X any exception of {@code use}; the last rejection, if no other value arrived in time.
   *     If the backend failed meanwhile, that failure is suppressed in it
   */
  <T extends @Nullable Object, X extends Exception> T withSecret(
      SecretRef ref, SecretFunction<SecretValue, T, X> use, Predicate<? super Exception> isRejected)
      throws X;

  /**
   * Lends a secret that must exist, and retries {@code use} with a newer value if the secret was
   * rejected; see {@link #withSecret(SecretRef, SecretFunction, Predicate)}.
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
   * Lends a secret that must exist to a use without a result, and retries it with a newer value if
   * the secret was rejected; see {@link #withSecret(SecretRef, SecretFunction, Predicate)} and
   * {@link Rejection}.
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
   * Lends a secret that must exist to a use without a result, and retries it with a newer value if
   * the secret was rejected; see {@link #useSecret(SecretRef, SecretConsumer, Predicate)}.
   *
   * @throws X whatever {@code use} throws
   */
  default <X extends Exception> void useSecret(
      String vault,
      String name,
      SecretConsumer<? super SecretValue, X> use,
      Predicate<? super Exception> isRejected)
      throws X {
    useSecret(SecretRef.of(vault, name), use, isRejected);
  }

  /**
   * Lends a secret to {@code use} for one call, if it exists. A missing secret or vault is an empty
   * answer and not an error. There is nothing to close.
   *
   * @return what {@code use} returns; empty if the secret does not exist, or {@code use} returns
   *     null
   * @throws SecretManagerException if the secret can't be read
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
   * Lends a secret to {@code use} for one call, if it exists; see
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
   * Returns whether a secret exists and can be read. The manager reads it to find out, from the
   * cache if it is there, and wipes the copy.
   *
   * @throws SecretManagerException if that can't be determined
   */
  default boolean exists(SecretRef ref) {
    try (SecretValue value = getSecret(ref).orElse(null)) {
      return value != null;
    }
  }

  /**
   * Returns whether a secret exists and can be read; see {@link #exists(SecretRef)}.
   *
   * @throws SecretManagerException if that can't be determined
   */
  default boolean exists(String vault, String name) {
    return exists(SecretRef.of(vault, name));
  }

  /**
   * Lends several secrets of one vault that must exist and belong together, such as a user name and
   * its password, and retries {@code use} with newer values if they were rejected.
   *
   * <p>They are read as {@link #getSecretsTogether} does. After a rejection the manager asks the
   * backend, regardless of the cache, and repeats {@code use} as soon as one of the values differs;
   * otherwise as {@link #withSecret(SecretRef, SecretFunction, Predicate)}.
   *
   * @param use gets a bundle, whose {@link SecretBundle#require} returns each value
   * @param isRejected whether an exception of the use says that the secrets were not accepted; any
   *     other exception is thrown at once
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
   * Reads a secret as {@link #getSecret(SecretRef)} does, without blocking the caller. For a cached
   * value, the future is complete on return. Otherwise another thread reads the secret, and also
   * runs the actions that depend on the future. Cancelling the future does not stop the read, but
   * its value is wiped.
   */
  CompletableFuture<Optional<SecretValue>> getSecretAsync(SecretRef ref);

  /**
   * Reads a secret as {@link #getSecret(String, String)} does, without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  default CompletableFuture<Optional<SecretValue>> getSecretAsync(String vault, String name) {
    return getSecretAsync(SecretRef.of(vault, name));
  }

  /**
   * Reads secrets as {@link #getSecrets(String, Collection)} does, without blocking the caller. If
   * all are cached and no refresh is due, the future is complete on return; otherwise another
   * thread reads them. For actions that depend on the future, and for cancelling it, see
   * {@link #getSecretAsync(SecretRef)}.
   */
  CompletableFuture<SecretBundle> getSecretsAsync(String vault, Collection<String> names);

  /**
   * Reads a secret as {@link #requireSecret(SecretRef)} does, without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  CompletableFuture<SecretValue> requireSecretAsync(SecretRef ref);

  /**
   * Reads a secret as {@link #requireSecret(String, String)} does, without blocking the caller; see
   * {@link #getSecretAsync(SecretRef)}.
   */
  default CompletableFuture<SecretValue> requireSecretAsync(String vault, String name) {
    return requireSecretAsync(SecretRef.of(vault, name));
  }

  /**
   * Lends a secret as {@link #withSecret(SecretRef, SecretFunction)} does, without blocking the
   * caller. {@code use} runs on another thread, even if the secret is cached, so it may block. An
   * exception of {@code use} completes the future.
   */
  <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      SecretRef ref, SecretFunction<SecretValue, T, ? extends Exception> use);

  /**
   * Lends a secret as {@link #withSecret(String, String, SecretFunction)} does, without blocking
   * the caller; see {@link #withSecretAsync(SecretRef, SecretFunction)}.
   */
  default <T extends @Nullable Object> CompletableFuture<T> withSecretAsync(
      String vault, String name, SecretFunction<SecretValue, T, ? extends Exception> use) {
    return withSecretAsync(SecretRef.of(vault, name), use);
  }

  /**
   * Returns a handle on a secret, to keep or inject in place of a value. The handle holds no value,
   * and reads the current one at each use.
   */
  default SecretHandle handle(SecretRef ref) {
    return new SecretHandle(this, ref);
  }

  /**
   * Returns a handle on a secret, to keep or inject in place of a value. The handle holds no value,
   * and reads the current one at each use.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  default SecretHandle handle(String vault, String name) {
    return handle(SecretRef.of(vault, name));
  }

  /**
   * Asks the backend for a secret, regardless of the cache, and caches the answer. A read that
   * begins after this returned gives that value or a newer one. Call it when the application learns
   * by other means that a secret was rotated. Threads that refresh one secret at the same time
   * share a call.
   *
   * <p>A secret that does not exist is an answer and not an error.
   *
   * @throws IllegalStateException after {@link #close()}
   * @throws SecretManagerException if the backend gives no answer. Cached values then answer as
   *     before, unless the failure {@linkplain SecretManagerException#dropsCached() drops} them
   */
  void refresh(SecretRef ref);

  /**
   * Asks the backend for a secret, regardless of the cache, and caches the answer; see
   * {@link #refresh(SecretRef)}.
   *
   * @throws SecretManagerException if the backend gives no answer
   */
  default void refresh(String vault, String name) {
    refresh(SecretRef.of(vault, name));
  }

  /**
   * Wipes the cache entry of a secret before it returns. A read that begins after this returned
   * asks the backend, and has no stale value to fall back on. Values that were handed out stay
   * readable until their owners close them.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  void invalidate(SecretRef ref);

  /** Wipes the cache entry of a secret; see {@link #invalidate(SecretRef)}. */
  default void invalidate(String vault, String name) {
    invalidate(SecretRef.of(vault, name));
  }

  /**
   * Wipes every cache entry; see {@link #invalidate(SecretRef)}.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  void invalidateAll();

  /**
   * Returns statistics of the cache since the manager was opened.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  CacheStats cacheStats();

  /**
   * Wipes every cache entry, ends the manager, and closes its backend unless the manager was built
   * to keep it open. From then on reads fail with {@link IllegalStateException}, including those
   * under way. Values that were handed out stay readable until their owners close them. A second
   * call does nothing.
   */
  @Override
  void close();
}
