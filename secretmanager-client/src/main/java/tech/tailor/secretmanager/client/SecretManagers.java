package tech.tailor.secretmanager.client;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretVerificationException;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Factory of {@link SecretManager}s, each of which is a cache in front of a backend.
 *
 * <p>The cache keeps a value for its time to live, in one place outside the Java heap. It wipes the
 * value on removal, whatever the cause: expiry, size, replacement, denial, deletion, close. Past
 * its time to live it keeps a value for another {@code maxStale}, to answer while the backend is
 * unavailable; so an idle value stays in memory for the sum of the two.
 */
public final class SecretManagers {

  private SecretManagers() {}

  /**
   * Opens a manager with the default settings. It owns the backend: closing the manager closes the
   * backend.
   */
  public static SecretManager open(SecretBackend backend) {
    return builder(backend).build();
  }

  /**
   * Opens a manager with the default settings over the store that the environment names. It owns
   * the store. {@code TAILOR_SECRETMANAGER_URL} is one of
   *
   * <ul>
   *   <li>{@code file:} and the directory of a {@code FileSecretStore}, such as
   *       {@code file:/var/lib/my-app/secrets}; {@code TAILOR_SECRETMANAGER_KEY_FILE} names the
   *       file of its key, or a descriptor such as {@code fd:3}; without a file,
   *       {@code TAILOR_SECRETMANAGER_KEY} holds the key itself. Needs the artifact
   *       {@code secretmanager-file};
   *   <li>{@code https://…}, a server; {@code TAILOR_PLATFORM_TOKEN} holds the token for it, and
   *       {@code TAILOR_PLATFORM_WORKSPACE_ID} the workspace. {@code ?read=runtime-service} selects
   *       reads by its runtime service. Needs the artifact {@code secretmanager-http};
   *   <li>{@code memory:}, an empty store in memory;
   *   <li>an address of another {@link tech.tailor.secretmanager.spi.SecretStoreProvider}.
   * </ul>
   *
   * <p>If the variable isn't set, or is {@code tailor:}, secrets come from Tailor Platform, with
   * the variables and the configuration of Tailor's CLI
   * ({@code HttpSecretStore.Builder.environment}). Needs the artifact {@code secretmanager-http}.
   *
   * @throws IllegalArgumentException if a variable has an invalid value
   * @throws IllegalStateException if a variable or the artifact of the store is missing; the
   *     message says which
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be opened
   */
  public static SecretManager fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  /**
   * Opens a manager over the store that the given variables name, as {@link #fromEnvironment()}
   * does with the variables of the process. For tests, and for settings from other sources.
   *
   * @throws IllegalArgumentException if a variable has an invalid value
   * @throws IllegalStateException if a variable or the artifact of the store is missing; the
   *     message says which
   * @throws tech.tailor.secretmanager.SecretManagerException if the store can't be opened
   */
  public static SecretManager fromEnvironment(Map<String, String> environment) {
    return open(SecretStores.open(environment));
  }

  /** Returns a builder for a manager with other settings. */
  public static Builder builder(SecretBackend backend) {
    return new Builder(requireNonNull(backend, "backend"));
  }

  /** Builder of a manager. Each method checks its setting at once. Not thread-safe. */
  public static final class Builder {

    /** The longest setting of time: a longer one is more likely a mistaken unit than intended. */
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final Duration LONGEST_STALE = Duration.ofHours(24);

    private final SecretBackend backend;
    private boolean closesBackend = true;
    private boolean callsOnReadingThread;
    private Duration rejectionTimeout = Duration.ofSeconds(5);
    private Duration timeToLive = Duration.ofMinutes(5);
    private final Map<SecretRef, Duration> ownTimesToLive = new HashMap<>();
    private Duration negativeTimeToLive = Duration.ofSeconds(5);
    private Duration maxStale = Duration.ofHours(1);
    private Duration fetchTimeout = Duration.ofSeconds(10);
    private @Nullable Duration refreshAhead;
    private int maximumEntries = 10_000;
    private int maximumBytes = 32 << 20;
    private LongSupplier ticker = System::nanoTime;
    private DoubleSupplier jitter = () -> ThreadLocalRandom.current().nextDouble();
    private @Nullable Executor executor;
    private final Set<SecretRef> warm = new LinkedHashSet<>();
    private final List<SecretListener> listeners = new ArrayList<>();
    private final List<SecretDefinition> definitions = new ArrayList<>();

