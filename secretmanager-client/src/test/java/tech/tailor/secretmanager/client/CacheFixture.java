package tech.tailor.secretmanager.client;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Opens caches with the settings of a {@link SecretManagers.Builder} and its defaults, except that
 * calls may take a minute and that nothing wipes expired values where there is no traffic. Not
 * thread-safe.
 */
final class CacheFixture {

  private final SecretManagers.Builder builder =
      SecretManagers.builder(new NoBackend()).fetchTimeout(Duration.ofMinutes(1));
  private Scheduler scheduler = Scheduler.disabledScheduler();
  private Executor executor;
  private boolean direct;

  CacheFixture withTimeToLive(Duration duration) {
    builder.timeToLive(duration);
    return this;
  }

  CacheFixture withTimeToLive(SecretRef ref, Duration duration) {
    builder.timeToLive(ref, duration);
    return this;
  }

  CacheFixture withNegativeTimeToLive(Duration duration) {
    builder.negativeTimeToLive(duration);
    return this;
  }

  CacheFixture withMaxStale(Duration duration) {
    builder.maxStale(duration);
    return this;
  }

  CacheFixture withFetchTimeout(Duration duration) {
    builder.fetchTimeout(duration);
    return this;
  }

  CacheFixture withRefreshAhead(Duration duration) {
    builder.refreshAhead(duration);
    return this;
  }

  CacheFixture withMaximumEntries(int count) {
    builder.maximumEntries(count);
    return this;
  }

  CacheFixture withMaximumBytes(int bytes) {
    builder.maximumBytes(bytes);
    return this;
  }

  CacheFixture withTicker(LongSupplier nanos) {
    builder.ticker(nanos);
    return this;
  }

  CacheFixture withJitter(DoubleSupplier numbers) {
    builder.jitter(numbers);
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

  CacheSettings settings() {
    return builder.settings(scheduler);
  }

  SecretCache open(SecretBackend backend) {
    CacheSettings settings = settings();
    ManagerExecutors executors = new ManagerExecutors(executor);
    GuardedBackend guarded = new GuardedBackend(backend);
    BackendCalls calls = direct
        ? new DirectCalls(guarded, settings.fetchTimeout(), settings.ticker())
        : new CallScheduler(guarded::fetch, executors.calls());
    return new SecretCache(
        guarded, calls, settings, new Listeners(List.of(), executors), executors);
  }

  /** Never asked: the backend is given when a cache is opened. */
  private static final class NoBackend implements SecretBackend {

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      throw new AssertionError("asked for " + names);
    }

    @Override
    public void close() {}
  }
}
