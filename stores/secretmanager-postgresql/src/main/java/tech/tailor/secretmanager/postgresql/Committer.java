package tech.tailor.secretmanager.postgresql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.Envelope;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.Keyring;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * The one way to write: under the lock of the head row, from what the database holds then, as the
 * next generation. Thread-safe.
 */
final class Committer {

  private static final String LOCK = " FOR UPDATE OF s";
  private static final int SETTINGS = 2;
  private static final String VAULT = "SELECT " + Records.VAULT_COLUMNS + HeadReader.FROM
      + " JOIN secretmanager.vault v ON v.store_id = s.store_id" + HeadReader.WHERE
      + " AND v.name = ?";
  private static final String SECRET = "SELECT " + Records.SECRET_COLUMNS + HeadReader.FROM
      + " JOIN secretmanager.secret c ON c.store_id = s.store_id" + HeadReader.WHERE
      + " AND c.vault = ? AND c.name = ?";
  private static final long PAUSE_MILLIS = 50;

  private final Database database;
  private final HeadReader heads;
  private final Keyring keyring;
  private final RewindGuard<Head> guard;
  private final PostgresSettings settings;
  private final String store;
  private final Duration longest;
  private final Set<Thread> committing = ConcurrentHashMap.newKeySet();

  Committer(
      Database database,
      HeadReader heads,
      Keyring keyring,
      RewindGuard<Head> guard,
      PostgresSettings settings) {
    this.database = database;
    this.heads = heads;
    this.keyring = keyring;
    this.guard = guard;
    this.settings = settings;
    this.store = settings.describe();
    this.longest = settings.timeout().plus(settings.lockTimeout());
  }

  /**
   * The head, locked.
   *
   * @param session of the transaction that locks it
   * @param opened its keys
   * @param now the time of the commit, by the clock of the database
   * @param before the newest commit that was seen before it was locked
   * @param asked what was read with it
   */
  record Locked(
      Session session,
      HeadReader.Opened opened,
      Instant now,
      @Nullable Head before,
      @Nullable Asked asked) {

    Head head() {
      return opened.head();
    }

    Envelope envelope() {
      return opened.envelope();
    }

    /** The records, with what was read with the head. */
    PostgresContent content(String store) {
      PostgresContent content =
          new PostgresContent(RecordSource.of(session, opened, store), envelope(), store, now);
      if (asked != null) {
        Records records = new Records(head().storeId(), envelope(), store);
        SecretRef ref = asked.ref;
        content.keep(ref.vault(), Optional.ofNullable(asked.vault).map(records::vault));
        content.keep(ref, Optional.ofNullable(asked.secret).map(records::secret));
      }
      return content;
    }

    /** A commit under the same data keys. */
    CommitWriter writer(long generation, String store) {
      return new CommitWriter(head(), envelope(), envelope(), generation, store);
    }
  }

  /** A secret with its vault, as they were read with the head. */
  private record Asked(
      SecretRef ref, Records.@Nullable VaultRow vault, Records.@Nullable SecretRow secret) {}

  /**
   * What a plan makes of the locked head.
   *
   * @param envelope the data keys from then on
   * @param result what the method returns
   */
  record Commit<T>(CommitWriter.Written written, Envelope envelope, T result) {}

  /** Makes a commit of what was locked. */
  interface Plan<T> {
    Commit<T> make(Locked locked) throws SQLException;
  }

  /** A commit whose end is not known yet. */
  private static final class Attempt<T> {
    private @Nullable Commit<T> inDoubt;
  }

  /** Commits what the plan makes, unless the store was rewound. */
  <T> T commit(Plan<T> plan) {
    return commit(null, plan);
  }

  /**
   * Commits what the plan makes, unless the store was rewound.
   *
   * @param asked a secret that the plan asks for: it is read in the same round trip as the head
   */
  <T> T commit(@Nullable SecretRef asked, Plan<T> plan) {
    return commit(
        asked,
        locked -> {
          HeadReader.Opened opened = locked.opened;
          heads.requireNotRewound(locked.before, opened.head(), opened.there());
          return plan.make(locked);
        },
        false);
  }

  /** Commits what the plan makes, whatever this process has seen before. */
  void commitAfterRewind(Plan<Boolean> plan) {
    commit(null, plan, true);
  }

  private <T> T commit(@Nullable SecretRef asked, Plan<T> plan, boolean isAfterRewind) {
    Thread thread = Thread.currentThread();
    if (!committing.add(thread)) {
      throw new IllegalStateException("The " + store + " is being changed by this very thread, in"
          + " one commit; use the store that was passed to those changes");
    }
    try {
      Commit<T> done = run(asked, plan);
      if (!done.written.statements().isEmpty()) {
        finish(done, isAfterRewind);
      }
      return done.result;
    } finally {
      committing.remove(thread);
    }
  }

  private <T> Commit<T> run(@Nullable SecretRef asked, Plan<T> plan) {
    Attempt<T> attempt = new Attempt<>();
    try {
      return database.transaction(
          Budget.of(longest), session -> run(session, asked, plan, attempt));
    } catch (SecretManagerException e) {
      Commit<T> inDoubt = attempt.inDoubt;
      if (inDoubt == null) {
        throw e;
      }
      if (tookEffect(inDoubt.written.head(), e)) {
        return inDoubt;
      }
      if (e instanceof SecretUnavailableException || e instanceof SecretTimeoutException) {
        throw new SecretUnavailableException(
            "The connection to the " + store
                + " broke during the commit, which did not take effect: nothing was changed. Try again");
      }
      throw e;
    }
  }

