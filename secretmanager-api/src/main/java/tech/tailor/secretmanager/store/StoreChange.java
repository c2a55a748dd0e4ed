package tech.tailor.secretmanager.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretSupport;

/** One change of a store, as its trail tells it. Immutable and thread-safe. */
public final class StoreChange {

  private final long generation;
  private final Instant time;
  private final String actor;
  private final String what;
  private final @Nullable String vault;
  private final @Nullable String name;
  private final long version;

  private StoreChange(
      long generation,
      Instant time,
      String actor,
      String what,
      @Nullable String vault,
      @Nullable String name,
      long version) {
    this.generation = generation;
    this.time = requireNonNull(time, "time");
    this.actor = requireNonNull(actor, "actor");
    this.what = requireNonNull(what, "what");
    this.vault = vault;
    this.name = name;
    this.version = version;
  }

  /**
   * A change, for stores.
   *
   * @param generation of the commit
   * @param time of the commit, by the clock of the store
   * @param actor may be empty
   * @param what in one word
   * @param vault null if it concerns the whole store
   * @param name null if it concerns the vault or the whole store
   * @param version 0 if it concerns no version
   */
  public static StoreChange of(
      long generation,
      Instant time,
      String actor,
      String what,
      @Nullable String vault,
      @Nullable String name,
      long version) {
    return new StoreChange(generation, time, actor, what, vault, name, version);
  }

  /** The commit that made it: counts the commits of the store. */
  public long generation() {
    return generation;
  }

  /** When it was made, by the clock of the store, in whole milliseconds. */
  public Instant time() {
    return time;
  }

  /** Who made it, as the store that made it was told; empty if it was not told. */
  public String actor() {
    return actor;
  }

  /**
   * What was done, in one word: {@code create}, {@code update}, {@code delete}, {@code labels},
   * {@code description}, {@code enable}, {@code disable}, {@code destroy}; of the whole store
   * {@code create}, {@code master-key}, {@code data-key}, {@code reencrypt}, {@code accept-rewind}.
   */
  public String what() {
    return what;
  }

  /** The vault that it concerns; empty if it concerns the whole store. */
  public Optional<String> vault() {
    return Optional.ofNullable(vault);
  }

  /** The secret that it concerns; empty if it concerns the vault or the whole store. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** The version that it concerns, if it does. */
  public OptionalLong version() {
    return version == 0 ? OptionalLong.empty() : OptionalLong.of(version);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoreChange that
        && generation == that.generation
        && version == that.version
        && time.equals(that.time)
        && actor.equals(that.actor)
        && what.equals(that.what)
        && Objects.equals(vault, that.vault)
        && Objects.equals(name, that.name);
  }

  @Override
  public int hashCode() {
    return Objects.hash(generation, time, actor, what, vault, name, version);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return SecretSupport.oneLine("StoreChange[generation=" + generation + ", time=" + time
        + ", actor=" + actor + ", what=" + what + ", vault=" + vault + ", name=" + name
        + ", version=" + version + "]");
  }
}
