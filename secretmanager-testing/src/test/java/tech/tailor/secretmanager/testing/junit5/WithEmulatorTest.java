package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.emulator.Connect;
import tech.tailor.secretmanager.testing.emulator.EmulatorRole;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.Reader;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

class WithEmulatorTest {

  /** Where an emulator of a test class below listened. */
  private static final Queue<SecretManagerEmulator> SEEN = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  @Test
  void class_hasOneEmulator_thatIsResetAfterEachTest_andStopsAfterTheLast() {
    run(OnAClass.class).assertStatistics(stats -> stats.started(4).succeeded(4));
    assertThat(Set.copyOf(SEEN)).hasSize(1);
    assertNobodyListens();
  }

  @WithEmulator
  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class OnAClass {
    @BeforeAll
    static void before(SecretManagerEmulator emulator) {
      SEEN.add(emulator);
    }

    @RepeatedTest(2)
    void behavesAsNew(SecretManagerEmulator emulator, SecretManager fake) {
      assertThat(read(emulator, "greeting")).isEqualTo("hello");
      assertThat(emulator.requests()).isNotEmpty().allMatch(entry -> entry.httpStatus() == 200);
      String ofTheFake = fake.withSecret("default", "greeting", SecretValue::revealString);
      assertThat(ofTheFake).isEqualTo("hello");
      leaveTraces(emulator);
    }

    @Test
    @WithSecret(vault = "default", name = "farewell", value = "bye")
    @WithSecret(vault = "default", name = "encoded", value = "Z3LDvMOf", base64 = true)
    void hasTheMethodsSecrets(SecretManagerEmulator emulator) {
      assertThat(read(emulator, "farewell")).isEqualTo("bye");
      assertThat(read(emulator, "encoded")).isEqualTo("gr\u00fc\u00df");
      leaveTraces(emulator);
    }

    @Nested
    class Inner {
      @Test
      void sharesIt(SecretManagerEmulator emulator) {
        assertThat(read(emulator, "greeting")).isEqualTo("hello");
        leaveTraces(emulator);
      }
    }

    private static void leaveTraces(SecretManagerEmulator emulator) {
      SEEN.add(emulator);
      emulator.put("default", "greeting", "changed").put("default", "trace", "left");
      emulator.faults().alwaysOfAny(Fault.error("unavailable"));
      assertThat(emulator.tokenFor(EmulatorRole.ADMIN).issue()).isNotEmpty();
    }
  }

  @Test
  void method_hasAnEmulatorForItself() {
    run(OnMethods.class).assertStatistics(stats -> stats.started(2).succeeded(2));
    assertThat(Set.copyOf(SEEN)).hasSize(2);
    assertNobodyListens();
  }

  static class OnMethods {
    @RepeatedTest(2)
    @WithEmulator
    void one(SecretManagerEmulator emulator) {
      SEEN.add(emulator);
      assertThat(emulator.requests()).isEmpty();
    }
  }

  @Test
  void constructorOfANestedClass_mayTakeIt_fromAnExtensionOfEachInstance() {
    run(AroundConstructors.class).assertStatistics(stats -> stats.started(2).succeeded(2));
    assertThat(Set.copyOf(SEEN)).hasSize(1);
    assertNobodyListens();
  }

  static class AroundConstructors {
    @RegisterExtension
    final SecretManagerExtension one = SecretManagerExtension.builder().build();

    @RegisterExtension
    final SecretManagerExtension another = SecretManagerExtension.builder().build();

    @Nested
    class Inner {
      private final SecretManagerEmulator taken;

      Inner(SecretManagerEmulator emulator) {
        this.taken = emulator;
      }

      @RepeatedTest(2)
      void sees() {
        SEEN.add(taken);
        assertThat(taken.isClosed()).isFalse();
      }
    }
  }

  /** The way to a refused connection. */
  @Test
  void emulatorThatATestCloses_isReplaced() {
    run(Closing.class).assertStatistics(stats -> stats.started(3).succeeded(3));
    assertThat(Closing.EMULATORS).hasSize(3);
    assertNobodyListens();
  }

