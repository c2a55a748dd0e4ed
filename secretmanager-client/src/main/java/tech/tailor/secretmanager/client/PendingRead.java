package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A read of secrets of one vault, from the first look into the cache to the last outcome. It never
 * waits itself: it says what it waits for, so that a reader's thread may wait, or none. Used by one
 * thread at a time.
 */
interface PendingRead {

  /**
   * Does what can be done now.
   *
   * @return what to wait for before the next call, or null if the read is complete
   */
  @Nullable
  CompletableFuture<?> advance();

  /**
   * Ends the read: what it waits for, or has not asked for, fails. {@link #advance} then completes
   * it.
   *
   * @param why the reason
   */
  void giveUp(Reason why);

  /** Returns an outcome for each name, once the read is complete. The values are the caller's. */
  Map<String, SecretOutcome> outcomes();

  /** Abandons the read after an error: wipes what it has, and wakes those who wait for it. */
  void abandon();

  /** Why a read is given up. */
  enum Reason {
    TIMED_OUT,
    INTERRUPTED;

    SecretManagerException failure(String vault, Set<String> names, Duration fetchTimeout) {
      return this == TIMED_OUT
          ? Failures.timedOut(vault, names, fetchTimeout)
          : Failures.interrupted(vault, names);
    }
  }
}
