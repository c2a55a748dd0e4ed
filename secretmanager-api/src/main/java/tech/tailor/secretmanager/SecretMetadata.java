package tech.tailor.secretmanager;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a value beside the value: nothing in here is secret. Immutable and thread-safe.
 *
 * @param version the version of the secret that the value belongs to, counted from 1; 0 where the
 *     backend doesn't number versions
 * @param updateTime when this version was written, where the backend tells it
 * @param freshness whether the value is known to be current
 */
public record SecretMetadata(long version, Optional<Instant> updateTime, Freshness freshness) {

  private static final SecretMetadata UNVERSIONED =
      new SecretMetadata(0, Optional.empty(), Freshness.fresh());

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the version is negative
   */
  public SecretMetadata {
    requireNonNull(updateTime, "updateTime");
    requireNonNull(freshness, "freshness");
    if (version < 0) {
      throw new IllegalArgumentException(
          "A version is 0 (not numbered) or counts from 1, got " + version);
    }
  }

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
}
