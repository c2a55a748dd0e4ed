package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Holds a backend to its contract: whatever it does, there is an outcome in time for each name that
 * was asked for and for no other, and an exception that it should not have thrown goes no further,
 * since its message could hold a value. It is called on another thread, so that a caller needn't
 * wait for a backend that doesn't return, unless it is to be called on the reading one.
 */
final class GuardedBackend {

  private static final System.Logger LOGGER = System.getLogger(GuardedBackend.class.getName());

  private final SecretBackend backend;
  private final Duration timeout;
  private final Calls calls;
  private final LongAdder made = new LongAdder();

  /** What calls on the reading thread are timed with; null where they run on other threads. */
  private final @Nullable LongSupplier ticker;

  /**
   * Guards a backend.
   *
   * @param timeout how long a call may take
   */
  GuardedBackend(SecretBackend backend, Duration timeout, OtherThreads threads) {
    this(backend, timeout, threads, null);
  }

  private GuardedBackend(
      SecretBackend backend,
      Duration timeout,
      OtherThreads threads,
      @Nullable LongSupplier ticker) {
    this.backend = backend;
    this.timeout = timeout;
    this.calls = new Calls(this::outcomes, threads.calls());
    this.ticker = ticker;
  }

  /**
   * Guards a backend, which it calls on the reading thread.
   *
   * @param timeout how long a call may have taken for its answer to count
   * @param ticker what that is measured with
   */
  static GuardedBackend onReadingThread(
      SecretBackend backend, Duration timeout, OtherThreads threads, LongSupplier ticker) {
    return new GuardedBackend(backend, timeout, threads, ticker);
  }

