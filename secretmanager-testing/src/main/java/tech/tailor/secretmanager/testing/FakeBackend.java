package tech.tailor.secretmanager.testing;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * A backend that does wrong what it is told to, and leaves every other answer to the backend behind
 * it. It remembers what it was asked, never what was answered.
 *
 * <p>What happens to a fetch, in this order: it {@linkplain #hold() waits at a gate}; it
 * {@linkplain #slow takes its time}; it fails, first as {@link #failNext} ordered, one a fetch,
 * then as lasts, by {@link #failWith} and its kin; it answers, but for single names that
 * {@link #fail} or are {@linkplain #hide hidden}, which leave the other names of the fetch alone;
 * and {@link #duringNext something else happens} before the answer is given. Each fetch throws an
 * exception object of its own.
 *
 * <p><b>Thread-safety:</b> safe for use by several threads. An order holds for every fetch that
 * begins after it was given.
 *
 * <p><b>Ownership:</b> closing it closes the backend behind it.
 */
public final class FakeBackend implements SecretBackend {

  private final SecretBackend answering;
  private final Consumer<Duration> clock;

  // All guarded by `lock`, which is never held during a fetch from the backend behind.
  private final Object lock = new Object();
  private final List<FetchRecord> fetches = new ArrayList<>();
  private final Deque<SecretManagerException> nextFailures = new ArrayDeque<>();
  private final Map<SecretRef, SecretManagerException> failuresByRef = new HashMap<>();
  private final Set<SecretRef> hidden = new HashSet<>();
  private final Deque<Runnable> nextInterludes = new ArrayDeque<>();
  private final Set<Consumer<? super Set<SecretRef>>> watchers = new LinkedHashSet<>();
  private @Nullable SecretManagerException lastingFailure;
  private Duration delay = Duration.ZERO;
  private @Nullable Gate gate;
  private boolean closed;

  // Guards no data. A thread that tells the watchers holds it, so that they are told one by one.
  private final Object telling = new Object();

  private FakeBackend(SecretBackend answering, Consumer<Duration> clock) {
    this.answering = answering;
    this.clock = clock;
  }

  /** Puts itself in front of the given backend, which it owns from then on. */
  public static FakeBackend over(SecretBackend backend) {
    return new FakeBackend(requireNonNull(backend, "backend"), duration -> {
      throw new IllegalStateException("This fake backend has no clock to be slow by; that of a"
          + " FakeSecretManager, its backend(), has one");
    });
  }

  /**
   * Puts itself in front of the given backend, which it owns from then on.
   *
   * @param clock lets time pass
   */
  static FakeBackend over(SecretBackend backend, Consumer<Duration> clock) {
    return new FakeBackend(backend, clock);
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
   * The next {@code times} fetches fail as a whole, after those of earlier calls of this method.
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

  /**
   * One secret is answered as missing, as if it had been deleted, until {@link #recover()}; other
   * names in the same fetch are not.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public void hide(String vault, String name) {
    SecretRef ref = SecretRef.of(vault, name);
    synchronized (lock) {
      hidden.add(ref);
    }
  }

  /**
   * Every fetch takes that long by the fake's clock, which moves on as if by
   * {@link FakeSecretManager#advance}, until {@link #recover()}; nobody waits. What takes longer
   * than the manager's {@code fetchTimeout}, by default 10 seconds, is a timeout. Zero ends it.
   *
   * @throws IllegalArgumentException if the duration is negative, or longer than 36,500 days
   * @throws IllegalStateException if this is not the backend of a {@link FakeSecretManager}
   */
  public void slow(Duration duration) {
    requireNonNull(duration, "duration");
    FakeSecretManager.requireAdvance(duration);
    clock.accept(Duration.ZERO); // refuses here, and not in a fetch
    synchronized (lock) {
      delay = duration;
    }
  }

  /**
   * Lets every fetch that begins from now on wait until the gate is opened, on the thread that it
   * runs on; {@link #recover()} and {@link #close()} open it too. Replaces a gate that was there,
   * and opens it.
   *
   * @return the gate, to see who has come, and to open
   */
  public Gate hold() {
    Gate next = new Gate();
    replaceGate(next);
    return next;
  }

  /**
   * Runs something in the middle of the next fetch: after its answer was taken from the backend
   * behind, before it is given. What it changes there, the fetch has missed:
   *
   * <pre>{@code
   * fake.backend().duringNext(() -> fake.put("default", "db-password", "rotated"));
   * }</pre>
   *
   * <p>Runs on the thread of the fetch, which throws what it throws. Calls add up, one a fetch. A
   * fetch that was told to fail uses none up. Read no secret of this fetch in it: that read would
   * join the fetch, which waits for it, until it times out, after 10 seconds by default and by the
   * real clock.
   */
  public void duringNext(Runnable interlude) {
    requireNonNull(interlude, "interlude");
    synchronized (lock) {
      nextInterludes.add(interlude);
    }
  }

  /** Takes back everything that was ordered and has not happened yet, and opens the gate. */
  public void recover() {
    synchronized (lock) {
      nextFailures.clear();
      failuresByRef.clear();
      hidden.clear();
      nextInterludes.clear();
      lastingFailure = null;
      delay = Duration.ZERO;
    }
    replaceGate(null);
  }

  /**
   * Tells everybody who {@linkplain #watch watches} that a secret was changed, as a backend does
   * that knows; a manager then forgets what it has cached of it.
   *
   * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
   *     grammar}
   */
  public void tellChanged(String vault, String name) {
    Set<SecretRef> changed = Set.of(SecretRef.of(vault, name));
    synchronized (telling) {
      List<Consumer<? super Set<SecretRef>>> told;
      synchronized (lock) {
        told = List.copyOf(watchers);
      }
      told.forEach(watcher -> watcher.accept(changed));
    }
  }

  /** Passes on what the backend behind tells, beside what {@link #tellChanged} does. */
  @Override
  public Watch watch(Consumer<? super Set<SecretRef>> changed) {
    requireNonNull(changed, "changed");
    Consumer<Set<SecretRef>> watcher = refs -> {
      synchronized (telling) {
        changed.accept(refs);
      }
    };
    synchronized (lock) {
      requireOpen();
      watchers.add(watcher);
    }
    Watch behind;
    try {
      behind = answering.watch(watcher);
    } catch (RuntimeException e) {
      forget(watcher);
      throw e;
    }
    return () -> {
      forget(watcher);
      behind.close();
    };
  }

  /** Every fetch so far in the order of arrival, those that failed included; an immutable copy. */
  public List<FetchRecord> fetches() {
    synchronized (lock) {
      return List.copyOf(fetches);
    }
  }

  /** Forgets the fetches so far. */
  public void clearFetches() {
    synchronized (lock) {
      fetches.clear();
    }
  }

  @Override
  public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Gate closedGate;
    synchronized (lock) {
      requireOpen();
      fetches.add(new FetchRecord(vault, names));
      closedGate = gate;
    }
    if (closedGate != null) {
      closedGate.pass();
    }
    takeTime();
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    Set<String> answerable = new LinkedHashSet<>();
    Runnable interlude;
    synchronized (lock) {
      requireOpen();
      SecretManagerException failure = nextFailures.poll();
      if (failure == null) {
        failure = lastingFailure;
      }
      if (failure != null) {
        throw SecretSupport.forCaller(failure);
      }
      for (String name : names) {
        SecretRef ref = SecretRef.of(vault, name);
        SecretManagerException failureOfName = failuresByRef.get(ref);
        if (failureOfName != null) {
          outcomes.put(name, new SecretOutcome.Failed(SecretSupport.forCaller(failureOfName)));
        } else if (hidden.contains(ref)) {
          outcomes.put(name, new SecretOutcome.Missing(SecretNotFoundException.Missing.SECRET));
        } else {
          answerable.add(name);
        }
      }
      interlude = nextInterludes.poll();
    }
    if (!answerable.isEmpty()) {
      outcomes.putAll(answering.fetch(vault, answerable));
    }
    if (interlude != null) {
      runBefore(outcomes, interlude);
    }
    return outcomes;
  }

  /** Opens the gate, and closes the backend behind. A second call does nothing. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      watchers.clear();
    }
    replaceGate(null);
    answering.close();
  }

  private void takeTime() {
    Duration time;
    synchronized (lock) {
      time = delay;
    }
    if (!time.isZero()) {
      clock.accept(time);
    }
  }

  /** If it throws, nobody gets the values. */
  private static void runBefore(Map<String, SecretOutcome> outcomes, Runnable interlude) {
    boolean done = false;
    try {
      interlude.run();
      done = true;
    } finally {
      if (!done) {
        outcomes.values().forEach(outcome -> {
          if (outcome instanceof SecretOutcome.Found found) {
            found.value().close();
          }
        });
      }
    }
  }

  private void replaceGate(@Nullable Gate next) {
    Gate before;
    synchronized (lock) {
      before = gate;
      gate = next;
    }
    if (before != null) {
      before.open();
    }
  }

  private void forget(Consumer<? super Set<SecretRef>> watcher) {
    synchronized (lock) {
      watchers.remove(watcher);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The fake backend is closed");
    }
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

  /**
   * What fetches wait at until it is opened; see {@link FakeBackend#hold()}. A fetch waits for a
   * minute at most, so that a test that forgets to open it ends. Thread-safe.
   */
  public static final class Gate implements AutoCloseable {

    private static final long LONGEST_WAIT_SECONDS = 60;

    private final CountDownLatch opened = new CountDownLatch(1);
    private final Semaphore arrivals = new Semaphore(0);

    private Gate() {}

    /**
     * Waits until {@code fetches} fetches have reached the gate. Fetches that an earlier call of
     * this method waited for do not count.
     *
     * @throws IllegalArgumentException if {@code fetches} is less than 1
     * @throws IllegalStateException if they have not come within a minute, or the thread was
     *     interrupted, with the interrupt flag set
     */
    public void awaitFetches(int fetches) {
      if (fetches < 1) {
        throw new IllegalArgumentException("fetches must be at least 1, got " + fetches);
      }
      try {
        if (!arrivals.tryAcquire(fetches, LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException(
              "Waited for " + fetches + " more fetches at the gate, but "
                  + arrivals.availablePermits() + " came within " + LONGEST_WAIT_SECONDS
                  + " seconds; was the secret cached, or read by nobody?");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for fetches at the gate");
      }
    }

    /** Lets all fetches pass, those to come too. A second call does nothing. */
    public void open() {
      opened.countDown();
    }

    /** Opens it. */
    @Override
    public void close() {
      open();
    }

    private void pass() {
      arrivals.release();
      try {
        if (!opened.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
          throw new SecretTimeoutException("The fake backend was told to hold its fetches, and"
              + " nobody opened the gate within " + LONGEST_WAIT_SECONDS + " seconds");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SecretUnavailableException("Interrupted at the gate of the fake backend");
      }
    }
  }
}
