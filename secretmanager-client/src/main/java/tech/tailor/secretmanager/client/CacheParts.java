package tech.tailor.secretmanager.client;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What the operations on one cache share.
 *
 * @param cached the entries
 * @param answers what can be answered from the entries
 * @param recorder asks the backend and keeps its answers
 * @param loads the loads under way
 * @param calls how the backend is called
 * @param nestedCalls how it is called by a thread that is inside a call already
 * @param counters count hits and misses
 * @param ticker the time in nanoseconds that lives are measured with
 * @param fetchTimeout how long a reader waits
 */
record CacheParts(
    CachedSecrets cached,
    CachedAnswers answers,
    AnswerRecorder recorder,
    InFlightLoads loads,
    BackendCalls calls,
    BackendCalls nestedCalls,
    CacheCounters counters,
    LongSupplier ticker,
    Duration fetchTimeout) {}
