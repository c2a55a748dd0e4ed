package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value beside the value: nothing in here is secret. Immutable and thread-safe.
 */
public final class SecretMetadata {

  private final long version;
  private final Optional<Instant> updateTime;
  private final Freshness freshness;

  private SecretMetadata(long version, Optional<Instant> updateTime, Freshness freshness) {
    requireNonNull(updateTime, "updateTime");
    requireNonNull(freshness, "freshness");
    if (version < 0) {
      throw new IllegalArgumentException(
          "A version is 0 (not numbered) or counts from 1, got " + version);
    }
    this.version = version;
    this.updateTime = updateTime;
    this.freshness = freshness;
  }

  /**
   * The version of the secret that the value belongs to, counted from 1; 0 where the backend
   * doesn't number versions.
   */
  public long version() {
    return version;
  }

  /** When this version was written, where the backend tells it. */
  public Optional<Instant> updateTime() {
    return updateTime;
  }

  /** Whether the value is known to be current. */
  public Freshness freshness() {
    return freshness;
  }

  private static final SecretMetadata UNVERSIONED =
      new SecretMetadata(0, Optional.empty(), Freshness.fresh());

  /** A fresh value of a backend that tells neither version nor time. */
  public static SecretMetadata unversioned() {
    return UNVERSIONED;
  }

  /**
   * A fresh value of the given version.
   *
   * @throws IllegalArgumentException if the version is negative
   */
  public static SecretMetadata of(long version, Instant updateTime) {
    return new SecretMetadata(
        version, Optional.of(requireNonNull(updateTime, "updateTime")), Freshness.fresh());
  }

  /** The same, with the given freshness. */
  public SecretMetadata withFreshness(Freshness freshness) {
    return new SecretMetadata(version, updateTime, freshness);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretMetadata that
        && version == that.version
        && updateTime.equals(that.updateTime)
        && freshness.equals(that.freshness);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, updateTime, freshness);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return "SecretMetadata[version=" + version + ", updateTime=" + updateTime + ", freshness="
        + freshness + "]";
  }
}
