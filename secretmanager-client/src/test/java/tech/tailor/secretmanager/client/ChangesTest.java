package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretDefinition;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

/** Changes, loads and outages that are reported, with a reader and without one. */
@Timeout(60)
class ChangesTest {

  private static final SecretRef ONE = SecretRef.of("default", "one");
  private static final SecretRef TWO = SecretRef.of("default", "two");

  private final StubBackend backend =
      new StubBackend().with("one", "canary-1").with("two", "canary-2");
  private final BlockingQueue<SecretRef> changed = new LinkedBlockingQueue<>();
  private final BlockingQueue<LoadEvent> loads = new LinkedBlockingQueue<>();
  private final SecretListener listener = new SecretListener() {
    @Override
    public void onChanged(SecretRef ref) {
      changed.add(ref);
    }

    @Override
    public void onLoadCompleted(LoadEvent event) {
      loads.add(event);
    }
  };
  private SecretManager manager;

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void refreshThatFindsAnotherValue_isAChange_andOneThatFindsTheSame_isNone() throws Exception {
    manager = SecretManagers.builder(backend).listener(listener).build();
    long beganNanos = System.nanoTime();
    manager.requireSecret(ONE).close();
    manager.refresh(ONE);
    backend.with("one", "canary-3");
    manager.refresh(ONE);
    Duration all = Duration.ofNanos(System.nanoTime() - beganNanos);

    assertThat(changed.poll(30, SECONDS)).isEqualTo(ONE);
    for (int i = 0; i < 3; i++) {
      LoadEvent load = loads.poll(30, SECONDS);
      assertThat(load.results()).containsExactly(Map.entry("one", LoadEvent.Result.FOUND));
      assertThat(load.duration()).isBetween(Duration.ZERO, all);
    }
    assertThat(changed).isEmpty();
  }

  @Test
  void changeOfAWarmSecret_isReported_thoughNobodyReads() throws Exception {
    manager = SecretManagers.builder(backend)
        .timeToLive(Duration.ofSeconds(2))
        .keepWarm(ONE)
        .keepWarm(SecretDefinition.defineSecret("default").secret("two", "").build())
        .listener(listener)
        .build();
    assertThat(loads.poll(30, SECONDS).results().keySet()).containsExactly("one", "two");
    backend.with("two", "canary-4");

    assertThat(changed.poll(30, SECONDS)).isEqualTo(TWO);
    assertThat(manager.cacheStats().misses()).as("nobody reads").isZero();
    int calls = backend.calls();
    manager.requireSecret(TWO).close();
    assertThat(manager.cacheStats().hits()).isEqualTo(1);
    GatedCalls.await(() -> backend.calls() > calls); // it goes on
  }

  /** Each value is gone when the next one comes, so that nobody can compare them. */
  @Test
  void changeOfAWarmSecret_isReported_thoughItsValueHasExpired() throws Exception {
    manager = SecretManagers.builder(backend)
        .timeToLive(Duration.ofMillis(200))
        .maxStale(Duration.ZERO)
        .refreshAhead(Duration.ZERO)
        .keepWarm(ONE)
        .listener(listener)
        .build();
    loads.poll(30, SECONDS);
    backend.with("one", "canary-8");

    assertThat(changed.poll(30, SECONDS)).isEqualTo(ONE);
  }

  @Test
  void warmSecretThatIsMissing_isAskedForAgain_andFoundWhenItIsThere() throws Exception {
    manager = SecretManagers.builder(backend)
        .negativeTimeToLive(Duration.ofMillis(200))
        .keepWarm(SecretRef.of("default", "later"))
        .listener(listener)
        .build();
    assertThat(loads.poll(30, SECONDS).results().values())
        .containsExactly(LoadEvent.Result.MISSING);
    backend.with("later", "canary-5");
    LoadEvent.Result result = LoadEvent.Result.MISSING;
    while (result == LoadEvent.Result.MISSING) {
      result = loads.poll(30, SECONDS).results().get("later");
    }

    assertThat(result).isEqualTo(LoadEvent.Result.FOUND);
  }

