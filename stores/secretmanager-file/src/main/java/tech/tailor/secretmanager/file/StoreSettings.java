package tech.tailor.secretmanager.file;

import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.envelope.StoreFiles;

/**
 * The settings of a store.
 *
 * @param clock tells create and update times
 * @param files what the store does on the disk
 * @param lockTimeout how long a writer waits for the others
 * @param versionsKept how many versions of each secret are kept
 * @param anchor remembers the newest generation, if there is one
 * @param networkAllowed whether a store on a network file system is written
 * @param sharedAllowed whether a store is used that other users could write or replace
 */
record StoreSettings(
    Clock clock,
    StoreFiles files,
    Duration lockTimeout,
    int versionsKept,
    @Nullable StoreAnchor anchor,
    boolean networkAllowed,
    boolean sharedAllowed) {

  static final StoreSettings DEFAULTS = new StoreSettings(
      Clock.systemUTC(),
      StoreFiles.local(),
      StoreLimits.LOCK_TIMEOUT,
      StoreLimits.VERSIONS_KEPT,
      null,
      false,
      false);
}