  @WithEmulator
  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class Closing {
    /** Not their ports: the system may give one of those again. */
    private static final Set<SecretManagerEmulator> EMULATORS =
        Collections.newSetFromMap(new IdentityHashMap<>());

    @RepeatedTest(3)
    void closes(SecretManagerEmulator emulator) {
      SEEN.add(emulator);
      EMULATORS.add(emulator);
      assertThat(emulator.isClosed()).isFalse();
      assertThat(read(emulator, "greeting")).isEqualTo("hello");
      emulator.close();
      assertThat(emulator.isClosed()).isTrue();
    }
  }

  @Test
  void constructorOfAnInstanceForAllTests_mayTakeIt() {
    run(InAConstructor.class).assertStatistics(stats -> stats.started(2).succeeded(2));
    assertThat(Set.copyOf(SEEN)).hasSize(1);
    assertNobodyListens();
  }

  @WithEmulator
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class InAConstructor {
    private final SecretManagerEmulator taken;

    InAConstructor(SecretManagerEmulator emulator) {
      this.taken = emulator;
    }

    @RepeatedTest(2)
    void sees(SecretManagerEmulator emulator) {
      assertThat(emulator).isSameAs(taken);
      SEEN.add(emulator);
    }
  }

  @Test
  void parallelTests_haveEachTheirOwn() {
    Parallel.threads.clear();
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Parallel.class))
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
        .execute()
        .testEvents()
        .assertStatistics(stats -> stats.started(100).succeeded(100));
    assertThat(Parallel.threads).hasSizeGreaterThan(1);
    assertThat(Set.copyOf(SEEN)).hasSizeBetween(2, 4 + 4); // a waiting test's thread runs others
    System.out.println(
        "100 tests in parallel used " + Set.copyOf(SEEN).size() + " emulators, one at a time each");
    assertNobodyListens();
  }

  @WithEmulator
  static class Parallel {
    private static final Set<String> threads = ConcurrentHashMap.newKeySet();
    private static final Set<URI> taken = ConcurrentHashMap.newKeySet();

    @RepeatedTest(100)
    void isAlone(SecretManagerEmulator emulator, RepetitionInfo info) {
      threads.add(Thread.currentThread().getName());
      SEEN.add(emulator);
      assertThat(taken.add(emulator.endpoint())).as("nobody else has it").isTrue();
      assertThat(emulator.requests()).isEmpty();
      emulator.put("default", "mine", "of test " + info.getCurrentRepetition());
      Thread.yield();
      assertThat(emulator.faults()).hasToString("EmulatorFaults[0 to come, 0 lasting]");
      emulator.faults().nextOfAny(1, Fault.reset());
      taken.remove(emulator.endpoint());
    }
  }

  /** Runs a user's test where everything is on the class path but what the emulator needs. */
  @Test
  void missingDependency_isNamedInASentence() throws Exception {
    List<URL> without = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      if (!entry.contains("wiremock")) {
        without.add(Path.of(entry).toUri().toURL());
      }
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader alone =
        new URLClassLoader(without.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(alone);
      Class<?> program = alone.loadClass(WithoutWireMock.class.getName());
      assertThat(program.getMethod("messages").invoke(null))
          .isEqualTo(
              List.of("The emulator needs org.wiremock:wiremock-standalone, which the rest of"
                  + " the test kit does without; add it to the test's dependencies"));
    } catch (InvocationTargetException e) {
      throw new AssertionError(e.getCause());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Its port may be another's by now, which doesn't know its token. */
  private static void assertNobodyListens() {
    assertThat(SEEN).isNotEmpty().allMatch(emulator -> {
      try {
        return Connect.to(emulator).call("ListSecretManagerVaults", Map.of()).status() != 200;
      } catch (UncheckedIOException e) {
        return true;
      }
    });
  }

  private static String read(SecretManagerEmulator emulator, String name) {
    Reader reader = new Reader("KEM_X25519");
    Connect.Reply reply =
        Connect.to(emulator).call("GetSecrets", reader.request("default", List.of(name)));
    return reader
        .open(reply.body(), emulator.workspaceId(), "default", List.of(name))
        .get(name);
  }

  private static Events run(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .testEvents();
  }
}
