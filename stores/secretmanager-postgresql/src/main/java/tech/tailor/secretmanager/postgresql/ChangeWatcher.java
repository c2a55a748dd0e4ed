package tech.tailor.secretmanager.postgresql;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;
import static java.util.Objects.requireNonNull;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * Tells which secrets were changed: looks at the head at every interval, and reads from the trail
 * what came since the last look, so that nothing is missed while the database or a connection was
 * away. A notification of the server only has it look at once. One daemon thread, from the first
 * watch until this is closed. Thread-safe.
 */
final class ChangeWatcher implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(ChangeWatcher.class.getName());

  /** Up to this number, changes are told one by one; beyond it, that any may have been made. */
  private static final int MAX_CHANGES = 10_000;

  private static final String CHANGES =
      "SELECT vault, name FROM secretmanager.change WHERE store_id = ? AND generation > ?"
          + " AND generation <= ? AND name IS NOT NULL"
          + " AND what IN ('create', 'update', 'delete', 'enable', 'disable', 'destroy')"
          + " ORDER BY generation, seq LIMIT ?";

  private final Database database;
  private final @Nullable ConnectionSource listener;
  private final HeadReader heads;
  private final Floor floor;
  private final Duration lookEvery;
  private final List<Consumer<? super Set<SecretRef>>> watches = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean warned;

  /** Null until the first watch; guarded by this. */
  private @Nullable Thread thread;

  private volatile @Nullable Notifications notifications;

  ChangeWatcher(
      Database database,
      @Nullable DataSource listener,
      HeadReader heads,
      Floor floor,
      Duration lookEvery) {
    this.database = database;
    this.listener = listener == null
        ? null
        : new ConnectionSource(listener, "workspace \"" + heads.workspace() + "\"");
    this.heads = heads;
    this.floor = floor;
    this.lookEvery = lookEvery;
  }

  /** What is changed after this returned is told. */
  SecretBackend.Watch watch(Consumer<? super Set<SecretRef>> changed) {
    start(); // from the head of before the watch is added, so that nothing lies between
    watches.add(changed);
    return () -> watches.remove(changed);
  }

  private synchronized void start() {
    if (thread != null || closed.getCount() == 0) {
      return;
    }
    Head from = head();
    try {
      Thread started =
          SecretSupport.newDaemonThread("secretmanager-postgresql-watch", () -> run(from));
      started.start();
      thread = started;
    } catch (OutOfMemoryError e) { // how Java says that the system gives no thread
      throw new SecretUnavailableException("No thread could be started to watch the workspace \""
          + heads.workspace() + "\". The process or its container has as many threads as it may"
          + " have: raise that limit (pids.max, ulimit -u), or use fewer threads");
    }
  }

  private Head head() {
    Floor.Seen before = floor.seen();
    return database.snapshot(session -> heads.require(session, before).head());
  }

  private void run(Head from) {
    Head seen = from;
    try {
      while (waitForMore()) {
        seen = look(seen);
      }
    } catch (InterruptedException e) {
      return; // only a caller that wants it to end interrupts this thread
    } finally {
      closeNotifications();
    }
  }

  /** Returns whether this is still open. */
  private boolean waitForMore() throws InterruptedException {
    if (listener == null) {
      return !closed.await(lookEvery.toNanos(), TimeUnit.NANOSECONDS);
    }
    try {
      Notifications open = notifications;
      if (open == null) {
        open = Notifications.listen(listener, database);
        notifications = open;
        return closed.getCount() > 0; // what came before it listened
      }
      open.await(lookEvery);
      return closed.getCount() > 0;
    } catch (SQLException | RuntimeException | LinkageError e) { // the next try is a new one
      LOGGER.log(
          DEBUG, () -> "The listening connection failed with a " + e.getClass().getName());
      closeNotifications();
      return !closed.await(lookEvery.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void closeNotifications() {
    Notifications open = notifications;
    notifications = null;
    if (open != null) {
      open.close();
    }
  }

  /** Tells what came since the last look. Returns what has been told. */
  private Head look(Head seen) {
    try {
      Head now = head();
      warned = false;
      if (now.storeId().equals(seen.storeId()) && now.epoch() == seen.epoch()) {
        if (now.generation() > seen.generation()) {
          tell(changes(seen, now));
        }
      } else {
        tell(Set.of()); // a rewind was accepted
      }
      return now;
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
  private @Nullable Set<SecretRef> changes(Head seen, Head now) {
    Set<SecretRef> changed = new HashSet<>();
    int count = database.query(session -> session.query(
        Session.Statement.of(
            CHANGES, now.storeId(), seen.generation(), now.generation(), MAX_CHANGES + 1),
        rows -> {
          int found = 0;
          while (rows.next()) {
            String vault = rows.getString(1);
            String name = rows.getString(2);
            if (vault == null || name == null || !isSecret(vault, name)) {
              return MAX_CHANGES + 1; // somebody else wrote it: anything may have changed
            }
            found++;
            changed.add(SecretRef.of(vault, name));
          }
          return found;
        }));
    if (count > MAX_CHANGES) {
      return Set.of();
    }
    return changed.isEmpty() ? null : changed;
  }

  private static boolean isSecret(String vault, String name) {
    return vault.matches(SecretRef.NAME_GRAMMAR) && name.matches(SecretRef.NAME_GRAMMAR);
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
    closed.countDown();
    watches.clear();
    if (listener != null) {
      listener.close();
    }
    Notifications open = notifications;
    if (open != null) {
      open.close();
    }
  }
}
