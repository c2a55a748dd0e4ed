package tech.tailor.secretmanager.spring;

import static java.lang.System.Logger.Level.WARNING;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretRef;

/**
 * The listener of the application's manager, to which its beans subscribe. What changes in the
 * course of the start, when the beans that a change concerns may have read already but can't be
 * told yet, is kept for the one that asks for it. Thread-safe.
 */
final class SecretChanges implements SecretListener {

  private static final System.Logger LOGGER = System.getLogger(SecretChanges.class.getName());

  /** A subscription, which ends at most once. */
  interface Subscription {

    /** Ends it. An event that is under way may still arrive. */
    void end();
  }

  private final List<Consumer<SecretRef>> subscribers = new ArrayList<>();
  private @Nullable Set<SecretRef> sinceStart = new LinkedHashSet<>();

  synchronized Subscription subscribe(Consumer<SecretRef> subscriber) {
    subscribers.add(subscriber);
    return () -> unsubscribe(subscriber);
  }

  /**
   * Subscribes, and tells what has changed since the start, each secret once. Only the first such
   * subscriber is told of that.
   */
  Subscription subscribeFromStart(Consumer<SecretRef> subscriber) {
    Set<SecretRef> changed;
    Subscription subscription;
    synchronized (this) {
      changed = sinceStart == null ? Set.of() : sinceStart;
      sinceStart = null;
      subscription = subscribe(subscriber);
    }
    for (SecretRef ref : changed) {
      try {
        subscriber.accept(ref);
      } catch (RuntimeException e) { // as later: a change fails no application
        LOGGER.log(
            WARNING,
            () -> "The change of " + ref + " could not be passed on: "
                + e.getClass().getName());
      }
    }
    return subscription;
  }

  private synchronized void unsubscribe(Consumer<SecretRef> subscriber) {
    subscribers.remove(subscriber);
  }

  private synchronized List<Consumer<SecretRef>> noteAndCopySubscribers(SecretRef ref) {
    if (sinceStart != null) {
      sinceStart.add(ref);
    }
    return List.copyOf(subscribers);
  }

  @Override
  public void onChanged(SecretRef ref) {
    RuntimeException failure = null;
    for (Consumer<SecretRef> subscriber : noteAndCopySubscribers(ref)) {
      try {
        subscriber.accept(ref);
      } catch (RuntimeException e) { // the others are told nevertheless
        failure = e;
      }
    }
    if (failure != null) {
      throw failure; // the manager logs its type
    }
  }

  /** Returns how many are told of changes. */
  @Override
  public synchronized String toString() {
    return "SecretChanges[" + subscribers.size() + " subscribers]";
  }
}
