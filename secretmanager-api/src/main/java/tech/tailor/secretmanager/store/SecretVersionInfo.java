package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a store tells of one version of a secret: everything but its value. Immutable and
 * thread-safe.
 */
public final class SecretVersionInfo {

  private final long version;
  private final Instant createTime;
  private final State state;

  private SecretVersionInfo(long version, Instant createTime, State state) {
    VersionedSecretStore.requireVersion(version);
    requireNonNull(createTime, "createTime");
    requireNonNull(state, "state");
    this.version = version;
    this.createTime = createTime;
    this.state = state;
  }

  /**
   * Describes a version, for stores.
   *
   * @throws IllegalArgumentException if the version is less than 1
   */
  public static SecretVersionInfo of(long version, Instant createTime, State state) {
    return new SecretVersionInfo(version, createTime, state);
  }

  /** Its number, counted from 1. */
  public long version() {
    return version;
  }

  /** When it was written. */
  public Instant createTime() {
    return createTime;
  }

  /** Whether its value can be read. */
  public State state() {
    return state;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretVersionInfo that
        && version == that.version
        && createTime.equals(that.createTime)
        && state.equals(that.state);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, createTime, state);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return "SecretVersionInfo[version=" + version + ", createTime=" + createTime + ", state="
        + state + "]";
  }
}
