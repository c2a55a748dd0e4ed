package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

class SecretManagerExtensionTest {

  /** Every fake that a test class below was given. */
  private static final Queue<FakeSecretManager> GIVEN = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void forget() {
    GIVEN.clear();
  }

  @Test
  void method_hasItsSecrets() {
    assertAllPass(OnMethods.class, 4);
  }

  static class OnMethods {
    @Test
    @WithSecret(vault = "default", name = "greeting", value = "hello")
    void one(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("hello");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "hello")
    @WithSecret(vault = "other-vault", name = "farewell", value = "bye")
    void several(FakeSecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("hello");
      String farewell =
          secretManager.withSecret("other-vault", "farewell", SecretValue::revealString);
      assertThat(farewell).isEqualTo("bye");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "hello")
    void bothTypes(SecretManager secretManager, FakeSecretManager fake) {
      assertThat(secretManager).isSameAs(fake);
    }

    @Test
    @ExtendWith(SecretManagerExtension.class)
    void none(SecretManager secretManager) {
      assertThat(secretManager.getSecret("default", "greeting")).isEmpty();
    }
  }

  @Test
  void class_hasSecretsForAllItsTests() {
    assertAllPass(OnClass.class, 2);
  }

  @WithSecret(vault = "default", name = "greeting", value = "of the class")
  @WithSecret(vault = "default", name = "farewell", value = "of the class")
  static class OnClass {
    @Test
    void inherits(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("of the class");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "of the method")
    void nearestWins(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("of the method");
      assertThat(text(secretManager, "farewell")).isEqualTo("of the class");
      try (SecretValue value = secretManager.requireSecret("default", "greeting")) {
        assertThat(value.version()).as("what is overridden was never there").isEqualTo(1);
      }
    }
  }

  @Test
  void nestedClasses_inheritFromEnclosingOnes() {
    assertAllPass(Enclosing.class, 3);
  }

  @WithSecret(vault = "default", name = "greeting", value = "outer")
  @WithSecret(vault = "default", name = "farewell", value = "outer")
  static class Enclosing {
    @Nested
    @WithSecret(vault = "default", name = "greeting", value = "inner")
    class Inner {
      @Test
      void sees(SecretManager secretManager) {
        assertThat(text(secretManager, "greeting")).isEqualTo("inner");
        assertThat(text(secretManager, "farewell")).isEqualTo("outer");
      }

      @Nested
      class Innermost {
        @Test
        @WithSecret(vault = "default", name = "farewell", value = "method")
        void sees(SecretManager secretManager) {
          assertThat(text(secretManager, "greeting")).isEqualTo("inner");
          assertThat(text(secretManager, "farewell")).isEqualTo("method");
        }
      }
    }

    @Nested
    class Sibling {
      @Test
      void sees(SecretManager secretManager) {
        assertThat(text(secretManager, "greeting")).isEqualTo("outer");
      }
    }
  }

  @Test
  void subclasses_inheritFromSuperclasses() {
    assertAllPass(Derived.class, 3);
  }

  @WithSecret(vault = "default", name = "greeting", value = "base")
  @WithSecret(vault = "default", name = "farewell", value = "base")
  abstract static class Base {
    abstract String expectedGreeting();

    @Test
    void ofTheBase(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo(expectedGreeting());
      assertThat(text(secretManager, "farewell")).isEqualTo("base");
    }

    @Nested
    class NestedInTheBase {
      @Test
      void sees(SecretManager secretManager) {
        assertThat(text(secretManager, "greeting")).isEqualTo(expectedGreeting());
      }
    }
  }

  @WithSecret(vault = "default", name = "greeting", value = "derived")
  static class Derived extends Base {
    @Override
    String expectedGreeting() {
      return "derived";
    }

    @Test
    void ofItsOwn(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("derived");
      assertThat(text(secretManager, "farewell")).isEqualTo("base");
    }
  }

