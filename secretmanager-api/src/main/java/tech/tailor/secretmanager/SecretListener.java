package tech.tailor.secretmanager;

/**
 * Is told what a manager's cache does, for logs, metrics and alarms. Nothing that it is told holds
 * a value. Implement what you need; the rest does nothing.
 *
 * <p><b>Threads:</b> events are told one after the other, in the order in which they happened to a
 * secret, on a thread of the manager's executor: no reader waits for a listener, so an event
 * arrives a moment after what it tells of. If more than 10,000 events wait, further ones are
 * dropped, with a warning in the log. A listener may read secrets. An executor that runs what it is
 * given on the calling thread, as in tests, has listeners called in the middle of what they are
 * told of; then one that is told of an eviction should not read, since others wait for it.
 *
 * <p><b>Errors:</b> an exception that a listener throws is logged by its type, and has no other
 * consequence.
 */
public interface SecretListener {

  /** A value was fetched, where none was cached. */
  default void onLoaded(SecretRef ref, SecretMetadata current) {}

  /** Another version, or another value, was fetched in place of the one that was cached. */
  default void onRefreshed(SecretRef ref, SecretMetadata previous, SecretMetadata current) {}

  /**
   * The backend was asked for a value that outlived its time to live, and is unavailable: reads are
   * answered with the stale one while they may. Told once for each such attempt, not for each read.
   */
  default void onStale(SecretRef ref, Freshness.Stale staleness) {}

  /** The backend denied a read; what was cached is wiped. */
  default void onDenied(SecretRef ref, SecretAccessDeniedException failure) {}

  /** The cache wiped a value because of its age, or to keep its bounds. */
  default void onEvicted(SecretRef ref) {}
}
