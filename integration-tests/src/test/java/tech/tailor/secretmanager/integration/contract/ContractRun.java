package tech.tailor.secretmanager.integration.contract;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/**
 * Runs contracts in a process of its own, and prints a line for each: its class, how many tests
 * there were, and the names of those that failed. Before that it prints where the editor is from.
 */
final class ContractRun {

  private ContractRun() {}

  public static void main(String[] args) throws Exception {
    Class<?> editor = Class.forName(BrokenRulesTest.EDITOR);
    System.out.println(
        Path.of(editor.getProtectionDomain().getCodeSource().getLocation().toURI()));
    for (String contract : args) {
      Events tests = EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(Class.forName(contract)))
          .execute()
          .testEvents();
      Set<String> failed = tests.failed().stream()
          .map(ContractRun::name)
          .collect(Collectors.toCollection(TreeSet::new));
      System.out.println(
          contract + " " + tests.finished().count() + " " + String.join(" ", failed));
    }
    System.exit(0); // whatever threads the tests of a broken store left
  }

  /** The method's name; that of an inherited test stands behind its class. */
  private static String name(Event event) {
    return event.getTestDescriptor().getUniqueId().getSegments().stream()
        .filter(segment -> Set.of("method", "test-factory").contains(segment.getType()))
        .map(UniqueId.Segment::getValue)
        .map(value -> value.substring(value.indexOf('#') + 1, value.indexOf('(')))
        .findFirst()
        .orElseThrow();
  }
}
