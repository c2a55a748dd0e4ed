package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * A thousand generated tests at the same time, of which each has secrets of its own and some let
 * theirs out: nobody sees another's, and just those fail. Prints the counts.
 */
class CrosstalkTest {

  private static final int TESTS = 1_000;
  private static final int LEAK_EVERY = 10;

  private static final Set<String> THREADS = ConcurrentHashMap.newKeySet();

  static IntStream numbers() {
    return IntStream.range(0, TESTS);
  }

  @BeforeEach
  void forget() {
    THREADS.clear();
  }

  @Test
  void tests_seeNothingOfEachOther_andAreBlamedForTheirOwnLeaksAlone() {
    PrintStream out = System.out;
    Map<Integer, String> expected = new TreeMap<>();
    numbers().filter(Generated::leaks).forEach(number -> expected.put(number, "secret-" + number));

    Map<Integer, String> blamed = new TreeMap<>();
    Events tests = runInParallel(Generated.class);
    for (Event failed : tests.failed().list()) {
      Throwable thrown = thrown(failed);
      assertThat(thrown).hasNoSuppressedExceptions().hasMessageContaining("lets ");
      String message = thrown.getMessage();
      assertThat(message).doesNotContain("made-up-value-of-");
      blamed.put(number(failed), message.replaceAll("(?s).*default/(secret-\\d+)[ .].*", "$1"));
    }

    assertThat(tests.started().count()).isEqualTo(TESTS);
    assertThat(blamed).isEqualTo(expected);
    assertThat(THREADS).as("the tests did run in parallel").hasSizeGreaterThan(1);
    assertThat(System.out).isSameAs(out);
    System.out.println(TESTS + " tests on " + THREADS.size() + " threads: " + blamed.size()
        + " let a secret out and failed for it, of " + expected.size());
  }

  /** Found in one test, a value of another would be blamed on it. */
  @FailOnLeak
  @WithSecret(vault = "default", name = "greeting", value = "shared by all tests")
  static class Generated {
    private FakeSecretManager own;

    static boolean leaks(int number) {
      return number % LEAK_EVERY == 0;
    }

    static Stream<Integer> numbers() {
      return CrosstalkTest.numbers().boxed();
    }

    @BeforeEach
    void touch(FakeSecretManager fake) {
      own = fake;
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void seesItsOwnOnly(int number, SecretManager secretManager) throws InterruptedException {
      THREADS.add(Thread.currentThread().getName());
      assertThat(secretManager).isSameAs(own);
      String name = "secret-" + number;
      String value = "made-up-value-of-" + number + "-only";
      own.put("default", name, value);
      for (int i = 0; i < 5; i++) {
        Thread.yield();
        assertThat(text(own, name)).isEqualTo(value);
        System.out.println("test " + number + " is at " + i);
      }
      assertThat(own.reads()).hasSize(5);
      assertThat(own.backend().fetches()).hasSize(1);
      if (leaks(number)) {
        switch (number / LEAK_EVERY % 5) {
          case 0 -> System.out.println("out " + value);
          case 1 -> System.err.println("err " + value);
          case 2 -> Logger.getLogger("com.example.Parallel").info(value);
          case 3 -> throw new IllegalStateException(value);
          default -> {
            Thread thread = new Thread(() -> System.out.println("thread " + value));
            thread.start();
            thread.join();
          }
        }
      }
    }
  }

  /** What the tests above would not notice, they would not be worth. */
  @Test
  void control_aSharedFake_isCaught() {
    Events tests = runInParallel(Sharing.class);
    assertThat(tests.failed().count()).isGreaterThan(TESTS / 2);
    System.out.println("Control: of " + TESTS + " tests with one fake, "
        + tests.failed().count() + " noticed the others");
  }

  static class Sharing {
    private static final FakeSecretManager SHARED = FakeSecretManager.create();

    static Stream<Integer> numbers() {
      return CrosstalkTest.numbers().boxed();
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void seesItsOwnOnly(int number) {
      SHARED.put("default", "mine", "of test " + number);
      assertThat(text(SHARED, "mine")).isEqualTo("of test " + number);
      assertThat(SHARED.reads().size()).isEqualTo(1);
    }
  }