    private Builder(SecretBackend backend) {
      this.backend = backend;
    }

    /**
     * Sets how long a cached value answers reads before the backend is asked again. Zero asks at
     * every read. Default: 5 minutes.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder timeToLive(Duration duration) {
      this.timeToLive = requireInRange("timeToLive", duration, Duration.ZERO, LONGEST);
      return this;
    }

    /**
     * Sets the time to live of one secret, in place of the common one; for a secret that rotates
     * more often than the others, or hardly ever. For this secret, {@code refreshAhead} is limited
     * to this time.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder timeToLive(SecretRef ref, Duration duration) {
      requireNonNull(ref, "ref");
      ownTimesToLive.put(ref, requireInRange("timeToLive", duration, Duration.ZERO, LONGEST));
      return this;
    }

    /**
     * Sets how long the cache keeps the answer that a secret does not exist. It also limits the
     * back-off after failures where no value is cached: after a first failure the backend is not
     * asked again for 1 second, after the next for 2, then 4, each shortened at random by up to a
     * fifth. Meanwhile readers share the failure. Zero asks at every read. Default: 5 seconds.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder negativeTimeToLive(Duration duration) {
      this.negativeTimeToLive =
          requireInRange("negativeTimeToLive", duration, Duration.ZERO, LONGEST);
      return this;
    }

    /**
     * Sets how long past its time to live a value may answer, marked as stale, while the backend is
     * unavailable. Zero never serves a stale value, and wipes each value at the end of its time to
     * live. Default: 1 hour.
     *
     * @throws IllegalArgumentException if it is negative or longer than 24 hours
     */
    public Builder maxStale(Duration duration) {
      this.maxStale = requireInRange("maxStale", duration, Duration.ZERO, LONGEST_STALE);
      return this;
    }

    /**
     * Sets how long a read may take, counted from the caller's request. That includes waits for a
     * thread and for calls of other readers. After that the read fails, its call is given up, and
     * values that the call returns later are wiped. Default: 10 seconds.
     *
     * <p>Calls run on threads of the manager's own, so a backend that doesn't return holds up no
     * caller; see also {@link #callsOnReadingThread()}. At most 128 calls of one vault are under
     * way at once, 8 of them for single secrets. Reads of single secrets beyond that wait, and are
     * merged with other waiting reads of the vault. So a vault that hangs delays no other vault.
     *
     * <p>Once a call on a reading thread has been under way for twice this time, no reader waits
     * for it any more: the next reader makes another call.
     *
     * @throws IllegalArgumentException if it is shorter than 1 millisecond or longer than 30 days
     */
    public Builder fetchTimeout(Duration duration) {
      this.fetchTimeout = requireInRange("fetchTimeout", duration, Duration.ofMillis(1), LONGEST);
      return this;
    }

    /**
     * Sets how long before the end of its time to live a value that is read is refreshed. The
     * refresh runs on another thread, while the cache keeps answering reads. Each value gets a
     * random moment in the first half of that span, so that values loaded together are not
     * refreshed together.
     *
     * <p>A refresh that fails is repeated after pauses of 1, 2, 4 … 64 seconds, each shortened at
     * random by up to a fifth. A value that is not read is not refreshed. Zero never refreshes
     * ahead; reads then wait for the backend when the time to live is over. Default: a fifth of the
     * time to live.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder refreshAhead(Duration duration) {
      this.refreshAhead = requireInRange("refreshAhead", duration, Duration.ZERO, LONGEST);
      return this;
    }

    /**
     * Sets how long {@code withSecret} with {@code isRejected} waits for another value after a use
     * was rejected. Zero asks the backend once, and doesn't wait. Default: 5 seconds.
     *
     * @throws IllegalArgumentException if it is negative or longer than 30 days
     */
    public Builder rejectionTimeout(Duration duration) {
      this.rejectionTimeout = requireInRange("rejectionTimeout", duration, Duration.ZERO, LONGEST);
      return this;
    }

