package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.EvictionCause;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.LoadEvent;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Notes what happens, for the Flight Recorder at once, and delivers it to the listeners, one event
 * after the other, where user code may run. No reader waits for a listener, and none is called
 * while a lock of the cache is held, unless the user's executor runs tasks on the thread that
 * submits them. Thread-safe.
 */
final class Listeners {

  private static final System.Logger LOGGER = System.getLogger(Listeners.class.getName());
  private static final int MOST_WAITING = 10_000;

  private final List<SecretListener> listeners;
  private final ManagerExecutors executors;
  private final ConcurrentLinkedQueue<Consumer<SecretListener>> events =
      new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean delivering = new AtomicBoolean();
  private final AtomicBoolean dropping = new AtomicBoolean();

  Listeners(List<SecretListener> listeners, ManagerExecutors executors) {
    this.listeners = List.copyOf(listeners);
    this.executors = executors;
  }

  void loaded(SecretRef ref, @Nullable SecretMetadata previous, SecretMetadata current) {
    if (previous != null) {
      FlightEvents.refresh(ref, previous, current);
    }
    note(listener -> {
      if (previous == null) {
        listener.onLoaded(ref, current);
      } else {
        listener.onRefreshed(ref, previous, current);
        listener.onChanged(ref);
      }
    });
  }

  /** The backend says that the secret changed. */
  void changed(SecretRef ref) {
    note(listener -> listener.onChanged(ref));
  }

  /** A call to the backend ended. */
  void loadCompleted(String vault, Duration duration, Map<String, SecretOutcome> outcomes) {
    if (listeners.isEmpty() && !FlightEvents.wantsLoads()) {
      return;
    }
    Map<String, LoadEvent.Result> results = new LinkedHashMap<>();
    outcomes.forEach((name, outcome) -> results.put(name, result(outcome)));
    LoadEvent event = LoadEvent.of(vault, duration, results);
    FlightEvents.load(event);
    note(listener -> listener.onLoadCompleted(event));
  }

  private static LoadEvent.Result result(SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Failed failed) {
      return failed.failure() instanceof SecretAccessDeniedException
          ? LoadEvent.Result.DENIED
          : failed.failure() instanceof SecretTimeoutException
              ? LoadEvent.Result.TIMED_OUT
              : LoadEvent.Result.FAILED;
    }
    return outcome instanceof SecretOutcome.Found
        ? LoadEvent.Result.FOUND
        : LoadEvent.Result.MISSING;
  }

  void stale(SecretRef ref, Freshness.Stale staleness) {
    FlightEvents.stale(ref, staleness.age(), staleness.cause());
    note(listener -> listener.onStale(ref, staleness));
  }

  void denied(SecretRef ref, SecretAccessDeniedException failure) {
    FlightEvents.denied(ref);
    note(listener -> listener.onDenied(ref, failure));
  }

  void evicted(SecretRef ref, EvictionCause cause) {
    FlightEvents.evicted(ref, cause);
    note(listener -> listener.onEvicted(ref, cause));
  }

  private void note(Consumer<SecretListener> event) {
    if (listeners.isEmpty()) {
      return;
    }
    if (waiting.get() >= MOST_WAITING) {
      if (dropping.compareAndSet(false, true)) {
        LOGGER.log(
            WARNING,
            () -> "Events of the cache are dropped, since " + MOST_WAITING
                + " wait for the SecretListeners; make them return sooner");
      }
      return;
    }
    waiting.incrementAndGet();
    events.add(event);
  }

  /** Has what waits delivered, unless a thread is about to. */
  void deliver() {
    if (!events.isEmpty() && delivering.compareAndSet(false, true)) {
      executors.execute(this::deliverAll, this::drop);
    }
  }

  /** The executor takes no more tasks, or there are no more threads. */
  private void drop(Throwable e) {
    int dropped = 0;
    while (next() != null) {
      dropped++;
    }
    delivering.set(false);
    int count = dropped;
    LOGGER.log(
        WARNING,
        () -> count + (count == 1 ? " event of the cache is" : " events of the cache are")
            + " dropped, since the executor takes no more: " + e.getClass().getName());
  }

  private void deliverAll() {
    dropping.set(false);
    try {
      for (Consumer<SecretListener> event = next(); event != null; event = next()) {
        for (SecretListener listener : listeners) {
          deliver(event, listener);
        }
      }
    } finally { // also if not even a warning could be logged
      delivering.set(false);
      deliver(); // what came too late for the loop above
    }
  }

  private @Nullable Consumer<SecretListener> next() {
    Consumer<SecretListener> event = events.poll();
    if (event != null) {
      waiting.decrementAndGet();
    }
    return event;
  }

  /** Its message goes nowhere, since it may hold a value that the listener has read. */
  private static void deliver(Consumer<SecretListener> event, SecretListener listener) {
    try {
      event.accept(listener);
    } catch (Throwable e) { // an Error too must not silence the listeners for ever
      LOGGER.log(
          WARNING,
          () -> "The SecretListener " + listener.getClass().getName() + " threw "
              + e.getClass().getName());
    }
  }
}
