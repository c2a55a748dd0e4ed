package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a store tells of a secret: everything but its value. Immutable and thread-safe.
 *
 * @param name its name in the vault
 * @param version its current version, counted from 1; 0 where the store doesn't number versions
 * @param createTime when it was created
 * @param updateTime when its current version was written
 */
public record SecretInfo(String name, long version, Instant createTime, Instant updateTime) {
  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the version is negative
   */
  public SecretInfo {
    if (version < 0) {
      throw new IllegalArgumentException(
          "A version is 0 (not numbered) or counts from 1, got " + version);
    }
    requireNonNull(name, "name");
    requireNonNull(createTime, "createTime");
    requireNonNull(updateTime, "updateTime");
  }
}
