package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/** What a store tells of a vault. Immutable and thread-safe. */
public final class VaultInfo {

  private final String name;
  private final Instant createTime;
  private final Instant updateTime;

  private VaultInfo(String name, Instant createTime, Instant updateTime) {
    requireNonNull(name, "name");
    requireNonNull(createTime, "createTime");
    requireNonNull(updateTime, "updateTime");
    this.name = name;
    this.createTime = createTime;
    this.updateTime = updateTime;
  }

  /** Describes a vault, for stores. */
  public static VaultInfo of(String name, Instant createTime, Instant updateTime) {
    return new VaultInfo(name, createTime, updateTime);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** When it was created. */
  public Instant createTime() {
    return createTime;
  }

  /** When the vault itself was last changed; a change of a secret in it does not count. */
  public Instant updateTime() {
    return updateTime;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VaultInfo that
        && name.equals(that.name)
        && createTime.equals(that.createTime)
        && updateTime.equals(that.updateTime);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, createTime, updateTime);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return SecretSupport.oneLine("VaultInfo[name=" + name + ", createTime=" + createTime
        + ", updateTime=" + updateTime + "]");
  }
}
