package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.store.VersionedSecretStore;

/**
 * The contract, run against what breaks it: a rule that no test notices is no rule. In a build each
 * mutant meets the tests that must catch it; with a release's figures it meets all, and the table
 * that is printed says which other tests caught it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContractMutantsTest {

  /** Caught elsewhere or not at all, with the reason. Empty: each test has a mutant of its own. */
  private static final Set<String> TESTS_WITHOUT_MUTANT = Set.of();

  private final Map<String, Set<String>> caught = new ConcurrentHashMap<>();

  /** What is not broken. */
  static class Unbroken extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return new VersionedReferenceStore();
    }
  }

  @Test
  void referenceStore_passesEverything() {
    Events tests = run(Unbroken.class);
    assertThat(failedTests(tests)).isEmpty();
    assertThat(tests.succeeded().count()).isEqualTo(tests.started().count()).isGreaterThan(100);
  }

  static Stream<Class<?>> mutants() {
    return Stream.of(
            BackendMutants.class,
            StoreMutants.class,
            LabelMutants.class,
            ConvenienceMutants.class,
            VersionMutants.class,
            ManagerMutants.class)
        .flatMap(holder -> Arrays.stream(holder.getDeclaredClasses()))
        .filter(type -> SecretBackendContract.class.isAssignableFrom(type))
        .filter(type -> !Modifier.isAbstract(type.getModifiers()))
        .sorted(Comparator.comparing(Class::getName));
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void mutant_isCaughtByItsTest(Class<?> mutant) {
    CaughtBy expected = mutant.getAnnotation(CaughtBy.class);
    assertThat(expected).as("%s says which test must catch it", mutant).isNotNull();

    assertThat(failedTests(run(mutant, Set.of(expected.value()))))
        .as("tests that caught %s", mutant.getSimpleName())
        .contains(expected.value());
  }

  /** Which other tests catch a mutant: for the table. */
  @ParameterizedTest
  @MethodSource("mutants")
  @Tag("deep")
  void mutant_meetsEveryTest(Class<?> mutant) {
    Set<String> failed = failedTests(run(mutant));
    caught.put(mutant.getSimpleName(), failed);
    assertThat(failed).contains(mutant.getAnnotation(CaughtBy.class).value());
  }

  @Test
  void everyTest_hasAMutantThatItMustCatch() {
    Set<String> named = testsWithMutant();
    named.addAll(TESTS_WITHOUT_MUTANT);
    assertThat(named).isEqualTo(testsOf(Unbroken.class));
  }

  @Test
  void control_aTestWithoutMutant_isFound() {
    Set<String> tests = testsOf(WithOneRuleMore.class);
    tests.removeAll(testsWithMutant());
    assertThat(tests).containsExactly("rule_thatNothingBreaks");
  }

  static class WithOneRuleMore extends Unbroken {
    @Test
    void rule_thatNothingBreaks() {}
  }

  /** The table is one test with a row for each failure, and each row is a rule. */
  @Test
  void everyRowOfTheErrorTable_isFailedByAMutant() {
    Set<String> table = Set.of("failure_isTreatedAsItsTypeSays");
    Set<String> failed = mutants()
        .filter(mutant -> List.of(mutant.getAnnotation(CaughtBy.class).value()).containsAll(table))
        .flatMap(mutant -> run(mutant, table).failed().stream())
        .map(row -> row.getTestDescriptor().getDisplayName())
        .collect(Collectors.toSet());
    assertThat(failed)
        .containsExactlyInAnyOrderElementsOf(
            FailureRule.ALL.stream().map(FailureRule::toString).toList());
  }

  private static Set<String> testsWithMutant() {
    return mutants()
        .flatMap(mutant -> Arrays.stream(mutant.getAnnotation(CaughtBy.class).value()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> testsOf(Class<?> contract) {
    return run(contract).started().stream()
        .map(event -> testName(event.getTestDescriptor()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @AfterAll
  void printTable() {
    if (caught.isEmpty()) {
      return;
    }
    StringBuilder table =
        new StringBuilder("Mutants of the contract, and the tests that caught them:");
    new TreeMap<>(caught)
        .forEach((mutant, tests) ->
            table.append(String.format("%n  %-44s %s", mutant, String.join(", ", tests))));
    System.out.println(table);
  }

  private static Events run(Class<?> contract) {
    return run(List.of(selectClass(contract)));
  }

  /** The tests of those names alone. */
  private static Events run(Class<?> contract, Set<String> tests) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (Method method : ReflectionSupport.findMethods(
        contract, method -> tests.contains(method.getName()), HierarchyTraversalMode.TOP_DOWN)) {
      selectors.add(selectMethod(contract, method));
    }
    return run(selectors);
  }

  private static Events run(List<DiscoverySelector> selectors) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectors.toArray(DiscoverySelector[]::new))
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
        .execute()
        .testEvents();
  }

  private static Set<String> failedTests(Events tests) {
    return tests.failed().stream()
        .map(Event::getTestDescriptor)
        .map(ContractMutantsTest::testName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The method's name, also for a dynamic test, which has none of its own. */
  private static String testName(TestDescriptor test) {
    return test.getUniqueId().getSegments().stream()
        .filter(segment -> Set.of("method", "test-factory").contains(segment.getType()))
        .map(UniqueId.Segment::getValue)
        .map(value -> value.substring(0, value.indexOf('(')))
        .findFirst()
        .orElseThrow();
  }
}
