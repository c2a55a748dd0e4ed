package tech.tailor.secretmanager.etcd;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Tells which secrets were changed: reads from the store's log what came since the last look, so
 * that each change is told once, and nothing is missed while etcd, a connection or a watch was
 * away. A watch of etcd only has it look at once; without one it looks at every interval. One
 * daemon thread, from the first watch until this is closed. Thread-safe.
 */
final class ChangeWatcher implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(ChangeWatcher.class.getName());

  private final HeadReader heads;
  private final HeadWatch headWatch;
  private final EtcdSettings settings;
  private final List<Consumer<? super Set<SecretRef>>> watches = new CopyOnWriteArrayList<>();

  /** Holds something while there is a reason to look. */
  private final BlockingQueue<Boolean> reasons = new ArrayBlockingQueue<>(1);

  private volatile boolean closed;
  private boolean warned;

  /** Null until the first watch; guarded by this. */
  private volatile @Nullable Thread thread;

  ChangeWatcher(HeadReader heads, Keys keys, EtcdSettings settings) {
    this.heads = heads;
    this.settings = settings;
    this.headWatch = new HeadWatch(settings.client(), keys.head(), () -> reasons.offer(true));
  }

  /** What is changed after this returned is told. */
  SecretBackend.Watch watch(Consumer<? super Set<SecretRef>> changed) {
    start(); // from the head of before the watch is added, so that nothing lies between
    watches.add(changed);
    return () -> watches.remove(changed);
  }

  private synchronized void start() {
    if (thread != null || closed) {
      return;
    }
    Head from = head();
    try {
      Thread started = SecretSupport.newDaemonThread("secretmanager-etcd-watch", () -> run(from));
      started.start();
      thread = started;
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      throw new SecretUnavailableException("No thread could be started to watch the "
          + settings.describe() + ". The process or its container has as many threads as it may"
          + " have: raise that limit (pids.max, ulimit -u), or use fewer threads");
    }
  }

  private Head head() {
    try {
      return heads.require(Deadline.after(settings.timeout()), null, List.of()).head();
    } catch (Etcd.CompactedException e) {
      throw new SecretUnavailableException(
          "The " + settings.describe() + " was compacted while it was read; try again");
    }
  }

  private void run(Head from) {
    Head seen = from;
    try {
      while (!closed) {
        headWatch.ensure();
        reasons.poll(settings.lookEvery().toNanos(), NANOSECONDS);
        seen = look(seen);
      }
    } catch (InterruptedException e) {
      return; // only a caller that wants it to end interrupts this thread
    } finally {
      headWatch.close();
    }
  }

  /** Tells what came since the last look. Returns what has been told. */
  private Head look(Head seen) {
    try {
      HeadReader.Opened now = heads.require(Deadline.after(settings.timeout()), seen, List.of());
      warned = false;
      tell(changes(seen, now));
      return now.head();
    } catch (SecretStoreRewoundException e) {
      if (!warned) {
        warned = true;
        LOGGER.log(WARNING, requireNonNull(e.getMessage()));
      }
      return seen;
    } catch (RuntimeException e) { // the next look tells it, and this thread must live until then
      LOGGER.log(DEBUG, () -> "A look for changes failed with a " + e.getClass().getName());
      return seen;
    }
  }

  /** Null if nothing that is read has changed; empty if anything may have. */
  private @Nullable Set<SecretRef> changes(Head seen, HeadReader.Opened now) {
    if (now.head().epoch() != seen.epoch() || !now.head().storeId().equals(seen.storeId())) {
      return Set.of(); // a rewind was accepted
    }
    Optional<List<LogEntry>> logged = now.tail().after(now.head(), seen.log());
    if (logged.isEmpty()) {
      return Set.of(); // the log is not kept for so long
    }
    List<LogEntry> entries = logged.get();
    if (!settings.control().catchesUp() && !entries.isEmpty()) {
      entries = entries.subList(entries.size() - 1, entries.size());
    }
    Set<SecretRef> changed = entries.stream()
        .flatMap(entry -> entry.changes().stream())
        .filter(change -> change.kind() == LogEntry.Kind.VALUE)
        .map(change -> SecretRef.parse(change.what()))
        .collect(Collectors.toSet());
    return changed.isEmpty() ? null : changed;
  }

  private void tell(@Nullable Set<SecretRef> changed) {
    if (changed == null) {
      return;
    }
    for (Consumer<? super Set<SecretRef>> watch : watches) {
      try {
        watch.accept(Set.copyOf(changed));
      } catch (RuntimeException e) { // the others are told all the same
        LOGGER.log(DEBUG, () -> "A watch failed with a " + e.getClass().getName());
      }
    }
  }

  /** Ends the thread. It may be telling a watch something still. */
  @Override
  public void close() {
    closed = true;
    watches.clear();
    headWatch.close();
    reasons.offer(true);
    Thread started = thread;
    if (started != null && started != Thread.currentThread()) {
      started.interrupt(); // it may be waiting for an etcd that doesn't answer
    }
  }
}
