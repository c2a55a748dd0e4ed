package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.WARNING;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.Freshness;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;

/**
 * Notes what happens, and {@linkplain #deliver() tells} listeners of it, one event after the other,
 * on a thread of the executor: no reader waits for a listener, and none is called while a lock of
 * the cache is held; unless the executor runs what it is given on the thread that gives it.
 * Thread-safe.
 */
final class Listeners {

  private static final System.Logger LOGGER = System.getLogger(Listeners.class.getName());
  private static final int MOST_WAITING = 10_000;

  private final List<SecretListener> listeners;
  private final Executor executor;
  private final ConcurrentLinkedQueue<Consumer<SecretListener>> events =
      new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean delivering = new AtomicBoolean();
  private final AtomicBoolean dropping = new AtomicBoolean();

  Listeners(List<SecretListener> listeners, Executor executor) {
    this.listeners = List.copyOf(listeners);
    this.executor = executor;
  }

  void loaded(SecretRef ref, @Nullable SecretMetadata previous, SecretMetadata current) {
    note(listener -> {
      if (previous == null) {
        listener.onLoaded(ref, current);
      } else {
        listener.onRefreshed(ref, previous, current);
      }
    });
  }

  void stale(SecretRef ref, Freshness.Stale staleness) {
    note(listener -> listener.onStale(ref, staleness));
  }

  void denied(SecretRef ref, SecretAccessDeniedException failure) {
    note(listener -> listener.onDenied(ref, failure));
  }

  void evicted(SecretRef ref) {
    note(listener -> listener.onEvicted(ref));
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

  /** Has what waits delivered, unless somebody is about to. */
  void deliver() {
    if (events.isEmpty() || !delivering.compareAndSet(false, true)) {
      return;
    }
    AtomicBoolean begun = new AtomicBoolean();
    try {
      executor.execute(() -> {
        begun.set(true);
        deliverAll();
      });
    } catch (RuntimeException | Error e) { // it takes no more, or there are no more threads
      if (begun.get()) {
        throw e;
      }
      int dropped = 0;
      while (next() != null) {
        dropped++;
      }
      delivering.set(false);
      int count = dropped;
      LOGGER.log(
          WARNING,
          () -> count + " events of the cache are dropped, since the executor" + " takes no more: "
              + e.getClass().getName());
    }
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