  /** What is no test's is everybody's: with equal values, the blame is shared, as documented. */
  @Test
  void leakByAThreadOfNobody_isBlamedOnAllWhoHaveTheValue() {
    EqualValues.begun = new CountDownLatch(2);
    EqualValues.leaked = new CountDownLatch(1);
    Thread nobodys = new Thread(() -> {
      try {
        EqualValues.begun.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      System.out.println("equal in two of three tests");
      EqualValues.leaked.countDown();
    });
    nobodys.start();
    List<String> failed = new ArrayList<>();
    runInParallel(EqualValues.class).failed().stream()
        .forEach(event -> failed.add(event.getTestDescriptor().getDisplayName()));
    assertThat(failed).containsExactlyInAnyOrder("first(SecretManager)", "second(SecretManager)");
  }

  @FailOnLeak
  static class EqualValues {
    private static CountDownLatch begun;
    private static CountDownLatch leaked;

    @Test
    @WithSecret(vault = "default", name = "one-name", value = "equal in two of three tests")
    void first(SecretManager secretManager) throws InterruptedException {
      begun.countDown();
      leaked.await();
    }

    @Test
    @WithSecret(vault = "default", name = "another-name", value = "equal in two of three tests")
    void second(SecretManager secretManager) throws InterruptedException {
      begun.countDown();
      leaked.await();
    }

    @Test
    @ExtendWith(SecretManagerExtension.class)
    void third(SecretManager secretManager) throws InterruptedException {
      leaked.await();
    }
  }

  /** Of a pool whose thread another test started, while that one still runs. */
  @Test
  void leakByAThreadThatAnotherTestStarted_isBlamedOnTheTestThatHasTheValue() {
    SharedPool.pool.set(null);
    SharedPool.started = new CountDownLatch(1);
    SharedPool.leaked = new CountDownLatch(1);
    Map<String, String> failed = new TreeMap<>();
    runInParallel(SharedPool.class).failed().stream()
        .forEach(event ->
            failed.put(event.getTestDescriptor().getDisplayName(), thrown(event).getMessage()));
    assertThat(failed)
        .containsExactly(Map.entry(
            "usesIt()",
            "The test lets secrets out (values are not shown):\n"
                + "  - default/printed in standard output, line 1 of the test's\n"
                + "  - default/logged in a record of the logger com.example.Pooled, at INFO"));
  }

  @FailOnLeak
  static class SharedPool {
    private static final AtomicReference<ExecutorService> pool = new AtomicReference<>();
    private static CountDownLatch started;
    private static CountDownLatch leaked;

    @Test
    @WithSecret(vault = "default", name = "first-name", value = "of the one that starts the pool")
    void startsIt() throws Exception {
      ExecutorService made = Executors.newSingleThreadExecutor();
      made.submit(() -> {}).get();
      pool.set(made);
      started.countDown();
      leaked.await();
      made.shutdown();
    }

    @Test
    @WithSecret(vault = "default", name = "printed", value = "printed by the pool")
    @WithSecret(vault = "default", name = "logged", value = "logged by the pool")
    void usesIt() throws Exception {
      started.await();
      try {
        pool.get().submit(() -> System.out.println("printed by the pool")).get();
        pool.get()
            .submit(() -> Logger.getLogger("com.example.Pooled").info("logged by the pool"))
            .get();
      } finally {
        leaked.countDown();
      }
    }
  }

  private static Events runInParallel(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "8")
        .execute()
        .testEvents();
  }

  private static int number(Event test) {
    String name = test.getTestDescriptor().getDisplayName();
    return Integer.parseInt(name.replaceAll("^\\[\\d+\\] (?:number=)?(\\d+).*", "$1"));
  }

  private static Throwable thrown(Event failed) {
    return failed.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
  }

  private static String text(SecretManager secretManager, String name) {
    return secretManager.withSecret("default", name, SecretValue::revealString);
  }
}
