package tech.tailor.secretmanager.spi;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;

/**
 * Where secrets come from: the only door out of a {@link tech.tailor.secretmanager.SecretManager},
 * which caches in front of it, joins callers, and decides what a failure means.
 *
 * <p>An implementation answers truthfully and keeps nothing: no caching, no retries, no default
 * values. It may be called by several threads at once. It returns or throws within a bounded time
 * of its own, since callers wait for it.
 *
 * <p><b>Threads:</b> a manager calls {@link #fetch} on daemon threads of its own. They inherit no
 * thread-locals and have no context class loader, regardless of the caller. With
 * {@code callsOnReadingThread()} on the manager's builder, the thread that reads makes the call.
 * {@link #watch} and {@link #close} are called by the thread that opens or closes the manager.
 *
 * <p><b>Re-entrancy:</b> during {@link #fetch}, on the thread that called it, a backend may read
 * other secrets from its own manager. A read that needs the secret being fetched fails at once with
 * a {@link tech.tailor.secretmanager.SecretProtocolException}. A backend that reads from its own
 * manager on another thread and waits for it is not recognised, and may wait until the manager's
 * {@code fetchTimeout}.
 *
 * <p><b>Errors:</b> an exception or error other than a {@link SecretManagerException} is replaced
 * by one that names its type and where it was thrown; its message is dropped, since it could hold a
 * value.
 */
public interface SecretBackend extends AutoCloseable {

  /**
   * Reads secrets of one vault in one round trip.
   *
   * @param vault a valid vault name
   * @param names valid secret names, at least one
   * @return an outcome for each name, and for no other. The values found belong to the caller, who
   *     closes them; each call gives new ones
   * @throws SecretManagerException if the call failed as a whole, so that nothing is known of any
   *     name. A missing vault is no failure but an outcome, {@link SecretOutcome.Missing}, of every
   *     name
   * @throws IllegalStateException after {@link #close()}
   */
  Map<String, SecretOutcome> fetch(String vault, Set<String> names);

  /**
   * Begins to tell which secrets were changed, by whomever, so that a cache need not wait for the
   * end of a time to live. A backend that can't tell never calls; this default is one.
   *
   * <p>It is a hint, and may come late or not at all: what was changed is there for the next
   * {@link #fetch} in any case.
   *
   * @param changed called with the secrets that read otherwise than before, or with none of them if
   *     any may, such as after a gap in what the backend was told; by a thread of the backend's,
   *     one call after the other; it is quick, and throws nothing
   * @return what ends it; the backend's {@link #close()} does so, too
   * @throws SecretManagerException if the backend fails
   * @throws IllegalStateException after {@link #close()}
   */
  default Watch watch(Consumer<? super Set<SecretRef>> changed) {
    requireNonNull(changed, "changed");
    return () -> {};
  }

  /**
   * Releases what the backend holds, and wipes what it holds in clear. A second call does nothing.
   */
  @Override
  void close();

  /** What a {@linkplain #watch watch} is ended with. Thread-safe. */
  @FunctionalInterface
  interface Watch extends AutoCloseable {

    /** Ends it; a call that is under way may finish. A second call does nothing. */
    @Override
    void close();
  }
}
