package tech.tailor.secretmanager.spi;

import java.util.Map;
import java.util.Set;
import tech.tailor.secretmanager.SecretManagerException;

/**
 * Where secrets come from: the only door out of a {@link tech.tailor.secretmanager.SecretManager},
 * which caches in front of it, joins callers, and decides what a failure means.
 *
 * <p>An implementation answers truthfully and keeps nothing: no caching, no retries, no default
 * values. It may be called by several threads at once. It returns or throws within a bounded time
 * of its own, since callers wait for it.
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
   * Releases what the backend holds, and wipes what it holds in clear. A second call does nothing.
   */
  @Override
  void close();
}