    /**
     * Sets the most values that the cache holds. Default: 10,000.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumEntries(int count) {
      this.maximumEntries = requirePositive("maximumEntries", count);
      return this;
    }

    /**
     * Sets the most bytes of values that the cache holds. Every value counts with at least its
     * share, {@code maximumBytes / maximumEntries}, so that both bounds hold at once. The cache
     * does not keep a value larger than the whole bound, or one for which the JVM has no direct
     * memory left. Only the values' own sizes count; the last of several small values may keep a
     * block of 512 bytes. Default: 32 MiB.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumBytes(int bytes) {
      this.maximumBytes = requirePositive("maximumBytes", bytes);
      return this;
    }

    /**
     * Restricts reads to declared secrets. {@link #build()} then verifies that the required secrets
     * can be read, and that secrets with a declared shape have it. A declared time to live applies,
     * unless {@link #timeToLive(SecretRef, Duration)} sets another. Calls add up. Default: any
     * secret can be read.
     *
     * @throws IllegalArgumentException if no definition is given
     */
    public Builder declaredOnly(SecretDefinition... definitions) {
      List<SecretDefinition> added = List.of(requireNonNull(definitions, "definitions"));
      if (added.isEmpty()) {
        throw new IllegalArgumentException(
            "declaredOnly needs at least one definition; without any, nothing could be read");
      }
      this.definitions.addAll(added);
      return this;
    }

    /**
     * Refreshes secrets on schedule even if no thread reads them. This starts when the manager is
     * opened, and does not delay opening it. Reads of these secrets are then answered from the
     * cache. A {@link SecretListener} learns of a change without a reader, at the latest when the
     * time to live is over, or when the backend can be read again.
     *
     * <p>A secret is refreshed as if it were read all the time; see {@link #refreshAhead}. A
     * missing secret is asked for again after {@code negativeTimeToLive}, one that can't be cached
     * every second. With {@link #declaredOnly}, only declared secrets can be kept warm. Calls add
     * up. Default: only secrets that are read are refreshed.
     */
    public Builder keepWarm(SecretRef... refs) {
      for (SecretRef ref : requireNonNull(refs, "refs")) {
        warm.add(requireNonNull(ref, "ref"));
      }
      return this;
    }

    /** Keeps all secrets of the definitions warm; see {@link #keepWarm(SecretRef...)}. */
    public Builder keepWarm(SecretDefinition... definitions) {
      for (SecretDefinition definition : requireNonNull(definitions, "definitions")) {
        requireNonNull(definition, "definition")
            .secrets()
            .forEach(secret -> warm.add(secret.ref()));
      }
      return this;
    }

