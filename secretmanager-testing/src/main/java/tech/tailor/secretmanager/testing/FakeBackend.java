package tech.tailor.secretmanager.testing;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A backend that fails when it is told to, and leaves every other answer to the backend behind it.
 * It remembers what it was asked, never what was answered.
 *
 * <p>Which failure a fetch meets: first those ordered with {@link #failNext}, one a fetch; then the
 * one that lasts, of {@link #failWith} and its kin; then those of single names, of {@link #fail},
 * which leave the other names of the fetch alone. Each fetch throws an exception object of its own.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads. An order holds for every fetch that
 * begins after it was given.
 *
 * <p><b>Ownership:</b> closing it closes the backend behind it.
 */
public final class FakeBackend implements SecretBackend {

  private final SecretBackend answering;

  // All guarded by `lock`, which is never held during a fetch from the backend behind.
  private final Object lock = new Object();
  private final List<FetchRecord> fetches = new ArrayList<>();
  private final Deque<SecretManagerException> nextFailures = new ArrayDeque<>();
  private final Map<SecretRef, SecretManagerException> failuresByRef = new HashMap<>();
  private @Nullable SecretManagerException lastingFailure;
  private boolean closed;

  private FakeBackend(SecretBackend answering) {
    this.answering = answering;
  }

  /** Puts itself in front of the given backend, which it owns from then on. */
  public static FakeBackend over(SecretBackend backend) {
    return new FakeBackend(requireNonNull(backend, "backend"));
  }

  /** Every fetch fails with a {@link SecretUnavailableException}, until {@link #recover()}. */
  public void failWithUnavailable() {
    failWith(new SecretUnavailableException(
        "The fake backend was told to be unavailable; recover() ends that"));
  }

  /** Every fetch fails with a {@link SecretAccessDeniedException}, until {@link #recover()}. */
  public void failWithAccessDenied() {
    failWith(new SecretAccessDeniedException(
        "The fake backend was told to deny access; recover() ends that"));
  }

  /**
   * Every fetch fails as a whole, until {@link #recover()}. Replaces what lasted before.
   *
   * @throws IllegalArgumentException for a {@link SecretNotFoundException}, which no backend throws
   *     from a fetch: to have a secret missing, don't put it there
   */
  public void failWith(SecretManagerException failure) {
    requireFailure(failure);
    synchronized (lock) {
      lastingFailure = failure;
    }
  }

  /**
   * The next so many fetches fail as a whole, after those of earlier calls of this method.
   *
   * @throws IllegalArgumentException if {@code times} is less than 1, or for a
   *     {@link SecretNotFoundException}, which no backend throws from a fetch
   */
  public void failNext(int times, SecretManagerException failure) {
    requireFailure(failure);
    if (times < 1) {
      throw new IllegalArgumentException("times must be at least 1, got " + times);
    }
    synchronized (lock) {
      nextFailures.addAll(Collections.nCopies(times, failure));
    }
  }

  /**
   * One secret fails wherever it is fetched, until {@link #recover()}; other names in the same
   * fetch do not.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}, or for a {@link SecretNotFoundException}, which is no failure
   */
  public void fail(String vault, String name, SecretManagerException failure) {
    SecretRef ref = SecretRef.of(vault, name);
    requireFailure(failure);
    synchronized (lock) {
      failuresByRef.put(ref, failure);
    }
  }

  /** Takes back every failure that was ordered and has not been met yet. */
  public void recover() {
    synchronized (lock) {
      nextFailures.clear();
      failuresByRef.clear();
      lastingFailure = null;
    }
  }

  /** Every fetch so far in the order of arrival, those that failed included; an immutable copy. */
  public List<FetchRecord> fetches() {
    synchronized (lock) {
      return List.copyOf(fetches);
    }
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<String> answerable = new LinkedHashSet<>();
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("The fake backend is closed");
      }
      fetches.add(new FetchRecord(vault, names));
      SecretManagerException failure = nextFailures.poll();
      if (failure == null) {
        failure = lastingFailure;
      }
      if (failure != null) {
        throw failure.forCaller();
      }
      for (String name : names) {
        SecretManagerException failureOfName = failuresByRef.get(SecretRef.of(vault, name));
        if (failureOfName == null) {
          answerable.add(name);
        } else {
          outcomes.put(name, new SecretOutcome.Failed(failureOfName.forCaller()));
        }
      }
    }
    if (!answerable.isEmpty()) {
      outcomes.putAll(answering.fetch(vault, answerable));
    }
    return outcomes;
  }

  /** Closes the backend behind. A second call does nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    answering.close();
  }

  private static void requireFailure(SecretManagerException failure) {
    if (requireNonNull(failure, "failure") instanceof SecretNotFoundException) {
      throw new IllegalArgumentException(
          "A secret that does not exist is no failure of a backend: don't put it there instead");
    }
  }

  /**
   * What one fetch asked for. Immutable; holds no value.
   *
   * @param vault the vault
   * @param names the names, in the order in which they were asked for
   */
  public record FetchRecord(String vault, Set<String> names) {
    /** Copies the names. */
    public FetchRecord {
      requireNonNull(vault, "vault");
      names = Collections.unmodifiableSet(new LinkedHashSet<>(requireNonNull(names, "names")));
    }
  }
}
