package tech.tailor.secretmanager.envelope.shared;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Tells which secrets were changed: has a feed look, again and again, what came since the last look
 * that succeeded, so that each change is told once, and nothing is missed while the store was away.
 * One daemon thread, from the first watch until this is closed. Thread-safe.
 *
 * @param <H> the head of the store
 */
public final class ChangeWatcher<H> implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(ChangeWatcher.class.getName());

  private final Feed<H> feed;
  private final String threadName;
  private final String store;
  private final List<Consumer<? super Set<SecretRef>>> watches = new CopyOnWriteArrayList<>();
  private volatile boolean closed;
  private boolean warned;

  /** Null until the first watch; guarded by this. */
  private volatile @Nullable Thread thread;

  /**
   * Watches nothing yet.
   *
   * @param feed closed with this
   * @param threadName of the daemon thread
   * @param store names the store in messages
   */
  public ChangeWatcher(Feed<H> feed, String threadName, String store) {
    this.feed = feed;
    this.threadName = threadName;
    this.store = store;
  }

  /** Knows what a store changed. */
  public interface Feed<H> extends AutoCloseable {

    /** The head now. */
    H head();

    /** Waits until there is a reason to look, or it is time to. Ends early when it is closed. */
    void await() throws InterruptedException;

    /** Looks what came after a head. */
    Look<H> look(H seen);

    /** By any thread; more than once does no harm. */
    @Override
    void close();
  }

  /**
   * What a look found.
   *
   * @param head from which the next one looks
   * @param changed null if nothing that is read has changed; empty if anything may have
   */
  public record Look<H>(H head, @Nullable Set<SecretRef> changed) {}

  /** What is changed after this returned is told. */
  public SecretBackend.Watch watch(Consumer<? super Set<SecretRef>> changed) {
    start(); // from the head of before the watch is added, so that nothing lies between
    watches.add(changed);
    return () -> watches.remove(changed);
  }

  private synchronized void start() {
    if (thread != null || closed) {
      return;
    }
    H from = feed.head();
    try {
      Thread started = SecretSupport.newDaemonThread(threadName, () -> run(from));
      started.start();
      thread = started;
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      throw new SecretUnavailableException("No thread could be started to watch the " + store
          + ". The process or its container has as many threads as it may have: raise that limit"
          + " (pids.max, ulimit -u), or use fewer threads");
    }
  }

  private void run(H from) {
    H seen = from;
    try {
      while (!closed) {
        feed.await();
        seen = closed ? seen : look(seen);
      }
    } catch (InterruptedException e) {
      return; // only a caller that wants it to end interrupts this thread
    } finally {
      feed.close();
    }
  }

  /** Tells what came since the last look. Returns what has been told. */
  private H look(H seen) {
    try {
      Look<H> found = feed.look(seen);
      warned = false;
      tell(found.changed);
      return found.head;
    } catch (SecretStoreRewoundException e) {
      if (!warned) {
        warned = true;
        LOGGER.log(WARNING, requireNonNull(e.getMessage()));
      }
      return seen;
    } catch (Throwable e) { // the next look tells it, and this thread must live until then
      note("look for changes", e);
      return seen;
    }
  }

  private void tell(@Nullable Set<SecretRef> changed) {
    if (changed == null) {
      return;
    }
    for (Consumer<? super Set<SecretRef>> watch : watches) {
      try {
        watch.accept(Set.copyOf(changed));
      } catch (Throwable e) { // the others are told all the same
        note("watch", e);
      }
    }
  }

  private static void note(String what, Throwable failure) {
    if (failure instanceof InterruptedException) { // Kotlin and Lombok throw it undeclared
      Thread.currentThread().interrupt();
    }
    LOGGER.log(DEBUG, () -> "A " + what + " failed with a " + failure.getClass().getName());
  }

  /** Ends the thread. It may be telling a watch something still. */
  @Override
  public void close() {
    closed = true;
    watches.clear();
    feed.close();
    Thread started = thread;
    if (started != null && started != Thread.currentThread()) {
      started.interrupt(); // it may be waiting for a server that doesn't answer
    }
  }
}