  /** An outcome for each name. The values found are the caller's. */
  Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Map<String, SecretOutcome> outcomes =
        ticker == null ? inTime(vault, names) : thenTimed(vault, names, ticker);
    LOGGER.log(DEBUG, () -> "Fetched from the vault " + vault + ": " + describe(outcomes));
    return outcomes;
  }

  /** Begins no call any more that waits for a thread. Calls on the reading thread never wait. */
  void endCalls() {
    calls.close();
  }

  /** How many calls were made to the backend. */
  long made() {
    return made.sum();
  }

  /** What comes later than that is wiped. */
  private Map<String, SecretOutcome> inTime(String vault, Set<String> names) {
    if (Thread.currentThread().isInterrupted()) { // nobody would wait for the answer
      return all(names, interrupted(vault, names));
    }
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    Calls.Request request = calls.ask(vault, names);
    SecretManagerException failure;
    try {
      return request.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      failure = timedOut(vault, names);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = interrupted(vault, names);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      // The threads take no more: it was closed.
      failure = new SecretUnavailableException("The SecretManager was closed");
    }
    return request.giveUp() || request.isCompletedExceptionally()
        ? all(names, failure)
        : request.join(); // the answer came meanwhile
  }

  private Map<String, SecretOutcome> thenTimed(
      String vault, Set<String> names, LongSupplier clock) {
    long begunNanos = clock.getAsLong();
    Map<String, SecretOutcome> outcomes = outcomes(vault, names);
    if (clock.getAsLong() - begunNanos <= timeout.toNanos()) {
      return outcomes;
    }
    Outcomes.discardAll(outcomes);
    return all(names, timedOut(vault, names));
  }

  private static SecretUnavailableException interrupted(String vault, Set<String> names) {
    return new SecretUnavailableException("Interrupted when about to " + reading(vault, names));
  }

  private SecretTimeoutException timedOut(String vault, Set<String> names) {
    return new SecretTimeoutException("No answer when asked to " + reading(vault, names)
        + " within " + timeout + "; try again, or raise fetchTimeout");
  }

  private Map<String, SecretOutcome> outcomes(String vault, Set<String> names) {
    made.increment();
    try {
      return checked(vault, names, backend.fetch(vault, Collections.unmodifiableSet(names)));
    } catch (SecretNotFoundException e) {
      return all(
          names,
          broken("threw a SecretNotFoundException for the vault " + vault
              + "; what does not exist is an outcome, SecretOutcome.Missing"));
    } catch (SecretManagerException e) {
      return all(names, e);
    } catch (Exception e) { // also a checked one: not every language declares them
      return all(names, unexpected(reading(vault, names), e));
    }
  }

  /** The failure of a backend whose value turned out to be closed when it was to be copied. */
  SecretOutcome.Failed gaveClosedValue(SecretRef ref) {
    return new SecretOutcome.Failed(broken("gave a closed value for the secret " + ref
        + "; each fetch must give a new value, for the caller to close"));
  }

  /**
   * Begins to watch, as the backend does.
   *
   * @throws SecretManagerException if it fails to
   */
  SecretBackend.Watch watch(Consumer<Set<SecretRef>> changed) {
    try {
      SecretBackend.@Nullable Watch watch = backend.watch(changed);
      return watch == null ? () -> {} : () -> guarded("end its watch", watch::close);
    } catch (SecretManagerException e) {
      throw e;
    } catch (Exception e) { // as above
      throw unexpected("watch", e);
    }
  }

  /**
   * Closes the backend.
   *
   * @throws SecretManagerException if it fails to
   */
  void close() {
    guarded("close", backend::close);
  }

  private void guarded(String attempt, Runnable end) {
    try {
      end.run();
    } catch (SecretManagerException e) {
      throw e;
    } catch (Exception e) { // as above
      throw unexpected(attempt, e);
    }
  }

  private Map<String, SecretOutcome> checked(
      String vault, Set<String> names, @Nullable Map<String, SecretOutcome> answer) {
    Map<String, SecretOutcome> rest =
        answer == null ? new LinkedHashMap<>() : new LinkedHashMap<>(answer);
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    for (String name : names) {
      outcomes.put(name, checked(SecretRef.of(vault, name), rest.remove(name)));
    }
    rest.values().forEach(Outcomes::discard); // what was not asked for
    return outcomes;
  }

  private SecretOutcome checked(SecretRef ref, @Nullable SecretOutcome outcome) {
    return outcome != null
        ? outcome
        : new SecretOutcome.Failed(broken("gave no outcome for the secret " + ref
            + "; a backend must answer for each name it is asked for"));
  }

  private SecretProtocolException broken(String how) {
    return new SecretProtocolException("The backend " + backendName() + " " + how);
  }

  /**
   * Where the exception was thrown tells enough; its message, and so itself as a cause, stay here.
   */
  private SecretProtocolException unexpected(String attempt, Exception e) {
    StackTraceElement[] trace = e.getStackTrace();
    return new SecretProtocolException("The backend " + backendName() + " failed to " + attempt
        + " with a " + e.getClass().getName()
        + (trace.length == 0 ? "" : " at " + trace[0])
        + "; its message is withheld, since it could hold a value");
  }

  private static String reading(String vault, Set<String> names) {
    String first = names.stream().limit(5).collect(Collectors.joining(", "));
    String some = names.size() <= 5 ? first : first + " and " + (names.size() - 5) + " more";
    return "read " + some + " from the vault " + vault;
  }

  private static Map<String, SecretOutcome> all(Set<String> names, SecretManagerException failure) {
    Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
    names.forEach(name -> outcomes.put(name, new SecretOutcome.Failed(failure)));
    return outcomes;
  }

  private String backendName() {
    return backend.getClass().getName();
  }

  private static String describe(Map<String, SecretOutcome> fetched) {
    return fetched.entrySet().stream()
        .map(entry -> entry.getKey() + " " + describe(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String describe(SecretOutcome outcome) {
    return outcome instanceof SecretOutcome.Failed failed
        ? failed.failure().getClass().getSimpleName()
        : outcome instanceof SecretOutcome.Found ? "found" : "missing";
  }
}
