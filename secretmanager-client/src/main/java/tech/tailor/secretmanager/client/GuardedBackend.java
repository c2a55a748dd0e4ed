package tech.tailor.secretmanager.client;

import static java.lang.System.Logger.Level.DEBUG;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Holds a backend to its contract: there is an outcome for each name that was asked for and for no
 * other, and an exception that the backend should not have thrown goes no further, since its
 * message could hold a value. Thread-safe.
 */
final class GuardedBackend {

  private static final System.Logger LOGGER = System.getLogger(GuardedBackend.class.getName());

  private final SecretBackend backend;
  private final LongAdder made = new LongAdder();

  /** What this backend is asked for on the current thread. Nothing outlives the call. */
  @SuppressWarnings("ThreadLocalUsage") // one for each manager: they may be nested
  private final ThreadLocal<Set<SecretRef>> asking = new ThreadLocal<>();

  GuardedBackend(SecretBackend backend) {
    this.backend = backend;
  }

  /** Asks the backend. Returns an outcome for each name; the values found are the caller's. */
  Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
    Map<String, SecretOutcome> outcomes = entered(vault, names);
    try {
      LOGGER.log(DEBUG, () -> "Fetched from the vault " + vault + ": " + describe(outcomes));
    } catch (Throwable e) { // of a handler; nobody would wipe the values
      Outcomes.discardAll(outcomes);
      throw e;
    }
    return outcomes;
  }

  /** Returns how many calls were made to the backend. */
  long made() {
    return made.sum();
  }

  /** Returns whether the current thread is inside a call to the backend. */
  boolean isAskedByThisThread() {
    return asking.get() != null;
  }

  private Map<String, SecretOutcome> entered(String vault, Set<String> names) {
    Set<SecretRef> outer = asking.get();
    Set<SecretRef> all = outer == null ? new HashSet<>() : new HashSet<>(outer);
    for (String name : names) {
      SecretRef ref = SecretRef.of(vault, name);
      if (!all.add(ref)) {
        return Outcomes.failed(
            names,
            broken("reads the secret " + ref + " from its own SecretManager in order to answer for"
                + " that secret; keep what the backend itself needs in another store"));
      }
    }
    asking.set(all);
    try {
      return outcomes(vault, names);
    } finally {
      if (outer == null) {
        asking.remove();
      } else {
        asking.set(outer);
      }
    }
  }

  private Map<String, SecretOutcome> outcomes(String vault, Set<String> names) {
    made.increment();
    try {
      return checked(vault, names, backend.fetch(vault, Collections.unmodifiableSet(names)));
    } catch (SecretNotFoundException e) {
      return Outcomes.failed(
          names,
          broken("threw a SecretNotFoundException for the vault " + vault
              + "; what does not exist is an outcome, SecretOutcome.Missing"));
    } catch (SecretManagerException e) {
      return Outcomes.failed(names, e);
    } catch (Throwable e) { // also a checked one: not every language declares them
      return Outcomes.failed(names, unexpected(Failures.reading(vault, names), e));
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
    } catch (Throwable e) { // as above
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
    } catch (Throwable e) { // as above
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
  private SecretManagerException unexpected(String attempt, Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    String message = "The backend " + backendName() + " failed to " + attempt
        + " with a " + e.getClass().getName()
        + (trace.length == 0 ? "" : " at " + trace[0])
        + "; its message is withheld, since it could hold a value";
    return e instanceof VirtualMachineError // such as a lack of memory: it may pass
        ? new SecretUnavailableException(message)
        : new SecretProtocolException(message);
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
