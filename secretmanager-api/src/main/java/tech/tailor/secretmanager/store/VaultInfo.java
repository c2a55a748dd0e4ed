package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a store tells of a vault. Immutable and thread-safe.
 *
 * @param name its name
 * @param createTime when it was created
 * @param updateTime when the vault itself was last changed; a change of a secret in it does not
 *     count
 */
public record VaultInfo(String name, Instant createTime, Instant updateTime) {
  /** Checks that nothing is null. */
  public VaultInfo {
    requireNonNull(name, "name");
    requireNonNull(createTime, "createTime");
    requireNonNull(updateTime, "updateTime");
  }
}
