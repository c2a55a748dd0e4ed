package tech.tailor.secretmanager.integration.soak;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.CacheStats;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Minutes of everything at once: reads of each kind, rotation, outages, denials, deletions,
 * eviction, refresh, invalidation, and managers that are closed and opened again. What the JVM
 * holds stays flat, and each error has its reason. How long is the system property
 * {@code soak.minutes}.
 */
@Tag("deep")
class SoakTest {

  private static final long MINUTES_IN_ALL = Long.getLong("soak.minutes", 10);
  private static final int SAMPLES = 120;
  private static final int WORKERS = 4;

  /**
   * How many times faster than real time the ticker runs: minutes of a life or pause take seconds.
   */
  private static final long SPEED = 100;

  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(60);
  private static final Duration MAX_STALE = Duration.ofSeconds(120);

  /** The longest pause after a failure, 64 s of the ticker, is over by then. */
  private static final long AFTERMATH_NANOS = SECONDS.toNanos(2);

  private static final List<String> NAMES =
      IntStream.range(0, 200).mapToObj(i -> "secret-" + i).toList();

  private static final List<String> PAIR = List.of("secret-1", "secret-2");

  private final Weather outages = new Weather();
  private final Weather denials = new Weather();
  private final Weather deletions = new Weather();
  private final AtomicLong rotations = new AtomicLong();
  private final AtomicBoolean done = new AtomicBoolean();
  private final ConcurrentSkipListMap<String, AtomicLong> events = new ConcurrentSkipListMap<>();
  private final Queue<String> unexplained = new ConcurrentLinkedQueue<>();
  private final AtomicLong calls = new AtomicLong();
  private final SecretBackend backend = new SecretBackend() {
    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      calls.incrementAndGet();
      long rotation = rotations.get(); // one for all that are asked for together
      return names.stream().collect(Collectors.toMap(name -> name, name -> answer(name, rotation)));
    }

