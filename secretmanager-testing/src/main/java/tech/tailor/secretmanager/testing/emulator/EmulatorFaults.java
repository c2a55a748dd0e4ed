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
 * one after the other in the order in which they were set; then it works again. Thread-safe.
 *
 * <p>Only calls with a valid access token count.
 */
public final class EmulatorFaults {

  private static final String ANY = "";
  private static final int MOST = 100_000;

  private final Map<String, Queue<Fault>> byMethod = new HashMap<>();

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

  /** Forgets the faults that are yet to happen. */
  public synchronized void clear() {
    byMethod.clear();
  }

  /** Takes the fault of this call. */
  synchronized Optional<Fault> take(String method) {
    Fault ofMethod = poll(method);
    return Optional.ofNullable(ofMethod != null ? ofMethod : poll(ANY));
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

  /** Says how many faults are yet to happen. */
  @Override
  public synchronized String toString() {
    return "EmulatorFaults[" + byMethod.values().stream().mapToInt(Queue::size).sum() + " to come]";
  }
}
