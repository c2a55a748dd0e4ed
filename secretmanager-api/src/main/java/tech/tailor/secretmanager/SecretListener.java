package tech.tailor.secretmanager;

/**
 * Observes a manager's cache, for logs, metrics and alarms, and to act on a changed secret. No
 * event holds a value. Every method has an empty default; implement the ones you need.
 *
 * <p><b>Threads:</b> events arrive one at a time, in the order in which they happened to a secret,
 * on the manager's executor or on a thread that nothing else waits for. So a listener may block and
 * may read secrets from the same manager, and an event arrives a moment after what it reports. If
 * more than 10,000 events wait, further ones are dropped, with a warning in the log. With an
 * executor that runs tasks on the calling thread, as in tests, a listener is called in the middle
 * of the operation that it is told of; it should then not read when told of an eviction.
 *
 * <p><b>Errors:</b> an exception thrown by a listener is logged by its type, and has no other
 * effect.
 */
public interface SecretListener {

  /**
   * A secret changed: a refresh found another version or another value than the cached one, or the
   * backend reported the change. A read that follows this event returns the new value or asks the
   * backend for it. A change may be reported more than once. A change that happened while nothing
   * was cached is reported only by a backend that reports changes itself; see {@code keepWarm} of
   * the manager's builder for secrets that nobody reads.
   */
  default void onChanged(SecretRef ref) {}

  /** A value was fetched and cached where none was cached before. */
  default void onLoaded(SecretRef ref, SecretMetadata current) {}

  /**
   * Another version, or another value, replaced the cached one. {@link #onChanged} is called as
   * well.
   */
  default void onRefreshed(SecretRef ref, SecretMetadata previous, SecretMetadata current) {}

  /** A call to the backend completed, whether it succeeded or failed. */
  default void onLoadCompleted(LoadEvent event) {}

  /**
   * A call for a value past its time to live failed, and reads are answered with the stale value.
   * Reported once for each failed call, not for each read.
   */
  default void onStale(SecretRef ref, Freshness.Stale staleness) {}

  /** The backend denied a read; the cached value, if any, is wiped. */
  default void onDenied(SecretRef ref, SecretAccessDeniedException failure) {}

  /** The cache wiped a value because of its age, or to keep within its bounds. */
  default void onEvicted(SecretRef ref, EvictionCause cause) {}
}
