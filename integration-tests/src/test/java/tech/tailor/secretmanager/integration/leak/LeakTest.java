package tech.tailor.secretmanager.integration.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.integration.guard.Arguments;
import tech.tailor.secretmanager.integration.guard.LibraryModule;
import tech.tailor.secretmanager.integration.guard.PublicCalls;
import tech.tailor.secretmanager.integration.guard.Specimens;
import tech.tailor.secretmanager.spi.OpaqueBytes;

/**
 * A value comes to light only where somebody asks for it. Random values go through every public
 * method of the library, with right and with wrong arguments, and through everything that can go
 * wrong around it; whatever comes out by any other way is searched for them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("suite")
class LeakTest {

  private final List<Canary> canaries = List.of(Canary.plain(), Canary.awkward());

  /** Thrown by tests themselves, so that it is in the flight recording by their doing. */
  private final Canary thrown = Canary.plain();

  /** The text of a master key: as secret as what it opens. */
  private final Canary key = Canary.key();

  private final Sinks sinks =
      new Sinks(new LeakScanner(List.of(canaries.get(0), canaries.get(1), thrown, key)));
  private final Sinks recordingSinks = new Sinks(new LeakScanner(canaries));

  @TempDir
  Path directory;

  /** Keys, and files into which the scenarios write by force. */
  @TempDir
  Path spoilt;

  private Surroundings surroundings;
  private String counts = "";
  private int operations;
  private int logRecords;
  private boolean libraryHasLogged;

  @BeforeAll
  void watch() {
    surroundings = Surroundings.watch();
  }

  @AfterAll
  void stopWatching() {
    surroundings.close();
    System.out.println(counts);
  }

  @Test
  void everyPublicType_isInTheSuite() {
    Set<String> missing = new TreeSet<>();
    Map<Class<?>, List<Specimens.Specimen>> specimens =
        Specimens.around("a value", spoilt).byType();
    for (LibraryModule module : LibraryModule.present()) {
      for (Class<?> type : module.publicTypes()) {
        if (!specimens.containsKey(type) && !Specimens.WITHOUT_INSTANCES.containsKey(type)) {
          missing.add("Add an instance of " + type.getName() + " to the leak suite, in "
              + Specimens.class.getName());
        }
      }
    }

    assertThat(missing).isEmpty();
  }

  @TestFactory
  List<DynamicNode> nothingLeaks() {
    return List.of(
        dynamicContainer("public methods", calls(canaries.get(0).text())),
        dynamicContainer("failures", scenarios(thrown.text())),
        dynamicContainer("afterwards", surroundings()));
  }

  @TestFactory
  List<DynamicNode> nothingLeaks_ofAwkwardText() {
    return List.of(
        dynamicContainer("public methods", calls(canaries.get(1).text())),
        dynamicContainer("afterwards", surroundings()));
  }

  private List<DynamicTest> calls(String secret) {
    List<DynamicTest> tests = new ArrayList<>();
    Specimens all = Specimens.around(secret, specimenDirectory());
    all.byType()
        .forEach((type, specimens) -> tests.add(test(type.getName(), () -> {
          try {
            for (Specimens.Specimen specimen : specimens) {
              Object instance = specimen.create();
              sinks.object(specimen.label(), instance);
              close(instance);
              for (Executable call : PublicCalls.of(type)) {
                callInEveryWay(secret, specimen, call);
              }
            }
          } finally {
            all.closeStarted();
          }
        })));
    LibraryModule.present().stream()
        .flatMap(module -> module.publicTypes().stream())
        .filter(Specimens.WITHOUT_INSTANCES::containsKey)
        .filter(type -> type != OpaqueBytes.class) // made to show what it is given
        .forEach(type -> tests.add(test(type.getName(), () -> {
          for (Executable call : PublicCalls.of(type)) {
            if (call instanceof Method && !PublicCalls.needsInstance(call)) {
              callInEveryWay(secret, null, call);
            }
          }
        })));
    return tests;
  }

  /** Once with valid arguments, then with each of the others in the place of one. */
  private void callInEveryWay(String secret, Specimens.Specimen specimen, Executable call) {
    List<Parameter> parameters = List.of(call.getParameters());
    Arguments arguments = Arguments.around(secret, specimenDirectory());
    String where = (specimen == null ? "" : specimen.label() + ".") + PublicCalls.describe(call);
    call(where, specimen, call, arguments.valid(parameters));
    for (int at = 0; at < parameters.size(); at++) {
      List<Supplier<?>> variants = arguments.of(parameters.get(at));
      for (Supplier<?> variant : variants.subList(1, variants.size())) {
        Object[] varied = arguments.valid(parameters);
        varied[at] = variant.get();
        call(where + " with another " + parameters.get(at).getName(), specimen, call, varied);
      }
    }
  }

  private void call(
      String where, Specimens.Specimen specimen, Executable call, Object[] arguments) {
    operations++;
    Object instance = PublicCalls.needsInstance(call) ? specimen.create() : null;
    Object result = null;
    try {
      result = PublicCalls.call(call, instance, arguments);
      if (!call.getName().startsWith("reveal")) {
        sinks.object(where, result);
      }
    } catch (Throwable e) {
      sinks.object(where, e);
    }
    sinks.object(where + ", afterwards", instance);
    close(result);
    close(instance);
    Arrays.asList(arguments).forEach(LeakTest::close);
  }

  private List<DynamicTest> scenarios(String secret) {
    return Stream.of(
            Scenarios.around(secret),
            FileScenarios.around(secret, key.text(), directory, spoilt),
            EmulatorScenarios.around(secret),
            HttpScenarios.around(secret),
            ReferenceScenarios.around(secret))
        .flatMap(List::stream)
        .map(scenario -> test(scenario.name(), () -> {
          operations++;
          try {
            Object result = scenario.action().run();
            sinks.object(scenario.name(), result);
            close(result);
          } catch (Exception e) {
            sinks.object(scenario.name(), e);
          }
        }))
        .toList();
  }

  private List<DynamicTest> surroundings() {
    return List.of(
        test("standard streams", () -> surroundings.lookAtStreams(sinks)),
        test("threads", () -> surroundings.lookAtThreads(sinks)),
        test("process", () -> surroundings.lookAtProcess(sinks)),
        test("management beans", () -> surroundings.lookAtManagementBeans(sinks)),
        test("files", () -> surroundings.lookAtFiles(sinks, directory)),
        dynamicTest("flight recording", () -> {
          surroundings.lookAtRecording(recordingSinks, directory);
          assertThat(recordingSinks.leaks()).isEmpty();
        }),
        dynamicTest("the library has logged", () -> assertThat(libraryHasLogged).isTrue()),
        dynamicTest("counts", this::count));
  }

  private void count() {
    int sinkCount = sinks.looksBySink().size() + recordingSinks.looksBySink().size();
    int looks =
        sinks.looksBySink().values().stream().mapToInt(Integer::intValue).sum();
    counts = "Leak suite: " + sinkCount + " sinks, " + operations + " operations, "
        + sinks.instances() + " instances of " + sinks.seenTypes().size() + " types, " + looks
        + " looks, " + logRecords
        + " log entries\nLeak suite, looks by sink: " + sinks.looksBySink();

    assertThat(sinkCount).isGreaterThanOrEqualTo(25);
    assertThat(operations).isGreaterThanOrEqualTo(300);
  }

  /** Runs the body, then looks at what was logged meanwhile, and fails for what leaked. */
  private DynamicTest test(String name, org.junit.jupiter.api.function.Executable body) {
    return dynamicTest(name, () -> {
      sinks.leaks().clear();
      body.execute();
      for (LogRecord entry : surroundings.takeLogRecords()) {
        sinks.logRecord(entry);
        logRecords++;
        libraryHasLogged |= entry.getLoggerName().startsWith("tech.tailor.secretmanager");
      }
      Set<String> leaks = new TreeSet<>(sinks.leaks());
      assertThat(leaks).isEmpty();
    });
  }

  private Path specimenDirectory() {
    try {
      return Files.createDirectories(directory.resolve("specimens"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(Object object) {
    if (object instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        // A backend of ours refuses to close; that was looked at where it was thrown.
      }
    }
  }
}