  /** What a superclass says too, counts as the class's all the same. */
  @Test
  void nearestWins_thoughAFartherOneSaysTheSame() {
    assertAllPass(SameAsTheFarthest.class, 1);
    assertAllPass(MetaSameAsTheFarthest.class, 1);
  }

  @WithSecret(vault = "default", name = "greeting", value = "meta")
  @WithSecret(vault = "default", name = "farewell", value = "farthest")
  static class Farthest {
    @Test
    void sees(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("meta");
      assertThat(text(secretManager, "farewell")).isEqualTo("between");
    }
  }

  @WithSecret(vault = "default", name = "greeting", value = "between")
  @WithSecret(vault = "default", name = "farewell", value = "between")
  static class Between extends Farthest {}

  @WithSecret(vault = "default", name = "greeting", value = "meta")
  static class SameAsTheFarthest extends Between {}

  @WithGreeting
  static class MetaSameAsTheFarthest extends Between {}

  @Test
  void metaAnnotation_bringsItsSecrets() {
    assertAllPass(MetaAnnotated.class, 2);
  }

  @Retention(RetentionPolicy.RUNTIME)
  @WithSecret(vault = "default", name = "greeting", value = "meta")
  @interface WithGreeting {}

  @Retention(RetentionPolicy.RUNTIME)
  @WithGreeting
  @WithSecret(vault = "default", name = "farewell", value = "meta")
  @WithSecret(vault = "default", name = "third-name", value = "meta")
  @interface WithEverything {}

  static class MetaAnnotated {
    @Test
    @WithGreeting
    void one(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("meta");
    }

    @Test
    @WithEverything
    @WithSecret(vault = "default", name = "third-name", value = "method")
    void several(SecretManager secretManager) {
      assertThat(text(secretManager, "greeting")).isEqualTo("meta");
      assertThat(text(secretManager, "farewell")).isEqualTo("meta");
      assertThat(text(secretManager, "third-name")).isEqualTo("method");
    }
  }

  @Test
  void fake_isSharedByTheMethodsOfATest_andClosedAfterIt() {
    assertAllPass(LifeCycle.class, 3);
    assertThat(Set.copyOf(GIVEN)).as("one fake for each test").hasSize(3);
    assertAllGivenAreClosed();
  }

  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class LifeCycle {
    private FakeSecretManager ofBeforeEach;

    @BeforeEach
    void before(FakeSecretManager fake) {
      ofBeforeEach = fake;
      GIVEN.add(fake);
    }

    @Test
    void first(FakeSecretManager fake) {
      assertThat(fake).isSameAs(ofBeforeEach);
    }

    @Test
    void second(SecretManager fake) {
      assertThat(fake).isSameAs(ofBeforeEach);
    }

    @Test
    void without() {}

    @AfterEach
    void after(SecretManager fake) {
      assertThat(fake).isSameAs(ofBeforeEach);
      assertThat(text(fake, "greeting")).as("still open").isEqualTo("hello");
    }
  }

  @Test
  void fake_isClosedAfterATestThatFails() {
    run(Failing.class).assertStatistics(stats -> stats.started(1).failed(1));
    assertThat(GIVEN).hasSize(1);
    assertAllGivenAreClosed();
  }

  static class Failing {
    @Test
    @ExtendWith(SecretManagerExtension.class)
    void fails(FakeSecretManager fake) {
      GIVEN.add(fake);
      throw new AssertionError("on purpose");
    }
  }

