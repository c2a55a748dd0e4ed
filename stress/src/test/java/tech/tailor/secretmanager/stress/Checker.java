package tech.tailor.secretmanager.stress;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Runs Lincheck on a class of operations: scenarios of two or three threads, each tried many times,
 * whose results must be those of some order of the operations, one after the other.
 */
final class Checker {

  private static final boolean DEEP = Boolean.getBoolean("deep");

  /** Of a cache: what has tests of its own here, or nothing that those operations share. */
  private static final Set<String> SINGLE_STEPS = Set.of(
      "CacheStats",
      "Freshness",
      "SecretMetadata",
      "SecretRef",
      "SecretValue",
      "client.CacheCounters",
      "client.CacheSettings",
      "client.Declarations",
      "client.HitCounter",
      "client.Lifetime",
      "client.Listeners",
      "client.SecretManagers",
      "client.SecretManagers$Builder");

  /** How many times a scenario was begun: each begins with an object of operations. */
  static final AtomicLong BEGUN = new AtomicLong();

  private Checker() {}

  static void modelCheck(Class<?> operations, Class<?> specification) {
    modelCheck(operations, specification, DEEP ? 100 : 25, 2, 3, Set.of());
  }

  /**
   * Scenarios of a cache, each of which takes seconds, in two halves, for two processes: this one
   * is the first.
   */
  static void modelCheckTwoThreads(Class<?> operations, Class<?> specification) {
    modelCheck(operations, specification, DEEP ? 50 : 13, 2, 3, SINGLE_STEPS);
  }

  /** The other half, of scenarios of another form: the same ones would be generated again. */
  static void modelCheckThreeThreads(Class<?> operations, Class<?> specification) {
    modelCheck(operations, specification, DEEP ? 50 : 12, 3, 2, SINGLE_STEPS);
  }

  private static void modelCheck(
      Class<?> operations,
      Class<?> specification,
      int scenarios,
      int threads,
      int operationsOfEach,
      Set<String> singleSteps) {
    int invocations = DEEP ? 1_000 : 400;
    BEGUN.set(0);
    new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(invocations)
        .threads(threads)
        .actorsPerThread(operationsOfEach)
        .actorsBefore(1)
        .actorsAfter(1)
        .sequentialSpecification(specification)
        // Caffeine's own build checks Caffeine.
        .addGuarantee(forClasses((String name) -> name.startsWith("com.github.benmanes.caffeine.")
                || singleSteps.contains(name.replace("tech.tailor.secretmanager.", "")))
            .allMethods()
            .treatAsAtomic())
        .loopBound(1_000)
        .check(operations);
    print("model checking with " + threads + " threads", operations, scenarios, invocations);
  }

  static void stress(Class<?> operations, Class<?> specification) {
    int scenarios = DEEP ? 100 : 30;
    int invocations = DEEP ? 10_000 : 3_000;
    BEGUN.set(0);
    new StressOptions()
        .iterations(scenarios)
        .invocationsPerIteration(invocations)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(1)
        .actorsAfter(1)
        .sequentialSpecification(specification)
        .check(operations);
    print("stress", operations, scenarios, invocations);
  }

  /** Shorter scenarios, for operations whose repetition covers up what went wrong before. */
  static void modelCheckShort(Class<?> operations, Class<?> specification) {
    modelCheck(operations, specification, DEEP ? 200 : 50, 2, 2, Set.of());
  }

  /** The control: what is broken on purpose must be found. */
  static void modelCheckFinds(Class<?> operations, Class<?> specification) {
    finds("Invalid execution results", operations, () -> modelCheck(operations, specification));
  }

  /** The same of what shows only when all operations have ended. */
  static void modelCheckShortFindsInvalidState(Class<?> operations, Class<?> specification) {
    finds("Validation function", operations, () -> modelCheckShort(operations, specification));
  }

  private static void finds(String failure, Class<?> operations, ThrowingCallable check) {
    assertThatThrownBy(check)
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining(failure);
    System.out.printf("Lincheck, control %s: caught%n", operations.getSimpleName());
  }

  private static void print(String how, Class<?> operations, int scenarios, int invocations) {
    System.out.printf(
        "Lincheck, %s of %s: %d scenarios x %d, %,d objects, 0 invalid%n",
        how, operations.getSimpleName(), scenarios, invocations, BEGUN.get());
  }
}
