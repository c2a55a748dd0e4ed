package tech.tailor.secretmanager;

/**
 * Observer of a manager's cache, for logs, metrics and alarms, and to act on a changed secret. No
 * event holds a value. Every method has an empty default; implement the ones you need.
 *
 * <p><b>Threads:</b> events arrive one at a time, in the order in which they happened to a secret.
 * They arrive on the manager's executor, or on a thread that nothing else waits for. So a listener
 * may block and may read secrets from the same manager, and an event arrives a moment after what it
 * reports. If more than 10,000 events wait, the manager drops further ones, with a warning in the
 * log.
 *
 * <p>An executor that runs tasks on the calling thread, as in tests, calls a listener in the middle
 * of the operation that the event reports. The listener should not read secrets on an eviction
 * then.
 *
 * <p><b>Errors:</b> the manager logs the type of an exception that a listener throws; the exception
 * has no other effect.
 */
public interface SecretListener {

  /**
   * Called when a secret changed: a refresh found another version or another value than the cached
   * one, or the backend reported the change. A read that follows this event returns the new value
   * or asks the backend for it. A change may be reported more than once. Where the backend can only
   * say that any secret may have changed, such as after a gap in what it was told, this is called
   * for each secret that the manager has cached or keeps warm.
   *
   * <p>A change that happened while nothing was cached is reported only if the backend reports
   * changes itself, or if the secret is kept warm: the value that is loaded after an eviction is
   * then reported, whether it is another one or not. For secrets that no thread reads, see
   * {@code keepWarm} of the manager's builder.
   */
  default void onChanged(SecretRef ref) {}

  /** Called when a value was fetched and cached, and none was cached before. */
  default void onLoaded(SecretRef ref, SecretMetadata current) {}

  /**
   * Called when another version, or another value, replaced the cached one. {@link #onChanged} is
   * called as well.
   */
  default void onRefreshed(SecretRef ref, SecretMetadata previous, SecretMetadata current) {}

  /** Called when a request to the backend completed, whether it succeeded or failed. */
  default void onLoadCompleted(LoadEvent event) {}

  /**
   * Called when a call for a value past its time to live failed, and reads get the stale value.
   * This happens once for each failed call, not for each read.
   */
  default void onStale(SecretRef ref, Freshness.Stale staleness) {}

  /** Called when the backend denied a read; the cached value, if any, is wiped. */
  default void onDenied(SecretRef ref, SecretAccessDeniedException failure) {}

  /** Called when the cache wiped a value because of its age, or to stay within its bounds. */
  default void onEvicted(SecretRef ref, EvictionCause cause) {}
}
