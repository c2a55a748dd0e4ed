package tech.tailor.secretmanager;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a manager's cache has done since it was opened. Each count is exact once the manager is
 * idle; under load the counts are read one after the other, and so may be of slightly different
 * moments.
 */
public final class CacheStats {

  private final long hits;
  private final long misses;
  private final long loads;
  private final long failures;
  private final long stale;
  private final long evictions;
  private final int inFlight;

  private CacheStats(
      long hits, long misses, long loads, long failures, long stale, long evictions, int inFlight) {
    this.hits = hits;
    this.misses = misses;
    this.loads = loads;
    this.failures = failures;
    this.stale = stale;
    this.evictions = evictions;
    this.inFlight = inFlight;
  }

  /** Makes the counts, for a {@link SecretManager} of one's own. */
  public static CacheStats of(
      long hits, long misses, long loads, long failures, long stale, long evictions, int inFlight) {
    return new CacheStats(hits, misses, loads, failures, stale, evictions, inFlight);
  }

  /** Names answered without asking the backend, absences and stale values included. */
  public long hits() {
    return hits;
  }

  /**
   * Names that were not: {@code hits + misses} is the number of names read. A name that one read
   * asks for twice may count twice.
   */
  public long misses() {
    return misses;
  }

  /**
   * Calls to the backend, each for one name or for several of a vault; readers that wait for one
   * call make one load, and so do readers of several secrets whose calls were joined.
   */
  public long loads() {
    return loads;
  }

  /** Names for which a call to the backend brought neither a value nor its absence. */
  public long failures() {
    return failures;
  }

  /** Reads that were answered with a stale value. */
  public long stale() {
    return stale;
  }

  /** Values that the cache dropped because of their age, or to keep its bounds. */
  public long evictions() {
    return evictions;
  }

  /** Names that are being loaded at this moment. */
  public int inFlight() {
    return inFlight;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheStats that
        && hits == that.hits
        && misses == that.misses
        && loads == that.loads
        && failures == that.failures
        && stale == that.stale
        && evictions == that.evictions
        && inFlight == that.inFlight;
  }

  @Override
  public int hashCode() {
    return Objects.hash(hits, misses, loads, failures, stale, evictions, inFlight);
  }

  /** Returns all of it: nothing in here is secret. */
  @Override
  public String toString() {
    return "CacheStats[hits=" + hits + ", misses=" + misses + ", loads=" + loads + ", failures="
        + failures + ", stale=" + stale + ", evictions=" + evictions + ", inFlight=" + inFlight
        + "]";
  }
}