  private <T> Commit<T> run(
      Session session, @Nullable SecretRef asked, Plan<T> plan, Attempt<T> attempt)
      throws SQLException {
    Commit<T> commit = plan.make(lock(session, asked));
    if (commit.written.statements().isEmpty()) {
      session.rollback();
      return commit;
    }
    if (!session.update(commit.written.statements())) {
      throw new SecretIntegrityException("The " + store + " was changed while its head was locked,"
          + " or hides records from the role of this connection; nothing was changed. Find out who"
          + " writes to the database without this library");
    }
    attempt.inDoubt = commit; // whatever the error says: a pooler or a driver may have made it up
    session.commit();
    return commit;
  }

  private <T> void finish(Commit<T> done, boolean isAfterRewind) {
    Head head = done.written.head();
    keyring.keep(head.storeId(), head.keysDigest(), done.envelope);
    if (isAfterRewind) {
      guard.accepted(head);
    } else {
      guard.committed(head);
    }
  }

  /**
   * Locks the head, then reads a secret, which is that of the newest commit: READ COMMITTED takes a
   * snapshot for each query.
   */
  private Locked lock(Session session, @Nullable SecretRef asked) throws SQLException {
    Head before = guard.seen();
    List<Session.Statement> queries = new ArrayList<>();
    queries.add(Session.Statement.of(
        "SELECT " + HeadReader.COLUMNS
            + ", (extract(epoch FROM clock_timestamp()) * 1000)::bigint" + HeadReader.FROM
            + HeadReader.WHERE + (settings.locksHead() ? LOCK : ""),
        HeadReader.asked(before),
        heads.workspace()));
    if (asked != null) {
      queries.add(Session.Statement.of(VAULT, heads.workspace(), asked.vault()));
      queries.add(Session.Statement.of(SECRET, heads.workspace(), asked.vault(), asked.name()));
    }
    LockedRow row = session.queryAfter(
        transactionSettings(session), SETTINGS, queries, next -> lockedRow(next, asked));
    return new Locked(
        session,
        heads.open(session, row.head, row.there),
        Instant.ofEpochMilli(row.millis),
        before,
        row.asked);
  }

  private record LockedRow(
      Head head,
      @Nullable OpaqueBytes there,
      long millis,
      @Nullable Asked asked) {}

  private LockedRow lockedRow(Session.Next next, @Nullable SecretRef ref) throws SQLException {
    ResultSet row = next.rows();
    if (!row.next()) {
      throw heads.missing();
    }
    Head head = Head.of(row);
    OpaqueBytes there = HeadReader.there(row);
    long millis = row.getLong(HeadReader.COLUMN_COUNT + 1);
    return new LockedRow(head, there, millis, ref == null ? null : asked(next, ref));
  }

  private static Asked asked(Session.Next next, SecretRef ref) throws SQLException {
    ResultSet vault = next.rows();
    Records.VaultRow vaultRow = vault.next() ? Records.VaultRow.of(vault, 1) : null;
    ResultSet secret = next.rows();
    return new Asked(ref, vaultRow, secret.next() ? Records.SecretRow.of(secret, 1) : null);
  }

  /**
   * What holds for this transaction alone: a setting of the session would reach other clients. The
   * server gives a lock up before this process gives the server up.
   */
  private String transactionSettings(Session session) {
    long leftMillis = session.leftMillis();
    long lockMillis = Math.max( // 0 would be no limit
        1, Math.min(settings.lockTimeout().toMillis(), leftMillis - leftMillis / 10));
    return "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;SELECT set_config('lock_timeout', '"
        + lockMillis + "', true), set_config('idle_in_transaction_session_timeout', '"
        + Math.max(1_000, lockMillis) + "', true), set_config('statement_timeout', '"
        + Math.max(1, leftMillis) + "', true);";
  }

  /** Asks under the lock: by then a commit that was under way has ended, one way or the other. */
  private boolean tookEffect(Head head, SecretManagerException failure) {
    Budget budget = Budget.of(longest);
    while (true) {
      Budget attempt = budget.half(); // a connection that hangs leaves time for another
      long startNanos = System.nanoTime();
      try {
        return database.transaction(attempt, session -> stands(session, head));
      } catch (SecretManagerException | IllegalStateException e) {
        budget.spendSince(startNanos);
        boolean closed = e instanceof IllegalStateException;
        if (closed || !pause(budget) || budget.isSpent()) {
          SecretOutcomeUnknownException unknown = new SecretOutcomeUnknownException(
              "The connection to the " + store + " broke during the commit, and whether it took"
                  + " effect can't be asked now. Read the secret again before you repeat the change",
              failure);
          unknown.addSuppressed(e);
          throw unknown;
        }
      }
    }
  }

  private boolean stands(Session session, Head head) throws SQLException {
    session.queryAfter(
        transactionSettings(session),
        SETTINGS,
        List.of(Session.Statement.of(
            "SELECT s.generation" + HeadReader.FROM + HeadReader.WHERE + LOCK, heads.workspace())),
        next -> next.rows().next());
    boolean stands = session.query(
        Session.Statement.of(
            "SELECT 1 FROM secretmanager.change h WHERE h.store_id = ? AND h.generation = ?"
                + " AND h.seq = 0 AND h.commit_id = ?",
            head.storeId(),
            head.generation(),
            head.commitId()),
        ResultSet::next);
    session.rollback();
    return stands;
  }

  private static boolean pause(Budget budget) {
    long startNanos = System.nanoTime();
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      budget.spendSince(startNanos);
    }
  }
}
