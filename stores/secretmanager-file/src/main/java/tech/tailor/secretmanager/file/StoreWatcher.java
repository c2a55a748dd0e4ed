package tech.tailor.secretmanager.file;

import static java.lang.System.Logger.Level.DEBUG;
import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.util.Objects.requireNonNull;
import static tech.tailor.secretmanager.SecretSupport.quote;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Reports which secrets changed, as soon as the system notifies of an event in the store's
 * directory. It also checks periodically, since a system can miss an event. It uses one daemon
 * thread, from the first watch until it is closed. Thread-safe.
 *
 * <p>If the file can't be read, the next fetch says why. The next good check reports the changes
 * since the last good one.
 */
final class StoreWatcher implements AutoCloseable {

  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private static final System.Logger LOGGER = System.getLogger(StoreWatcher.class.getName());

  private final Path directory;
  private final Supplier<StoredDocument> content;
  private final Duration lookEvery;
  private final List<Watching> watches = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Null until the first watch; guarded by this. */
  private @Nullable Thread thread;

  private @Nullable WatchService service;

  StoreWatcher(Path directory, Supplier<StoredDocument> content, Duration lookEvery) {
    this.directory = directory;
    this.content = content;
    this.lookEvery = lookEvery;
  }

  /** What is changed after this returned is told. */
  SecretBackend.Watch watch(Consumer<? super Set<SecretRef>> changed) {
    Watching watching = new Watching(requireNonNull(changed, "changed"), content.get());
    watches.add(watching);
    try {
      start();
    } catch (SecretUnavailableException e) {
      watches.remove(watching);
      throw e;
    }
    return () -> watches.remove(watching);
  }

  private synchronized void start() {
    if (thread != null || closed.getCount() == 0) {
      return;
    }
    WatchService opened = null;
    try {
      opened = open();
      WatchService events = opened;
      Thread started = SecretSupport.newDaemonThread("secretmanager-file-watch", () -> run(events));
      started.start();
      service = opened;
      thread = started;
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      close(opened);
      throw new SecretUnavailableException("No thread could be started to watch the store in "
          + quote(directory)
          + ". The process or its container has as many threads as it may have: raise"
          + " that limit (pids.max, ulimit -u), or use fewer threads");
    }
  }

  /** Ends the thread. It may be telling somebody something still. */
  @Override
  public synchronized void close() {
    closed.countDown();
    watches.clear();
    close(service);
  }

  private static void close(@Nullable WatchService service) {
    if (service == null) {
      return;
    }
    try {
      service.close();
    } catch (IOException e) {
      // It only listened.
      return;
    }
  }

  /** Null where the system has none to give; then there is only what this looks for itself. */
  private @Nullable WatchService open() {
    try {
      WatchService opened = directory.getFileSystem().newWatchService();
      directory.register(opened, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
      return opened;
    } catch (IOException | UnsupportedOperationException e) {
      LOGGER.log(
          DEBUG,
          () -> "The directory " + quote(directory) + " can't be watched ("
              + e.getClass().getName() + "); looking every " + lookEvery);
      return null;
    }
  }

  private void run(@Nullable WatchService events) {
    try {
      do {
        look();
      } while (waitForMore(events));
    } catch (InterruptedException | ClosedWatchServiceException e) {
      return; // an interrupt asks this thread to end
    }
  }

  /** Returns whether this is still open. */
  private boolean waitForMore(@Nullable WatchService events) throws InterruptedException {
    if (events == null) {
      return !closed.await(lookEvery.toNanos(), TimeUnit.NANOSECONDS);
    }
    WatchKey key = events.poll(lookEvery.toNanos(), TimeUnit.NANOSECONDS);
    if (key != null) {
      key.pollEvents();
      key.reset(); // if the directory is gone there are no more events, but this goes on looking
    }
    return closed.getCount() > 0;
  }

  private void look() {
    StoredDocument now;
    try {
      now = content.get();
    } catch (Throwable e) { // the next look tells it, and this thread must live until then
      note("look for changes", e);
      return;
    }
    for (Watching watching : watches) {
      watching.look(now);
    }
  }

  /** The secrets that read otherwise in one document than in the other. */
  static Set<SecretRef> difference(StoredDocument before, StoredDocument after) {
    Map<SecretRef, Object> left = states(before);
    Set<SecretRef> changed = new HashSet<>();
    states(after).forEach((ref, state) -> {
      if (!state.equals(left.remove(ref))) {
        changed.add(ref);
      }
    });
    changed.addAll(left.keySet());
    return changed;
  }

  /** What decides on what a fetch answers. */
  private static Map<SecretRef, Object> states(StoredDocument document) {
    Map<SecretRef, Object> states = new HashMap<>();
    for (StoredVault vault : document.vaults().values()) {
      for (StoredSecret secret : vault.secrets().values()) {
        StoredSecret.StoredVersion current = secret.current();
        states.put(
            SecretRef.of(vault.name(), secret.name()),
            List.of(secret.id(), current.version(), current.state()));
      }
    }
    return states;
  }

  /** One who is told. Used by the watching thread alone, once it is there. */
  private static final class Watching {

    private final Consumer<? super Set<SecretRef>> changed;
    private StoredDocument seen;

    private Watching(Consumer<? super Set<SecretRef>> changed, StoredDocument seen) {
      this.changed = changed;
      this.seen = seen;
    }

    private void look(StoredDocument now) {
      if (now.generation() == seen.generation()) {
        return;
      }
      try {
        Set<SecretRef> refs = difference(seen, now);
        seen = now;
        if (!refs.isEmpty()) {
          changed.accept(Set.copyOf(refs));
        }
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
}
