package tech.tailor.secretmanager;

/**
 * What a manager's cache has done since it was opened. Each count is exact once the manager is
 * idle; under load the counts are read one after the other, and so may be of slightly different
 * moments.
 *
 * @param hits names answered without asking the backend, absences and stale values included
 * @param misses names that were not: {@code hits + misses} is the number of names read. A name that
 *     one read asks for twice may count twice
 * @param loads calls to the backend, each for one name or for several of a vault; readers that wait
 *     for one call make one load, and so do readers of several secrets whose calls were joined
 * @param failures names for which a call to the backend brought neither a value nor its absence
 * @param stale reads that were answered with a stale value
 * @param evictions values that the cache dropped because of their age, or to keep its bounds
 * @param inFlight names that are being loaded at this moment
 */
public record CacheStats(
    long hits, long misses, long loads, long failures, long stale, long evictions, int inFlight) {}
