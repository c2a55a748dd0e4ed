package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;

class SecretListenerTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");

  private final StubBackend backend = new StubBackend().with("api-key", "value-1");
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> events = new ArrayList<>();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private SecretManager manager = manager(new Recorder());

  private final List<String> warnings = new ArrayList<>();
  private final Logger logger = Logger.getLogger(Listeners.class.getName());
  private final Handler handler = new ConsoleHandler() {
    @Override
    public void publish(LogRecord logged) {
      warnings.add(logged.getMessage());
    }
  };

  @BeforeEach
  void readLog() {
    logger.addHandler(handler);
  }

  @AfterEach
  void close() {
    logger.removeHandler(handler);
    manager.close();
  }

  @Test
  void aFirstValue_isLoaded_andAnotherOneRefreshed_theSameOneIsNoEvent() {
    read();
    manager.refresh(REF);
    backend.with("api-key", "value-2");
    manager.refresh(REF);

    assertThat(events).containsExactly("loaded api-key 0", "refreshed api-key 0 0");
  }

  @Test
  void refreshed_tellsBothVersions() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    store.put("default", "api-key", "value-1");
    try (SecretManager versioned = SecretManagers.builder(store)
        .executor(Runnable::run)
        .listener(new Recorder())
        .build()) {
      versioned.requireSecret(REF).close();
      store.put("default", "api-key", "value-2");
      versioned.refresh(REF);
    }
    assertThat(events).containsExactly("loaded api-key 1", "refreshed api-key 1 2");
  }

  @Test
  void anOutage_isToldForEachAttempt_notForEachRead() {
    read();
    backend.failing("api-key", new SecretUnavailableException("down"));
    manager.getSecret(REF).orElseThrow().close();
    nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    for (int i = 0; i < 10; i++) {
      read();
    }
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    read();

    assertThat(events)
        .containsExactly("loaded api-key 0", "stale api-key PT5M", "stale api-key PT5M1S");
  }

  @Test
  void aFailedRefresh_ofAValueThatIsStillFresh_isNotStale() {
    read();
    backend.failing("api-key", new SecretUnavailableException("down"));
    assertThat(failureOf(() -> manager.refresh(REF)))
        .isInstanceOf(SecretUnavailableException.class);

    assertThat(events).containsExactly("loaded api-key 0");
    assertThat(manager.cacheStats().stale()).isZero();
    read();
  }

  @Test
  void aDenial_isTold() {
    read();
    backend.failing("api-key", new SecretAccessDeniedException("denied"));
    assertThat(failureOf(() -> manager.refresh(REF)))
        .isInstanceOf(SecretAccessDeniedException.class);

    assertThat(events).containsExactly("loaded api-key 0", "denied api-key");
  }

  @Test
  void anEviction_isTold_anInvalidationIsNot() {
    manager.close();
    manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .maximumEntries(1)
        .listener(new Recorder())
        .build();
    backend.with("other", "x");
    read();
    manager.requireSecret("default", "other").close();
    manager.invalidateAll();

    assertThat(events)
        .hasSize(3)
        .filteredOn(event -> event.startsWith("evicted"))
        .hasSize(1);
  }

  @Test
  void aValueThatIsNotKeptForItsSize_isLoaded_thenEvicted() {
    manager.close();
    manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .maximumEntries(1)
        .maximumBytes(3)
        .listener(new Recorder())
        .build();
    read();

    assertThat(events).containsExactly("loaded api-key 0", "evicted api-key");
  }

  @Test
  void aValueThatExpired_isEvicted_beforeAnotherOneIsLoaded() {
    manager.close();
    manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .ticker(nanos::get)
        .timeToLive(Duration.ofSeconds(10))
        .maxStale(Duration.ZERO)
        .refreshAhead(Duration.ZERO)
        .listener(new Recorder())
        .build();
    backend.with("other", "x");
    read();
    nanos.addAndGet(Duration.ofMillis(9_900).toNanos());
    manager.requireSecret("default", "other").close(); // Caffeine looks no more for a second
    nanos.addAndGet(Duration.ofMillis(100).toNanos());
    read();

    assertThat(events)
        .containsExactly(
            "loaded api-key 0", "loaded other 0", "evicted api-key", "loaded api-key 0");
    assertThat(manager.cacheStats().evictions()).isEqualTo(1);
  }

  @Test
  void aValueThatExpires_isEvicted_thoughNobodyReads() throws InterruptedException {
    manager.close();
    BlockingQueue<SecretRef> evicted = new LinkedBlockingQueue<>();
    manager = SecretManagers.builder(backend)
        .timeToLive(Duration.ofMillis(100))
        .maxStale(Duration.ZERO)
        .listener(new SecretListener() {
          @Override
          public void onEvicted(SecretRef ref, EvictionCause cause) {
            evicted.add(ref);
          }
        })
        .build();
    read();

    assertThat(evicted.poll(30, TimeUnit.SECONDS)).isEqualTo(REF);
  }

  /** On the thread that loaded both: a read that waited for that load would wait for itself. */
  @Test
  @Timeout(60)
  void aListenerMayReadWhatWasLoadedWithIt() {
    manager.close();
    List<String> read = new ArrayList<>();
    backend.with("other", "x");
    manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .callsOnReadingThread()
        .fetchTimeout(Duration.ofMinutes(5))
        .listener(new SecretListener() {
          @Override
          public void onLoaded(SecretRef ref, SecretMetadata current) {
            manager.getSecretsTogether("default", List.of("api-key", "other")).close();
            read.add(ref.name());
          }
        })
        .build();
    manager.getSecrets("default", List.of("api-key", "other")).close();

    assertThat(read).containsExactly("api-key", "other");
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void aListenerMayReadWhatWasDenied() {
    manager.close();
    List<SecretManagerException> failures = new ArrayList<>();
    manager = manager(new Recorder() {
      @Override
      public void onDenied(SecretRef ref, SecretAccessDeniedException failure) {
        super.onDenied(ref, failure);
        failures.add(failureOf(SecretListenerTest.this::read));
      }
    });
    read();
    backend.failing("api-key", new SecretAccessDeniedException("denied"));
    failureOf(() -> manager.refresh(REF));

    assertThat(events).containsExactly("loaded api-key 0", "denied api-key");
    assertThat(failures)
        .hasOnlyElementsOfType(SecretAccessDeniedException.class)
        .hasSize(1);
  }

  @Test
  void aLogThatThrows_silencesNobody() {
    Handler broken = new ConsoleHandler() {
      @Override
      public void publish(LogRecord logged) {
        throw new OutOfMemoryError("made up");
      }
    };
    Listeners listeners = new Listeners(
        List.of(new Recorder() {
          @Override
          public void onEvicted(SecretRef ref, EvictionCause cause) {
            super.onEvicted(ref, cause);
            throw new IllegalStateException("made up");
          }
        }),
        new ManagerExecutors(later::add));
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();
    logger.addHandler(broken);
    try {
      assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(later.remove()::run);
    } finally {
      logger.removeHandler(broken);
    }
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();
    later.remove().run();

    assertThat(events).containsExactly("evicted api-key", "evicted api-key");
  }

  @Test
  void aListenerThatThrows_disturbsNeitherTheReader_norTheOtherListeners() {
    manager.close();
    manager = SecretManagers.builder(backend)
        .executor(Runnable::run)
        .listener(new SecretListener() {
          @Override
          public void onLoaded(SecretRef ref, SecretMetadata current) {
            throw new StackOverflowError("made up");
          }
        })
        .listener(new Recorder())
        .build();
    read();
    backend.with("api-key", "value-2");
    manager.refresh(REF);

    assertThat(events).containsExactly("loaded api-key 0", "refreshed api-key 0 0");
    assertThat(warnings)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains(SecretListenerTest.class.getName(), "java.lang.StackOverflowError")
        .doesNotContain("made up");
  }

  @Test
  void aListenerMayReadAndInvalidate() {
    manager.close();
    manager = manager(new Recorder() {
      @Override
      public void onLoaded(SecretRef ref, SecretMetadata current) {
        super.onLoaded(ref, current);
        if (events.size() < 3) {
          manager.invalidate(ref);
          read();
        }
      }
    });
    read();

    assertThat(events).containsExactly("loaded api-key 0", "loaded api-key 0", "loaded api-key 0");
  }

  @Test
  void noReaderWaits_andTheOrderIsKept() {
    Listeners listeners = new Listeners(List.of(new Recorder()), new ManagerExecutors(later::add));
    for (int i = 0; i < 100; i++) {
      listeners.evicted(SecretRef.of("default", "name-" + i), EvictionCause.SIZE);
      listeners.deliver();
    }

    assertThat(events).isEmpty();
    assertThat(later).as("one task for all that wait").hasSize(1);
    later.remove().run();
    assertThat(events).hasSize(100).startsWith("evicted name-0").endsWith("evicted name-99");
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();
    assertThat(later).as("and a new one after").hasSize(1);
  }

  @Test
  void whenTooManyWait_theNewestAreDropped_andNothingElse() {
    Listeners listeners = new Listeners(List.of(new Recorder()), new ManagerExecutors(later::add));
    for (int i = 0; i < 10_010; i++) {
      listeners.evicted(REF, EvictionCause.SIZE);
      listeners.deliver();
    }
    assertThat(warnings).as("told once").singleElement().asString().contains("10000");
    later.remove().run();
    assertThat(events).hasSize(10_000);

    for (int i = 0; i < 10_001; i++) {
      listeners.evicted(REF, EvictionCause.SIZE);
      listeners.deliver();
    }
    assertThat(warnings).as("and at the next time").hasSize(2);
    later.remove().run();
    assertThat(events).hasSize(20_000);
  }

  @Test
  void anExecutorThatFindsNoThread_losesEvents_andNothingElse() {
    boolean[] full = {true};
    Listeners listeners = new Listeners(List.of(new Recorder()), new ManagerExecutors(work -> {
      if (full[0]) {
        throw new InternalError("no thread to be had");
      }
      work.run();
    }));
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();
    assertThat(warnings)
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("1 event of the cache is dropped")
        .contains("java.lang.InternalError");
    full[0] = false;
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();

    assertThat(events).containsExactly("evicted api-key");
  }

  @Test
  void anExecutorThatTakesNoMore_losesEvents_andNothingElse() {
    boolean[] full = {true};
    Listeners listeners = new Listeners(List.of(new Recorder()), new ManagerExecutors(work -> {
      if (full[0]) {
        throw new RejectedExecutionException("full");
      }
      work.run();
    }));
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();
    assertThat(warnings)
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("1 event of the cache is dropped")
        .contains("java.util.concurrent.RejectedExecutionException");
    full[0] = false;
    listeners.evicted(REF, EvictionCause.SIZE);
    listeners.deliver();

    assertThat(events).containsExactly("evicted api-key");
  }

  private SecretManager manager(SecretListener listener) {
    return SecretManagers.builder(backend)
        .executor(Runnable::run)
        .refreshAhead(Duration.ZERO)
        .ticker(nanos::get)
        .listener(listener)
        .build();
  }

  private void read() {
    manager.requireSecret(REF).close();
  }

  private static SecretManagerException failureOf(Runnable read) {
    try {
      read.run();
      throw new AssertionError("It did not fail");
    } catch (SecretManagerException e) {
      return e;
    }
  }

  private class Recorder implements SecretListener {

    @Override
    public void onLoaded(SecretRef ref, SecretMetadata current) {
      events.add("loaded " + ref.name() + " " + current.version());
    }

    @Override
    public void onRefreshed(SecretRef ref, SecretMetadata previous, SecretMetadata current) {
      events.add("refreshed " + ref.name() + " " + previous.version() + " " + current.version());
    }

    @Override
    public void onStale(SecretRef ref, Freshness.Stale staleness) {
      events.add("stale " + ref.name() + " " + staleness.age());
    }

    @Override
    public void onDenied(SecretRef ref, SecretAccessDeniedException failure) {
      events.add("denied " + ref.name());
    }

    @Override
    public void onEvicted(SecretRef ref, EvictionCause cause) {
      events.add("evicted " + ref.name());
    }
  }
}
