package tech.tailor.secretmanager.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * A token that has to be renewed: ahead of its expiry if that is known, by one thread for all. The
 * other threads use the current token, and wait only if there is no current token.
 */
abstract class RenewedToken implements TokenSource {

  /** How long before its expiry a token is renewed, at most; of a short life a fifth. */
  private static final Duration AHEAD = Duration.ofSeconds(60);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);

  private final Pauses pauses;
  private final ReentrantLock renewing = new ReentrantLock();

  private volatile @Nullable Held held;
  private volatile long notBeforeNanos;
  private volatile boolean failed;

  RenewedToken(Pauses pauses) {
    this.pauses = pauses;
  }

  /**
   * A token and its life.
   *
   * @param life null where it isn't known: until it is refused
   */
  record Fresh(String token, @Nullable Duration life) {
    @Override
    public String toString() {
      return "Fresh[redacted]";
    }
  }

  private record Held(HeldToken token, boolean expires, long renewNanos, long endNanos) {
    @Override
    public String toString() {
      return "Held[redacted]";
    }
  }

  /**
   * Gets a token; called by one thread at a time.
   *
   * @param refused the one that the server refused, null if none was
   */
  abstract Fresh renew(@Nullable String refused, Deadline deadline);

  @Override
  public final String current(Deadline deadline) {
    Held now = held;
    if (now == null || isOver(now)) {
      return await(null, deadline);
    }
    if (now.expires() && pauses.ticker().getAsLong() - now.renewNanos() >= 0) {
      renewAhead(deadline);
      Held renewed = held;
      return (renewed == null ? now : renewed).token().text();
    }
    return now.token().text();
  }

  @Override
  public final String afterRefusal(String refused, Deadline deadline) {
    return await(refused, deadline);
  }

  private boolean isOver(Held token) {
    return token.expires() && pauses.ticker().getAsLong() - token.endNanos() >= 0;
  }

  private void renewAhead(Deadline deadline) {
    boolean paused = failed && pauses.ticker().getAsLong() - notBeforeNanos < 0;
    if (paused || !renewing.tryLock()) {
      return; // the token there is still serves
    }
    try {
      Held now = held;
      if (now != null && pauses.ticker().getAsLong() - now.renewNanos() >= 0) {
        renewLocked(null, deadline);
      }
    } catch (SecretManagerException e) {
      failed = true;
      notBeforeNanos = pauses.ticker().getAsLong() + PAUSE_AFTER_FAILURE.toNanos();
    } finally {
      renewing.unlock();
    }
  }

  private String await(@Nullable String refused, Deadline deadline) {
    lock(deadline);
    try {
      Held now = held;
      boolean another = now != null && !isOver(now) && !now.token().text().equals(refused);
      return another && now != null ? now.token().text() : renewLocked(refused, deadline);
    } finally {
      renewing.unlock();
    }
  }

  private void lock(Deadline deadline) {
    try {
      if (!renewing.tryLock(Math.max(0, deadline.leftNanos()), TimeUnit.NANOSECONDS)) {
        throw new SecretTimeoutException(
            "There is no access token yet: another thread is getting one; try again later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SecretUnavailableException(
          "There is no access token: the thread was interrupted while another one was getting it");
    }
  }

  private String renewLocked(@Nullable String refused, Deadline deadline) {
    long now = pauses.ticker().getAsLong();
    Fresh fresh = renew(refused, deadline);
    Duration life = fresh.life();
    if (life == null) {
      held = new Held(new HeldToken(fresh.token()), false, 0, 0);
    } else {
      long lifeNanos = life.compareTo(Duration.ofDays(365)) > 0
          ? Duration.ofDays(365).toNanos()
          : Math.max(0, life.toNanos());
      long ahead = Math.min(AHEAD.toNanos(), lifeNanos / 5);
      held = new Held(new HeldToken(fresh.token()), true, now + lifeNanos - ahead, now + lifeNanos);
    }
    failed = false;
    return fresh.token();
  }
}