    @Override
    public void close() {}
  };
  private volatile SecretManager manager = open();

  @Test
  void minutesOfMixedLoad_leaveEverythingFlat_andNoErrorUnexplained() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WORKERS + 1);
    ResourceSamples samples = new ResourceSamples();
    List<Future<?>> running = new ArrayList<>();
    running.add(threads.submit(this::makeWeather));
    for (int worker = 0; worker < WORKERS; worker++) {
      Random random = new Random(worker);
      running.add(threads.submit(() -> {
        while (!done.get()) {
          work(random);
          LockSupport.parkNanos(50_000); // an application does other things too
        }
        return null;
      }));
    }
    try {
      long pauseMillis = MINUTES.toMillis(MINUTES_IN_ALL) / SAMPLES;
      for (int i = 0; i < SAMPLES; i++) {
        MILLISECONDS.sleep(pauseMillis);
        samples.sample();
      }
    } finally {
      done.set(true);
      threads.shutdown();
    }
    for (Future<?> each : running) {
      each.get(1, MINUTES);
    }
    count(manager.cacheStats());
    manager.close();
    System.out.printf(
        "soak of %d min: %,d rotations, %,d calls, %s%n%s%n%d unexplained%n",
        MINUTES_IN_ALL, rotations.get(), calls.get(), events, samples, unexplained.size());

    assertThat(unexplained).isEmpty();
    samples.requireFlat();
    assertThat(events)
        .as("all of it happened")
        .containsKeys(
            "read",
            "lent",
            "batch",
            "async",
            "together",
            "handle",
            "rejected",
            "told",
            "refreshed",
            "invalidated",
            "invalidated all",
            "stale",
            "unavailable",
            "denied",
            "missing",
            "reopened",
            "evictions");
  }

  private SecretOutcome answer(String name, long rotation) {
    if (outages.isBad()) {
      return new SecretOutcome.Failed(new SecretUnavailableException("down"));
    }
    if (denials.isBad()) {
      return new SecretOutcome.Failed(new SecretAccessDeniedException("denied"));
    }
    return deletions.isBad() || name.endsWith("9")
        ? new SecretOutcome.Missing(Missing.SECRET)
        : new SecretOutcome.Found(SecretValue.of(text(name, rotation)));
  }

  /** Rotation all the time; now and then an outage, a denial, a deletion, another manager. */
  private Void makeWeather() throws InterruptedException {
    for (int turn = 1; !done.get(); turn++) {
      MILLISECONDS.sleep(5);
      rotations.incrementAndGet();
      if (turn % 1_000 == 0) {
        outages.bad(MILLISECONDS.toNanos(2_500)); // longer than a value may be served
      } else if (turn % 1_000 == 300 || turn % 1_000 == 400) {
        outages.bad(MILLISECONDS.toNanos(300));
      } else if (turn % 1_000 == 500) {
        denials.bad(MILLISECONDS.toNanos(100));
      } else if (turn % 1_000 == 700) {
        deletions.bad(MILLISECONDS.toNanos(100));
      } else if (turn % 1_000 == 850) {
        manager.invalidateAll();
        count("invalidated all", 1);
      } else if (turn % 250 == 0) {
        SecretManager old = manager;
        manager = open();
        count(old.cacheStats());
        old.close();
        count("reopened", 1);
      }
    }
    return null;
  }

  private void work(Random random) {
    SecretManager own = manager;
    long begun = System.nanoTime();
    String name = anyName(random);
    SecretRef ref = SecretRef.of("default", name);
    try {
      int kind = random.nextInt(1_000);
      if (kind < 50) {
        together(own, begun);
      } else if (kind < 100) {
        own.handle(ref).with(value -> check("handle", name, value));
      } else if (kind < 150) {
        own.withSecret(
            ref,
            value -> {
              check("rejected", name, value);
              if (random.nextInt(10) == 0) {
                throw new RejectedException();
              }
              return null;
            },
            e -> e instanceof RejectedException);
      } else if (kind < 450) {
        own.getSecret(ref)
            .ifPresentOrElse(
                value -> checkAndClose("read", name, value), () -> missing(name, begun));
      } else if (kind < 700) {
        own.withSecret(ref, value -> check("lent", name, value));
      } else if (kind < 850) {
        batch(own, random, begun);
      } else if (kind < 990) {
        checkAndClose("async", name, await(own, ref));
      } else if (kind < 998) {
        own.refresh(ref);
        count("refreshed", 1);
      } else {
        own.invalidate(ref);
        count("invalidated", 1);
      }
    } catch (Throwable e) {
      failed(own, name, e, begun);
    }
  }

  /** Some are read often and stay in the cache, others are evicted. */
  private static String anyName(Random random) {
    double skewed = Math.pow(random.nextDouble(), 3);
    return NAMES.get((int) (skewed * NAMES.size()));
  }

  private void batch(SecretManager own, Random random, long begun) {
    List<String> names =
        Stream.generate(() -> anyName(random)).limit(5).distinct().toList();
    try (SecretBundle bundle = own.getSecrets("default", names)) {
      for (String name : names) {
        SecretManagerException failure = bundle.failures().get(name);
        if (failure != null) {
          failed(own, name, failure, begun);
        } else {
          bundle
              .get(name)
              .ifPresentOrElse(value -> check("batch", name, value), () -> missing(name, begun));
        }
      }
    }
  }

  /** A pair that must be of one rotation. */
  private void together(SecretManager own, long begun) {
    try (SecretBundle bundle = own.getSecretsTogether("default", PAIR)) {
      Set<String> rotationsOfPair = new HashSet<>();
      for (String name : PAIR) {
        bundle
            .get(name)
            .ifPresentOrElse(
                value -> {
                  String text = (String) check("together", name, value);
                  rotationsOfPair.add(text.substring(text.lastIndexOf('#')));
                },
                () -> missing(name, begun));
      }
      if (rotationsOfPair.size() > 1) {
        unexplained("a pair of two rotations");
      }
    }
  }

  private static SecretValue await(SecretManager own, SecretRef ref) throws Throwable {
    try {
      return own.requireSecretAsync(ref).get(1, MINUTES);
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private void checkAndClose(String kind, String name, SecretValue value) {
    try (value) {
      check(kind, name, value);
    }
  }

  /** Whole, of this name, of a rotation that there was, and no staler than it may be. */
  private Object check(String kind, String name, SecretValue value) {
    String text = value.revealString();
    long rotation = Long.parseLong(text.substring(text.lastIndexOf('#') + 1));
    if (!text.equals(text(name, rotation)) || rotation > rotations.get()) {
      unexplained("a value that never was, of " + name);
    }
    if (value.freshness() instanceof Freshness.Stale stale) {
      count("stale", 1);
      if (stale.age().compareTo(TIME_TO_LIVE.plus(MAX_STALE)) >= 0) {
        unexplained("a value of age " + stale.age());
      }
    }
    count(kind, 1);
    return text;
  }

  private void missing(String name, long begun) {
    count("missing", 1);
    if (!name.endsWith("9") && !deletions.explains(begun)) {
      unexplained(name + " was missing");
    }
  }

  private void failed(SecretManager own, String name, Throwable e, long begun) {
    if (e instanceof SecretUnavailableException && (outages.explains(begun) || own != manager)) {
      count("unavailable", 1);
    } else if (e instanceof SecretAccessDeniedException && denials.explains(begun)) {
      count("denied", 1);
    } else if (e instanceof SecretNotFoundException) {
      missing(name, begun);
    } else if (e instanceof RejectedException) {
      count("rejected for good", 1); // the value stayed the same
    } else if (e instanceof IllegalStateException && own != manager) {
      count("closed", 1);
    } else {
      unexplained(name + ": " + e);
    }
  }

  private SecretManager open() {
    return SecretManagers.builder(backend)
        .keepBackendOpen()
        .timeToLive(TIME_TO_LIVE)
        .maxStale(MAX_STALE)
        .negativeTimeToLive(Duration.ofSeconds(10))
        .maximumEntries(120)
        .maximumBytes(64 << 10)
        .rejectionTimeout(Duration.ZERO)
        .listener(new SecretListener() {
          @Override
          public void onRefreshed(SecretRef ref, SecretMetadata previous, SecretMetadata current) {
            count("told", 1);
          }
        })
        .ticker(() -> System.nanoTime() * SPEED)
        .build();
  }

  private void count(CacheStats stats) {
    Map.of("hits", stats.hits(), "loads", stats.loads(), "evictions", stats.evictions())
        .forEach(this::count);
  }

  private void count(String event, long times) {
    if (times > 0) {
      events.computeIfAbsent(event, key -> new AtomicLong()).addAndGet(times);
    }
  }

  private void unexplained(String what) {
    if (unexplained.size() < 100) {
      unexplained.add(what);
    }
  }

  /** Of half of the names it is so small that it lies in a block of memory with others. */
  private static String text(String name, long rotation) {
    return name + "#".repeat(name.hashCode() % 2 == 0 ? 600 : 20) + rotation;
  }

  /** What a use throws to whom the value is not good enough. */
  private static final class RejectedException extends RuntimeException {

    private static final long serialVersionUID = 1;
  }

  /** Times that are bad, and the moment when the last one ended. */
  private static final class Weather {

    private volatile long badUntil = System.nanoTime() - MINUTES.toNanos(1);

    private void bad(long nanos) {
      badUntil = System.nanoTime() + nanos;
    }

    private boolean isBad() {
      return System.nanoTime() - badUntil < 0;
    }

    /** Whether it was bad after the given moment, or shortly before. */
    private boolean explains(long begun) {
      return badUntil - (begun - AFTERMATH_NANOS) > 0;
    }
  }
}
