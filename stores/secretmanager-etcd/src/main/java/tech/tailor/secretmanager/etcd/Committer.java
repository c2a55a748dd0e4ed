package tech.tailor.secretmanager.etcd;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.shared.Budget;
import tech.tailor.secretmanager.envelope.shared.RewindGuard;

/**
 * The one way to write: one transaction that takes effect only if the head is as it was read, made
 * again from a newer head where another commit was faster. Thread-safe.
 */
final class Committer {

  private static final int LONGEST_PAUSE_MILLIS = 64;

  private final Etcd etcd;
  private final Keys keys;
  private final HeadReader heads;
  private final RewindGuard<Head> guard;
  private final EtcdSettings settings;
  private final String store;
  private final Duration timeout;

  /** So that the commits of one process don't conflict with each other. */
  private final ReentrantLock turn = new ReentrantLock(true);

  Committer(
      Etcd etcd, Keys keys, HeadReader heads, RewindGuard<Head> guard, EtcdSettings settings) {
    this.etcd = etcd;
    this.keys = keys;
    this.heads = heads;
    this.guard = guard;
    this.settings = settings;
    this.store = settings.describe();
    this.timeout = settings.timeout();
  }

  /**
   * What a plan makes of a head.
   *
   * @param result what the method returns
   */
  record Commit<T>(CommitWriter.Written written, T result) {}

  /** Makes a commit of what was read; called again where another commit was faster. */
  interface Plan<T> {

    /**
     * Makes a commit.
     *
     * @param budget of the call, for what is read in addition
     */
    Commit<T> make(HeadReader.Opened opened, Budget budget);

    /** The head that the plan was made from; the next one is read with the log since then. */
    default @Nullable Head since() {
      return null;
    }

    /** What is read in the same request as the head. */
    default List<Op> gets() {
      return List.of();
    }
  }

  /** Commits what the plan makes, unless the store was rewound. */
  <T> T commit(Plan<T> plan) {
    return commit(plan, false);
  }

  /** Commits what the plan makes, whatever this process has seen before. */
  void commitAfterRewind(Plan<Boolean> plan) {
    commit(plan, true);
  }

  private <T> T commit(Plan<T> plan, boolean isAfterRewind) {
    Budget budget = Budget.of(timeout);
    takeTurn(budget);
    try {
      Commit<T> done = run(plan, isAfterRewind, budget);
      if (!done.written.puts().isEmpty()) {
        Head head = done.written.head();
        if (isAfterRewind) {
          guard.accepted(head);
        } else {
          guard.committed(head);
        }
      }
      return done.result;
    } catch (Etcd.CompactedException e) {
      throw new SecretUnavailableException(
          "The " + store + " was compacted while it was read; nothing was changed. Try again");
    } finally {
      turn.unlock();
    }
  }