  @Test
  void everyInvocation_hasItsOwnFake() {
    assertAllPass(Invocations.class, 6);
    assertThat(Set.copyOf(GIVEN)).hasSize(6);
    assertAllGivenAreClosed();
  }

  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class Invocations {
    @RepeatedTest(3)
    void repeated(FakeSecretManager fake) {
      assertUntouched(fake);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two", "three"})
    void parameterised(String argument, FakeSecretManager fake) {
      assertUntouched(fake);
    }

    private static void assertUntouched(FakeSecretManager fake) {
      GIVEN.add(fake);
      assertThat(fake.backend().fetches()).isEmpty();
      assertThat(text(fake, "greeting")).isEqualTo("hello");
      fake.put("default", "greeting", "changed");
    }
  }

  @Test
  void parallelTests_doNotMeet() {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    Parallel.threads = threads;
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Parallel.class))
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "8")
        .execute()
        .testEvents()
        .assertStatistics(stats -> stats.started(200).succeeded(200).failed(0));
    assertThat(threads).as("the tests did run in parallel").hasSizeGreaterThan(1);
    assertThat(Set.copyOf(GIVEN)).as("a fake for each test").hasSize(200);
    assertAllGivenAreClosed();
  }

  @WithSecret(vault = "default", name = "greeting", value = "hello")
  static class Parallel {
    private static Set<String> threads = Set.of();

    @BeforeEach
    void touch(FakeSecretManager fake, RepetitionInfo info) {
      fake.put("default", "mine", "of test " + info.getCurrentRepetition());
    }

    @RepeatedTest(200)
    void seesItsOwnOnly(FakeSecretManager fake, RepetitionInfo info) {
      GIVEN.add(fake);
      threads.add(Thread.currentThread().getName());
      for (int i = 0; i < 20; i++) {
        Thread.yield();
        assertThat(text(fake, "mine")).isEqualTo("of test " + info.getCurrentRepetition());
        assertThat(text(fake, "greeting")).isEqualTo("hello");
      }
      assertThat(fake.backend().fetches()).hasSize(2);
    }
  }

  @Test
  void constructorAndBeforeAll_areToldWhereToTakeIt() {
    for (Class<?> type : Set.of(InConstructor.class, InBeforeAll.class)) {
      EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(type))
          .execute()
          .allEvents()
          .assertThatEvents()
          .haveAtLeastOne(event(finishedWithFailure(
              instanceOf(ParameterResolutionException.class),
              message(text -> text.contains("parameter of the test method")))));
    }
  }

  @ExtendWith(SecretManagerExtension.class)
  static class InConstructor {
    InConstructor(SecretManager secretManager) {
      GIVEN.add((FakeSecretManager) secretManager);
    }

    @Test
    void unreachable() {}
  }

  @ExtendWith(SecretManagerExtension.class)
  static class InBeforeAll {
    @BeforeAll
    static void before(SecretManager secretManager) {
      GIVEN.add((FakeSecretManager) secretManager);
    }

    @Test
    void unreachable() {}
  }

  @Test
  void badName_failsTheTest_withTheRule() {
    run(BadName.class)
        .assertThatEvents()
        .haveExactly(
            1,
            event(finishedWithFailure(
                instanceOf(ParameterResolutionException.class),
                message(text -> text.contains("\"Bad_Name\"") && text.contains("must match")))));
  }

  static class BadName {
    @Test
    @WithSecret(vault = "default", name = "Bad_Name", value = "hello")
    void unreachable(SecretManager secretManager) {}
  }

  @Test
  void otherParameters_areLeftToOthers() {
    run(OtherParameter.class)
        .assertThatEvents()
        .haveExactly(
            1,
            event(finishedWithFailure(
                instanceOf(ParameterResolutionException.class),
                message(text -> text.contains("No ParameterResolver registered")))));
  }

  static class OtherParameter {
    @Test
    @ExtendWith(SecretManagerExtension.class)
    void unreachable(AutoCloseable somethingElse) {}
  }

  private static Events run(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .testEvents();
  }

  private static void assertAllPass(Class<?> type, int tests) {
    run(type).assertStatistics(stats -> stats.started(tests).succeeded(tests).failed(0));
  }

  private static void assertAllGivenAreClosed() {
    assertThat(GIVEN)
        .allSatisfy(fake -> assertThatThrownBy(() -> fake.getSecret("default", "greeting"))
            .isInstanceOf(IllegalStateException.class));
  }

  private static String text(SecretManager secretManager, String name) {
    return secretManager.withSecret("default", name, SecretValue::revealString);
  }
}
