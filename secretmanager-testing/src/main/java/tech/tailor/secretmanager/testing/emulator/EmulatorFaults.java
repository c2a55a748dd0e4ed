package tech.tailor.secretmanager.testing.emulator;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What an emulator shall do wrong next. Faults that are set for a method happen to its next calls,
 * one after the other in the order in which they were set; then it works again, unless a fault
 * lasts. Thread-safe.
 *
 * <p>Only calls with a valid access token count.
 */
public final class EmulatorFaults {

  private static final String ANY = "";
  private static final int MOST = 100_000;

  private final Map<String, Queue<Fault>> byMethod = new HashMap<>();
  private final Map<String, Fault> lasting = new HashMap<>();

  EmulatorFaults() {}

  /**
   * Lets the next calls of a method go wrong.
   *
   * @param method its name, for example {@code GetSecrets}
   * @param calls how many, from 1 to 100,000
   * @throws IllegalArgumentException if the emulator has no such method, or the number is another
   */
  public void next(String method, int calls, Fault fault) {
    add(Rpc.named(requireNonNull(method, "method")).name(), calls, fault);
  }

  /**
   * Lets the next calls go wrong, whatever their method; faults of a method of its own come first.
   *
   * @param calls how many, from 1 to 100,000
   * @throws IllegalArgumentException if the number is another
   */
  public void nextOfAny(int calls, Fault fault) {
    add(ANY, calls, fault);
  }

  /**
   * Lets every call of a method go wrong, until {@link #clear()}; those that are set for its next
   * calls come first.
   *
   * @param method its name, for example {@code GetSecrets}
   * @throws IllegalArgumentException if the emulator has no such method
   */
  public void always(String method, Fault fault) {
    addLasting(Rpc.named(requireNonNull(method, "method")).name(), fault);
  }

  /**
   * Lets every call go wrong, whatever its method, until {@link #clear()}; all that is set for its
   * method, or for the next calls, comes first.
   */
  public void alwaysOfAny(Fault fault) {
    addLasting(ANY, fault);
  }

  /** Forgets the faults that are yet to happen, and those that last. */
  public synchronized void clear() {
    byMethod.clear();
    lasting.clear();
  }

  /** Takes the fault of this call. */
  synchronized Optional<Fault> take(String method) {
    Fault next = poll(method);
    if (next == null) {
      next = poll(ANY);
    }
    if (next == null) {
      next = lasting.get(method);
    }
    return Optional.ofNullable(next != null ? next : lasting.get(ANY));
  }

  private synchronized void addLasting(String method, Fault fault) {
    lasting.put(method, requireNonNull(fault, "fault"));
  }

  private @Nullable Fault poll(String method) {
    Queue<Fault> faults = byMethod.get(method);
    return faults == null ? null : faults.poll();
  }

  private synchronized void add(String method, int calls, Fault fault) {
    requireNonNull(fault, "fault");
    if (calls < 1 || calls > MOST) {
      throw new IllegalArgumentException("calls is from 1 to " + MOST + ", got " + calls);
    }
    Queue<Fault> faults = byMethod.computeIfAbsent(method, key -> new ArrayDeque<>());
    for (int i = 0; i < calls; i++) {
      faults.add(fault);
    }
  }

  /** Says how many faults are yet to happen, and how many last. */
  @Override
  public synchronized String toString() {
    int next = byMethod.values().stream().mapToInt(Queue::size).sum();
    return "EmulatorFaults[" + next + " to come, " + lasting.size() + " lasting]";
  }
}