    /** Adds a listener to the events of the cache. Calls add up. Default: no listener. */
    public Builder listener(SecretListener listener) {
      listeners.add(requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Sets the executor that runs code of the application: actions attached to the futures of
     * asynchronous reads that were not answered from the cache, the uses of
     * {@code withSecretAsync}, and listeners. The caller shuts it down, after the manager.
     *
     * <p>It should not be a bounded pool whose threads wait for further reads of the same manager.
     * A future that the executor does not complete within {@code fetchTimeout} of the request is
     * completed on a thread of the manager's. Default: daemon threads of the manager's own, as many
     * as there are blocked callbacks; they inherit no thread-locals and have no context class
     * loader.
     */
    public Builder executor(Executor executor) {
      this.executor = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets the clock that measures times to live and staleness, in nanoseconds from any origin.
     * Tests advance it by hand. Default: {@link System#nanoTime()}, which no change of the wall
     * clock moves.
     */
    public Builder ticker(LongSupplier nanos) {
      this.ticker = requireNonNull(nanos, "nanos");
      return this;
    }

    /**
     * Sets the source of numbers from 0 to 1 that spread events which would otherwise happen at the
     * same moment: a refresh ahead of expiry, which at 0 is due when its span begins, and pauses
     * after failures, which at 0 have their full length. A number outside the range counts as 0 or
     * 1. Tests use a constant. Several threads ask the source, and it must not throw. Default:
     * random numbers.
     */
    public Builder jitter(DoubleSupplier numbers) {
      requireNonNull(numbers, "numbers");
      this.jitter = () -> {
        double number = numbers.getAsDouble();
        return number > 0 ? Math.min(1, number) : 0; // 0 for NaN
      };
      return this;
    }

    /**
     * Makes each call to the backend on the thread that reads, in place of threads of the manager's
     * own. Such a call can't be given up while it is under way: it holds up its reader for as long
     * as it takes. If that was longer than {@code fetchTimeout} by the {@link #ticker}, the values
     * are wiped and the read still fails. For backends that never wait, such as one in memory, and
     * for tests, which then run the same way each time. Default: threads of the manager's own.
     */
    public Builder callsOnReadingThread() {
      this.callsOnReadingThread = true;
      return this;
    }

    /**
     * Keeps the backend open when the manager closes; for a backend that several managers share.
     * Default: the manager closes it.
     */
    public Builder keepBackendOpen() {
      this.closesBackend = false;
      return this;
    }

    /**
     * Opens the manager. With {@link #declaredOnly} it reads all required secrets and those with a
     * declared shape, in one call for each vault, which also fills the cache.
     *
     * @throws IllegalArgumentException if {@code refreshAhead} is longer than {@code timeToLive},
     *     or {@code declaredOnly} is used and a secret to keep warm is not declared
     * @throws SecretVerificationException if a required secret can't be read, or a secret is not as
     *     declared: one exception for all of them, each with its description and what to do. The
     *     backend is closed then, unless {@link #keepBackendOpen()} was called
     */
    public SecretManager build() {
      if (refreshAhead != null && refreshAhead.compareTo(timeToLive) > 0) {
        throw new IllegalArgumentException("refreshAhead must not be longer than timeToLive, got "
            + refreshAhead + " and " + timeToLive);
      }
      Declarations declarations = new Declarations(definitions);
      for (SecretRef ref : warm) {
        if (declarations.refusal(ref) != null) {
          throw new IllegalArgumentException("keepWarm: the secret " + ref
              + " is not declared, and only declared secrets may be read");
        }
      }
      ManagerExecutors executors = new ManagerExecutors(executor);
      CacheSettings settings = settings(executors.expiry());
      GuardedBackend guarded = new GuardedBackend(backend);
      BackendCalls calls = callsOnReadingThread
          ? new DirectCalls(guarded, fetchTimeout, ticker)
          : new CallScheduler(guarded::fetch, executors.calls());
      Listeners told = new Listeners(listeners, executors);
      SecretCache cache = new SecretCache(guarded, calls, settings, told, executors);
      BackendSubscription subscription = new BackendSubscription(guarded, closesBackend);
      DefaultSecretManager manager = new DefaultSecretManager(
          cache, declarations, executors, rejectionTimeout, subscription::close);
      try {
        WarmSecrets warmSecrets = new WarmSecrets(warm, cache, executors);
        subscription.begin(cache, told, warmSecrets);
        declarations.verify(manager);
        warmSecrets.begin();
        return manager;
      } catch (Throwable e) { // an Error too must not leave the backend open
        closeAfter(e, manager);
        throw e;
      }
    }

    CacheSettings settings(Scheduler scheduler) {
      return new CacheSettings(
          timeToLive,
          new Declarations(definitions).timesToLive(ownTimesToLive),
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

    private static void closeAfter(Throwable failure, SecretManager manager) {
      try {
        manager.close();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }

    private static Duration requireInRange(
        String setting, Duration duration, Duration min, Duration max) {
      requireNonNull(duration, "duration");
      if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
        throw new IllegalArgumentException(
            setting + " must be between " + min + " and " + max + ", got " + duration);
      }
      return duration;
    }

    private static int requirePositive(String setting, int number) {
      if (number <= 0) {
        throw new IllegalArgumentException(setting + " must be positive, got " + number);
      }
      return number;
    }
  }
}
