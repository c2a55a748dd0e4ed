package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;

/**
 * The source of secrets behind a {@link tech.tailor.secretmanager.SecretManager}. The manager
 * caches what the backend answers, joins concurrent readers, and decides what a failure means.
 *
 * <p>An implementation answers truthfully and keeps nothing: it does not cache, retry, or return
 * default values. Several threads may call it at once. It returns or throws within a bounded time
 * of its own, since callers wait for it.
 *
 * <p><b>Threads:</b> a manager calls {@link #fetch} on daemon threads of its own. They inherit no
 * thread-locals and have no context class loader, regardless of the caller. With
 * {@code callsOnReadingThread()} on the manager's builder, the reading thread makes the call. The
 * thread that opens or closes the manager calls {@link #watch} and {@link #close}.
 *
 * <p><b>Re-entrancy:</b> during {@link #fetch}, on the thread that called it, a backend may read
 * other secrets from its own manager. A read that needs the secret being fetched fails at once with
 * a {@link tech.tailor.secretmanager.SecretProtocolException}. The manager does not recognise a
 * backend that reads on another thread and waits for that read, which may wait until the manager's
 * {@code fetchTimeout}.
 *
 * <p><b>Errors:</b> the manager replaces an exception or error other than a
 * {@link SecretManagerException} by one that names its type and where it was thrown. The original
 * message is dropped, since it could contain a value.
 */
public interface SecretBackend extends AutoCloseable {

  /**
   * Reads secrets of one vault in one round trip.
   *
   * @param vault a valid vault name
   * @param names valid secret names, at least one
   * @return an outcome for each name, and for no other. The caller owns the values and closes them;
   *     each call returns new ones
   * @throws SecretManagerException if the call failed as a whole, so that nothing is known of any
   *     name. A missing vault is not a failure: every name has the outcome
   *     {@link SecretOutcome.Missing}
   * @throws IllegalStateException after {@link #close()}
   */
  Map<String, SecretOutcome> fetch(String vault, Set<String> names);

  /**
   * Starts reporting which secrets changed, so that a cache need not wait until a time to live
   * ends. A backend that can't detect changes never calls {@code changed}; this default is such a
   * one.
   *
   * <p>A report is a hint, and may come late or not at all. Either way, the next {@link #fetch}
   * returns the changed state.
   *
   * @param changed called with the secrets that read differently than before; with an empty set if
   *     any secret may, such as after a gap in what the backend was told. Called on a thread of the
   *     backend's, one call at a time; it returns quickly and throws nothing
   * @return a handle that ends the reports; the backend's {@link #close()} ends them, too
   * @throws SecretManagerException if the backend fails
   * @throws IllegalStateException after {@link #close()}
   */
  default Watch watch(Consumer<? super Set<SecretRef>> changed) {
    requireNonNull(changed, "changed");
    return () -> {};
  }

  /**
   * Releases the resources of the backend, and wipes plaintext that it holds. A second call does
   * nothing.
   */
  @Override
  void close();

  /** A handle that ends a {@linkplain #watch watch}. Thread-safe. */
  @FunctionalInterface
  interface Watch extends AutoCloseable {

    /** Ends the watch; a call that is under way may finish. A second call does nothing. */
    @Override
    void close();
  }
}
