package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Opens caches as {@link SecretManagers} does, with the same defaults, except that nothing wipes
 * expired values where there is no traffic. Not thread-safe.
 */
final class CacheFixture {

  private Duration timeToLive = Duration.ofMinutes(5);
  private final Map<SecretRef, Duration> ownTimesToLive = new HashMap<>();
  private Duration negativeTimeToLive = Duration.ofSeconds(5);
  private Duration maxStale = Duration.ofHours(1);
  private Duration fetchTimeout = Duration.ofMinutes(1);
  private Duration refreshAhead;
  private int maximumEntries = 10_000;
  private int maximumBytes = 32 << 20;
  private LongSupplier ticker = System::nanoTime;
  private DoubleSupplier jitter = () -> ThreadLocalRandom.current().nextDouble();
  private Scheduler scheduler = Scheduler.disabledScheduler();
  private Executor executor;
  private boolean direct;
  private List<SecretListener> listeners = List.of();

  CacheFixture withTimeToLive(Duration duration) {
    timeToLive = duration;
    return this;
  }

  CacheFixture withTimeToLive(SecretRef ref, Duration duration) {
    ownTimesToLive.put(ref, duration);
    return this;
  }

  CacheFixture withNegativeTimeToLive(Duration duration) {
    negativeTimeToLive = duration;
    return this;
  }

  CacheFixture withMaxStale(Duration duration) {
    maxStale = duration;
    return this;
  }

  CacheFixture withFetchTimeout(Duration duration) {
    fetchTimeout = duration;
    return this;
  }

  CacheFixture withRefreshAhead(Duration duration) {
    refreshAhead = duration;
    return this;
  }

  CacheFixture withMaximumEntries(int count) {
    maximumEntries = count;
    return this;
  }

  CacheFixture withMaximumBytes(int bytes) {
    maximumBytes = bytes;
    return this;
  }

  CacheFixture withTicker(LongSupplier nanos) {
    ticker = nanos;
    return this;
  }

  CacheFixture withJitter(DoubleSupplier numbers) {
    jitter = numbers;
    return this;
  }

  CacheFixture withScheduler(Scheduler other) {
    scheduler = other;
    return this;
  }

  /** Runs user code on the executor. */
  CacheFixture withExecutor(Executor other) {
    executor = other;
    return this;
  }

  /** Makes calls to the backend on the reading thread, and refreshes on the executor. */
  CacheFixture withCallsOnReadingThread() {
    direct = true;
    return this;
  }

  CacheFixture withListener(SecretListener listener) {
    listeners = List.of(listener);
    return this;
  }

  CacheSettings settings() {
    return new CacheSettings(
        timeToLive,
        ownTimesToLive,
        negativeTimeToLive,
        maxStale,
        fetchTimeout,
        refreshAhead,
        maximumEntries,
        maximumBytes,
        ticker,
        jitter,
        scheduler);
  }

  SecretCache open(SecretBackend backend) {
    ManagerExecutors executors = new ManagerExecutors(executor);
    GuardedBackend guarded = new GuardedBackend(backend);
    BackendCalls calls = direct
        ? new DirectCalls(guarded, fetchTimeout, ticker)
        : new CallScheduler(guarded::fetch, executors.calls());
    return new SecretCache(
        guarded, calls, settings(), new Listeners(listeners, executors), executors);
  }
}
