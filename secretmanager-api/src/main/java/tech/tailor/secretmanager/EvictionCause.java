package tech.tailor.secretmanager;

/** Why the cache evicted a value on its own account. */
public enum EvictionCause {

  /** The value outlived its time to live and the time for which it may be served stale. */
  EXPIRED,

  /** The cache reached its largest number of entries or bytes. */
  SIZE
}
