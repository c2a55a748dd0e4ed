package tech.tailor.secretmanager.postgresql;

import static java.lang.System.Logger.Level.DEBUG;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.envelope.shared.ChangeWatcher;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;

/**
 * Reads what was changed from the trail. It is time to look at every interval; a notification of
 * the server only gives a reason to look at once. Thread-safe.
 */
final class ChangeFeed implements ChangeWatcher.Feed<Head> {

  private static final System.Logger LOGGER = System.getLogger(ChangeFeed.class.getName());

  /** Up to this number, changes are told one by one; beyond it, that any may have been made. */
  private static final int MAX_CHANGES = 10_000;

  private static final String CHANGES =
      "SELECT vault, name FROM secretmanager.change WHERE store_id = ? AND generation > ?"
          + " AND generation <= ? AND name IS NOT NULL"
          + " AND what IN ('create', 'update', 'delete', 'enable', 'disable', 'destroy')"
          + " ORDER BY generation, seq LIMIT ?";

  private static final String COMMITS =
      "SELECT count(DISTINCT generation) FROM secretmanager.change WHERE store_id = ?"
          + " AND generation > ? AND generation <= ?";

  private final Database database;
  private final @Nullable ConnectionSource listener;
  private final HeadReader heads;
  private final RewindGuard<Head> guard;
  private final Duration lookEvery;
  private final boolean catchesUp;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Notifications notifications;

  /** Whether the listening connection has just failed: only the watching thread asks. */
  private boolean failed;

  ChangeFeed(
      Database database, HeadReader heads, RewindGuard<Head> guard, PostgresSettings settings) {
    DataSource direct = settings.listener();
    this.database = database;
    this.listener = direct == null ? null : new ConnectionSource(direct, settings.describe());
    this.heads = heads;
    this.guard = guard;
    this.lookEvery = settings.pollEvery();
    this.catchesUp = settings.catchesUp();
  }

  @Override
  public Head head() {
    Head before = guard.seen();
    return database.snapshot(
        database.budget(), session -> heads.require(session, before).head());
  }

  @Override
  public void await() throws InterruptedException {
    ConnectionSource direct = listener;
    if (direct == null || failed) { // a server that ends each listener is not asked more often
      failed = false;
      awaitNextLook();
      return;
    }
    try {
      Notifications open = notifications;
      if (open == null) {
        notifications = Notifications.listen(direct, database);
        if (closed.getCount() == 0) {
          closeNotifications();
        }
        return; // to look what came before it listened
      }
      Head seen = guard.seen();
      open.await(lookEvery, seen == null ? null : seen.storeId());
    } catch (SQLException | RuntimeException | LinkageError e) { // the next try is a new one
      LOGGER.log(
          DEBUG, () -> "The listening connection failed with a " + e.getClass().getName());
      failed = notifications != null;
      closeNotifications();
      if (!failed) { // else what it did not tell is looked for at once
        awaitNextLook();
      }
    }
  }

  private void awaitNextLook() throws InterruptedException {
    if (closed.await(lookEvery.toNanos(), TimeUnit.NANOSECONDS)) {
      LOGGER.log(DEBUG, "The wait for changes ended, since the store was closed");
    }
  }

  private void closeNotifications() {
    Notifications open = notifications;
    notifications = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public ChangeWatcher.Look<Head> look(Head seen) {
    Head now = head();
    if (!now.storeId().equals(seen.storeId()) || now.epoch() != seen.epoch()) {
      return new ChangeWatcher.Look<>(now, Set.of()); // a rewind was accepted
    }
    return new ChangeWatcher.Look<>(
        now, now.generation() > seen.generation() ? changes(seen, now) : null);
  }

  private @Nullable Set<SecretRef> changes(Head seen, Head now) {
    Set<SecretRef> changed = new HashSet<>();
    long from = catchesUp ? seen.generation() : now.generation() - 1;
    boolean isWhole = database.query(database.budget(), session -> {
      long commits = session.query(
          Session.Statement.of(COMMITS, now.storeId(), from, now.generation()),
          row -> row.next() ? row.getLong(1) : 0);
      return commits == now.generation() - from && read(session, from, now, changed);
    });
    if (!isWhole) {
      return Set.of();
    }
    return changed.isEmpty() ? null : changed;
  }

  /** Returns whether that was all: neither too many to be told, nor written by somebody else. */
  private static boolean read(Session session, long from, Head now, Set<SecretRef> changed)
      throws SQLException {
    return session.query(
        Session.Statement.of(CHANGES, now.storeId(), from, now.generation(), MAX_CHANGES + 1),
        rows -> {
          int found = 0;
          while (rows.next()) {
            String vault = rows.getString(1);
            String name = rows.getString(2);
            if (vault == null || name == null || !isSecret(vault, name)) {
              return false;
            }
            found++;
            changed.add(SecretRef.of(vault, name));
          }
          return found <= MAX_CHANGES;
        });
  }

  private static boolean isSecret(String vault, String name) {
    return vault.matches(SecretRef.NAME_GRAMMAR) && name.matches(SecretRef.NAME_GRAMMAR);
  }

  @Override
  public void close() {
    closed.countDown();
    if (listener != null) {
      listener.close();
    }
    closeNotifications();
  }
}