  @Test
  void warmSecrets_endWithTheManager() throws Exception {
    manager = SecretManagers.builder(backend)
        .timeToLive(Duration.ofMillis(100))
        .keepWarm(ONE)
        .keepBackendOpen()
        .build();
    GatedCalls.await(() -> backend.calls() > 2);
    manager.close();
    int calls = backend.calls();
    Thread.sleep(1_000);

    assertThat(backend.calls()).as("one may be under way").isBetween(calls, calls + 1);
  }

  /** A listener that reads when told of a change never gets the old value. */
  @Test
  void listenerThatReads_getsTheNewValue() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    AtomicReference<SecretManager> reading = new AtomicReference<>();
    manager = SecretManagers.builder(backend)
        .listener(new SecretListener() {
          @Override
          public void onChanged(SecretRef ref) {
            seen.add(reading.get().withSecret(ref, SecretValue::revealString));
          }
        })
        .build();
    reading.set(manager);
    for (int i = 0; i < 500; i++) {
      backend.with("one", "canary-" + i);
      manager.refresh(ONE);
      manager.requireSecret(ONE).close();
      if (i > 0) {
        assertThat(seen.poll(30, SECONDS)).isEqualTo("canary-" + i);
      }
    }
  }

  @Test
  void undeclaredSecret_isNotKeptWarm() {
    SecretManagers.Builder builder = SecretManagers.builder(backend)
        .declaredOnly(SecretDefinition.defineSecret("default").secret("one", "").build())
        .keepWarm(TWO);
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("keepWarm: the secret default/two is not declared");
    manager = SecretManagers.open(backend);
  }

  @Test
  void loads_tellHowTheyEndedForEachSecret() throws Exception {
    manager = SecretManagers.builder(backend).listener(listener).build();
    backend
        .failing("two", new SecretAccessDeniedException("denied"))
        .failing("late", new SecretTimeoutException("late"))
        .failing("down", new SecretUnavailableException("down"));
    manager.getSecrets("default", List.of("one", "two", "none", "late", "down")).close();
    LoadEvent event = loads.poll(30, SECONDS);

    assertThat(event.vault()).isEqualTo("default");
    assertThat(event.duration()).isPositive();
    assertThat(event.results())
        .containsEntry("one", LoadEvent.Result.FOUND)
        .containsEntry("two", LoadEvent.Result.DENIED)
        .containsEntry("none", LoadEvent.Result.MISSING)
        .containsEntry("late", LoadEvent.Result.TIMED_OUT)
        .containsEntry("down", LoadEvent.Result.FAILED);
    assertThat(event).asString().doesNotContain("canary");
  }

  @Test
  void outageOfAVault_isLoggedOnceWhenItBegins_andOnceWhenItEnds() {
    List<LogRecord> logged = logOf(() -> {
      AtomicLong nanos = outage();
      backend.with("one", "canary-6").with("two", "canary-7");
      nanos.addAndGet(Duration.ofMinutes(2).toNanos());
      manager.requireSecret(ONE).close();
      manager.requireSecret(TWO).close();
    });

    assertThat(logged).extracting(LogRecord::getLevel).containsExactly(Level.WARNING, Level.INFO);
    assertThat(logged)
        .allSatisfy(record ->
            assertThat(record.getMessage()).contains("the vault default").doesNotContain("canary"));
  }

  /** Values that are dropped are not served any more, whatever drops them. */
  @Test
  void nextOutageOfAVault_isLoggedToo_afterTheStaleValuesWereDropped() {
    List<Consumer<AtomicLong>> drops = List.of(
        nanos -> manager.invalidateAll(),
        nanos -> {
          manager.invalidate(ONE);
          manager.invalidate(TWO);
        },
        nanos -> { // over by itself
          nanos.addAndGet(Duration.ofDays(2).toNanos());
          assertThatExceptionOfType(SecretUnavailableException.class)
              .isThrownBy(() -> manager.requireSecret(ONE));
          assertThatExceptionOfType(SecretUnavailableException.class)
              .isThrownBy(() -> manager.requireSecret(TWO));
        });
    for (Consumer<AtomicLong> drop : drops) {
      assertThat(logOf(() -> drop.accept(outage())))
          .extracting(LogRecord::getLevel)
          .containsExactly(Level.WARNING, Level.INFO);
      manager.close();
    }
  }

  /** Both secrets are cached, and served stale for 20 minutes. Returns the clock. */
  private AtomicLong outage() {
    AtomicLong nanos = new AtomicLong();
    backend.with("one", "canary-1").with("two", "canary-2");
    manager = SecretManagers.builder(backend)
        .ticker(nanos::get)
        .refreshAhead(Duration.ZERO)
        .callsOnReadingThread()
        .keepBackendOpen()
        .build();
    manager.getSecrets("default", List.of("one", "two")).close();
    backend.failing("one", new SecretUnavailableException("down"));
    backend.failing("two", new SecretUnavailableException("down"));
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    for (int i = 0; i < 20; i++) {
      manager.requireSecret(ONE).close();
      manager.requireSecret(TWO).close();
      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    }
    return nanos;
  }

  private static List<LogRecord> logOf(Runnable task) {
    Logger logger = Logger.getLogger(StaleVaults.class.getName());
    List<LogRecord> logged = new ArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord record) {
        logged.add(record);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    logger.addHandler(handler);
    try {
      task.run();
    } finally {
      logger.removeHandler(handler);
    }
    return logged;
  }

  @Test
  void flightRecorder_getsNamesAndTimes_andNoValue(@TempDir Path directory) throws IOException {
    AtomicLong nanos = new AtomicLong();
    Path file = directory.resolve("secrets.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      manager = SecretManagers.builder(backend)
          .ticker(nanos::get)
          .refreshAhead(Duration.ZERO)
          .maximumEntries(1)
          .callsOnReadingThread()
          .build();
      manager.requireSecret(ONE).close();
      backend.with("one", "canary-8");
      manager.refresh(ONE);
      backend.failing("one", new SecretUnavailableException("down"));
      nanos.addAndGet(Duration.ofMinutes(6).toNanos());
      manager.requireSecret(ONE).close();
      manager.requireSecret(TWO).close();
      backend.failing("two", new SecretAccessDeniedException("canary-denied"));
      manager.invalidate(TWO);
      try {
        manager.requireSecret(TWO).close();
      } catch (SecretAccessDeniedException expected) {
        assertThat(expected).isNotNull();
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);

    assertThat(events)
        .extracting(event -> event.getEventType().getName())
        .contains(
            "tech.tailor.secretmanager.Load",
            "tech.tailor.secretmanager.Refresh",
            "tech.tailor.secretmanager.Stale",
            "tech.tailor.secretmanager.Denied",
            "tech.tailor.secretmanager.Evicted");
    assertThat(events)
        .filteredOn(event -> event.getEventType().getName().startsWith("tech.tailor."))
        .allSatisfy(event -> assertThat(event.toString()).doesNotContain("canary"));
  }

  @Test
  void eviction_tellsWhy() {
    AtomicLong nanos = new AtomicLong();
    ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    manager = SecretManagers.builder(backend)
        .ticker(nanos::get)
        .maxStale(Duration.ZERO)
        .maximumEntries(1)
        .callsOnReadingThread()
        .executor(Runnable::run)
        .listener(new SecretListener() {
          @Override
          public void onEvicted(SecretRef ref, EvictionCause cause) {
            events.add(cause.name());
          }
        })
        .build();
    manager.requireSecret(ONE).close();
    manager.requireSecret(TWO).close();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    manager.requireSecret(ONE).close();

    assertThat(events).containsExactly("SIZE", "EXPIRED");
  }
}
