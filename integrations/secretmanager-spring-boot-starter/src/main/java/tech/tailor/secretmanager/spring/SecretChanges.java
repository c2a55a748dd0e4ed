package tech.tailor.secretmanager.spring;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretRef;

/** The listener of the application's manager, to which its beans subscribe. Thread-safe. */
final class SecretChanges implements SecretListener {

  private final List<Consumer<SecretRef>> subscribers = new CopyOnWriteArrayList<>();

  void subscribe(Consumer<SecretRef> subscriber) {
    subscribers.add(subscriber);
  }

  @Override
  public void onChanged(SecretRef ref) {
    RuntimeException failure = null;
    for (Consumer<SecretRef> subscriber : subscribers) {
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
}
