package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/** What a store tells of a secret: everything but its value. Immutable and thread-safe. */
public final class SecretInfo {

  private final String name;
  private final long version;
  private final Instant createTime;
  private final Instant updateTime;

  private SecretInfo(String name, long version, Instant createTime, Instant updateTime) {
    if (version < 0) {
      throw new IllegalArgumentException(
          "A version is 0 (not numbered) or counts from 1, got " + version);
    }
    requireNonNull(name, "name");
    requireNonNull(createTime, "createTime");
    requireNonNull(updateTime, "updateTime");
    this.name = name;
    this.version = version;
    this.createTime = createTime;
    this.updateTime = updateTime;
  }

  /**
   * Describes a secret, for stores.
   *
   * @throws IllegalArgumentException if the version is negative
   */
  public static SecretInfo of(String name, long version, Instant createTime, Instant updateTime) {
    return new SecretInfo(name, version, createTime, updateTime);
  }

  /** Its name in the vault. */
  public String name() {
    return name;
  }

  /** Its current version, counted from 1; 0 where the store doesn't number versions. */
  public long version() {
    return version;
  }

  /** When it was created. */
  public Instant createTime() {
    return createTime;
  }

  /** When its current version was written. */
  public Instant updateTime() {
    return updateTime;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretInfo that
        && name.equals(that.name)
        && version == that.version
        && createTime.equals(that.createTime)
        && updateTime.equals(that.updateTime);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, version, createTime, updateTime);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return SecretSupport.oneLine("SecretInfo[name=" + name + ", version=" + version
        + ", createTime=" + createTime + ", updateTime=" + updateTime + "]");
  }
}
