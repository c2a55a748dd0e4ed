package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one read or refresh asked the backend for: how long that took, and how it ended for each
 * secret. Requests for single secrets that are made at the same time may share one call. It holds
 * no value. Immutable.
 */
public final class LoadEvent {

  private final String vault;
  private final Duration duration;
  private final Map<String, Result> results;

  private LoadEvent(String vault, Duration duration, Map<String, Result> results) {
    this.vault = vault;
    this.duration = duration;
    this.results = results;
  }

  /**
   * Makes an event, for tests of a {@link SecretListener}.
   *
   * @param vault the vault that was read
   * @param duration how long the call took
   * @param results how it ended, by secret name
   */
  public static LoadEvent of(String vault, Duration duration, Map<String, Result> results) {
    return new LoadEvent(
        requireNonNull(vault, "vault"),
        requireNonNull(duration, "duration"),
        Collections.unmodifiableMap(new LinkedHashMap<>(requireNonNull(results, "results"))));
  }

  /** How a call ended for one secret. */
  public enum Result {

    /** The backend gave a value. */
    FOUND,

    /** The backend answered that the secret, or its vault, does not exist. */
    MISSING,

    /** The backend denied access. */
    DENIED,

    /** The call timed out. */
    TIMED_OUT,

    /** The call failed otherwise. */
    FAILED
  }

  /** Returns the vault that was read. */
  public String vault() {
    return vault;
  }

  /**
   * Returns the time from the request until the answer was there or the call was given up,
   * including the wait for a free thread.
   */
  public Duration duration() {
    return duration;
  }

  /** Returns how the call ended, by secret name, in the order asked. Unmodifiable. */
  public Map<String, Result> results() {
    return results;
  }

  /** Returns the vault, the duration and the results. */
  @Override
  public String toString() {
    return MessageText.oneLine("LoadEvent[" + vault + ", " + duration + ", " + results + "]");
  }
}
