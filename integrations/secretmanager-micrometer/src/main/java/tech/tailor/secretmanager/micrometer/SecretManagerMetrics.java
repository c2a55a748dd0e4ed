package tech.tailor.secretmanager.micrometer;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToLongFunction;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;

/**
 * What a {@link SecretManager} counts, as meters of Micrometer. No meter has the name of a secret
 * or a vault in a tag, so that there are as many series with ten thousand secrets as with one.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>kind</th><th>what</th></tr>
 *   <tr><td>{@code cache.gets}</td><td>counter, by {@code result}: {@code hit} or {@code miss}</td>
 *     <td>reads of secrets</td></tr>
 *   <tr><td>{@code cache.evictions}</td><td>counter</td>
 *     <td>values that were dropped for want of room or because their time was over</td></tr>
 *   <tr><td>{@code secretmanager.loads}</td><td>counter</td><td>calls to the backend</td></tr>
 *   <tr><td>{@code secretmanager.load.failures}</td><td>counter</td>
 *     <td>secrets that a call was to bring, and did not for an error</td></tr>
 *   <tr><td>{@code secretmanager.stale}</td><td>counter</td><td>answers with a stale value</td></tr>
 *   <tr><td>{@code secretmanager.loads.active}</td><td>gauge</td>
 *     <td>secrets that are being loaded now</td></tr>
 *   <tr><td>{@code secretmanager.load.duration}</td><td>timer, by {@code result}: {@code success} or
 *     {@code failure}; with {@link #loadTimer} alone</td><td>how long calls take</td></tr>
 * </table>
 *
 * <p>All have the tag {@code cache} with the name given, which one registry takes once. After the
 * manager is closed they stay at what was last asked for. Thread-safe.
 */
public final class SecretManagerMetrics implements MeterBinder {

  private final SecretManager manager;
  private final Tags tags;
  private volatile CacheStats last = CacheStats.of(0, 0, 0, 0, 0, 0, 0);

  private SecretManagerMetrics(SecretManager manager, String name) {
    this.manager = manager;
    this.tags = tags(name);
  }

  /**
   * Returns the metrics of a manager, to be bound to a registry.
   *
   * @param name tells managers apart: the value of the tag {@code cache}
   */
  public static SecretManagerMetrics of(SecretManager manager, String name) {
    return new SecretManagerMetrics(requireNonNull(manager, "manager"), name);
  }

  /**
   * Returns a listener for the manager's builder that records how long its calls to the backend
   * take. A call is a failure if it failed for any of its secrets.
   *
   * @param name as for {@link #of}
   */
  public static SecretListener loadTimer(MeterRegistry registry, String name) {
    requireNonNull(registry, "registry");
    Tags tags = tags(name);
    Timer success = timer(tags.and("result", "success")).register(registry);
    Timer failure = timer(tags.and("result", "failure")).register(registry);
    return new SecretListener() {
      @Override
      public void onLoadCompleted(LoadEvent event) {
        (isFailure(event) ? failure : success).record(event.duration());
      }
    };
  }

  private static Timer.Builder timer(Tags tags) {
    return Timer.builder("secretmanager.load.duration")
        .description("How long calls to the backend take")
        .tags(tags);
  }

  private static boolean isFailure(LoadEvent event) {
    return event.results().values().stream()
        .anyMatch(result -> result != LoadEvent.Result.FOUND && result != LoadEvent.Result.MISSING);
  }

  private static Tags tags(String name) {
    return Tags.of("cache", requireNonNull(name, "name"));
  }

  /** Registers the meters. They keep the manager reachable as long as the registry is. */
  @Override
  public void bindTo(MeterRegistry registry) {
    requireNonNull(registry, "registry");
    counter("cache.gets", "Reads of secrets", CacheStats::hits)
        .tag("result", "hit")
        .register(registry);
    counter("cache.gets", "Reads of secrets", CacheStats::misses)
        .tag("result", "miss")
        .register(registry);
    counter("cache.evictions", "Values that were dropped", CacheStats::evictions)
        .register(registry);
    counter("secretmanager.loads", "Calls to the backend", CacheStats::loads).register(registry);
    counter("secretmanager.load.failures", "Secrets that failed to load", CacheStats::failures)
        .register(registry);
    counter("secretmanager.stale", "Answers with a stale value", CacheStats::stale)
        .register(registry);
    Gauge.builder("secretmanager.loads.active", () -> stats().inFlight())
        .description("Secrets that are being loaded")
        .tags(tags)
        .register(registry);
  }

  private FunctionCounter.Builder<SecretManager> counter(
      String name, String description, ToLongFunction<CacheStats> count) {
    return FunctionCounter.builder(name, manager, unused -> count.applyAsLong(stats()))
        .description(description)
        .tags(tags);
  }

  private CacheStats stats() {
    try {
      last = manager.cacheStats();
    } catch (IllegalStateException e) { // closed: an exception would end the scrape of all meters
      CacheStats before = last;
      return CacheStats.of(
          before.hits(),
          before.misses(),
          before.loads(),
          before.failures(),
          before.stale(),
          before.evictions(),
          0);
    }
    return last;
  }
}
