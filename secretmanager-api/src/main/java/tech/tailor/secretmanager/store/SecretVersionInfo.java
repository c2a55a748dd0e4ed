package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a store tells of one version of a secret: everything but its value. Immutable and
 * thread-safe.
 *
 * @param version its number, counted from 1
 * @param createTime when it was written
 * @param state whether its value can be read
 */
public record SecretVersionInfo(long version, Instant createTime, State state) {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the version is less than 1
   */
  public SecretVersionInfo {
    VersionedSecretStore.requireVersion(version);
    requireNonNull(createTime, "createTime");
    requireNonNull(state, "state");
  }

  /** Whether the value of a version can be read. */
  public enum State {
    /** It can be read. */
    ENABLED,
    /** It can't be read until it is enabled again. */
    DISABLED,
    /** It is gone for ever; the number and the time are what is left. */
    DESTROYED
  }
}