  private void takeTurn(Budget budget) {
    if (turn.isHeldByCurrentThread()) {
      throw new IllegalStateException("The " + store + " is being changed by this very thread, in"
          + " one commit; use the store that was passed to those changes");
    }
    long startNanos = System.nanoTime();
    try {
      if (!turn.tryLock(budget.leftNanos(), NANOSECONDS)) {
        throw new SecretTimeoutException("The " + store + " is being changed by another thread of"
            + " this process for longer than the timeout; nothing was changed. Prepare what takes"
            + " time before inOneCommit");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SecretUnavailableException(
          "The thread was interrupted while it waited to change the " + store
              + "; nothing was changed");
    } finally {
      budget.spendSince(startNanos);
    }
  }

  private <T> Commit<T> run(Plan<T> plan, boolean isAfterRewind, Budget budget) {
    HeadReader.Opened opened = open(budget, plan, isAfterRewind);
    Commit<T> commit = plan.make(opened, budget);
    for (int attempt = 1; !isWritten(budget, opened, commit); attempt++) {
      if (budget.isSpent() || !pause(budget, attempt)) {
        throw new SecretTimeoutException(
            "The change of the " + store + " did not take effect within"
                + " the timeout, since other writers were faster or etcd did not answer; nothing was"
                + " changed. Try again");
      }
      opened = open(budget, plan, isAfterRewind);
      commit = plan.make(opened, budget);
    }
    return commit;
  }

  private HeadReader.Opened open(Budget budget, Plan<?> plan, boolean isAfterRewind) {
    return isAfterRewind ? heads.read(budget) : heads.require(budget, plan.since(), plan.gets());
  }

  /** False if another commit was faster, and this one had no effect and never will have. */
  private boolean isWritten(Budget budget, HeadReader.Opened opened, Commit<?> commit) {
    if (commit.written.puts().isEmpty()) {
      return true;
    }
    List<Cmp> comparisons =
        settings.control().comparesHead() ? Etcd.isStill(opened.stored()) : List.of();
    try {
      long longestNanos = budget.leftNanos() / 2; // the rest is for the question what became of it
      return etcd.write(budget, longestNanos, comparisons, commit.written.puts(), List.of())
          .isSucceeded();
    } catch (Etcd.InDoubtException e) {
      return tookEffect(budget, opened, commit.written.head(), e);
    }
  }

  /**
   * Settles a commit whose end is not known: writes the head as it was, if it still is, so that a
   * transaction that is on its way is refused when it arrives. Otherwise the log tells whose commit
   * moved the head.
   */
  private boolean tookEffect(
      Budget budget, HeadReader.Opened opened, Head head, Etcd.InDoubtException failure) {
    boolean isInterrupted = Thread.interrupted(); // for this the caller waits a little longer
    try {
      return settle(budget, opened, head, failure);
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean settle(
      Budget budget, HeadReader.Opened opened, Head head, Etcd.InDoubtException failure) {
    for (int attempt = 1; true; attempt++) {
      try {
        TxnResponse answer = etcd.write(
            budget,
            budget.leftNanos(),
            Etcd.isStill(opened.stored()),
            List.of(Etcd.put(keys.head(), opened.stored().getValue().getBytes())),
            List.of(Etcd.get(keys.log(head.generation())), Etcd.get(keys.head())));
        return !answer.isSucceeded() && isLogged(answer.getGetResponses(), head, failure);
      } catch (Etcd.InDoubtException | SecretManagerException e) {
        if (e instanceof SecretOutcomeUnknownException unknown) {
          throw unknown;
        }
        if (budget.isSpent() || !pause(budget, attempt)) {
          throw unknown(failure, e);
        }
      }
    }
  }

  private boolean isLogged(List<GetResponse> found, Head head, Etcd.InDoubtException failure) {
    Optional<KeyValue> entry = found.get(0).getKvs().stream().findFirst();
    if (entry.isPresent()) {
      try {
        String text = Lines.decode(entry.get().getValue().getBytes());
        return LogEntry.of(text).commitId().equals(head.commitId());
      } catch (IllegalArgumentException e) {
        throw unknown(failure, e);
      }
    }
    boolean isHeadThere = !found.get(1).getKvs().isEmpty();
    if (!isHeadThere) {
      throw unknown(failure, failure); // the store was deleted meanwhile
    }
    // As many commits of others as the log keeps, within one timeout, would hide ours.
    return false;
  }

  private SecretOutcomeUnknownException unknown(Etcd.InDoubtException failure, Exception e) {
    SecretOutcomeUnknownException unknown = new SecretOutcomeUnknownException(
        "etcd did not answer during the commit to the " + store + ", and whether it took effect,"
            + " or still will, can't be asked now. Once etcd answers, read the secret again before"
            + " you repeat the change",
        failure.getCause());
    if (e instanceof SecretManagerException) {
      unknown.addSuppressed(e);
    }
    return unknown;
  }

  /** Lets other writers end; a random time, so that several don't meet again. */
  private static boolean pause(Budget budget, int attempt) {
    int most = Math.min(LONGEST_PAUSE_MILLIS, 1 << Math.min(attempt, 6));
    long startNanos = System.nanoTime();
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(most) + 1L);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      budget.spendSince(startNanos);
    }
  }
}
