package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.TestPropertySource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/**
 * Tests of an application without a store, whose secrets are those of the test kit's annotations.
 */
class TestKitTest {

  private static final Map<String, FakeSecretManager> FAKES = new ConcurrentHashMap<>();

  @Test
  void annotations_reachTheBean_andProperties() {
    Events events = run(One.class, SameAsOne.class, Two.class);

    assertThat(failures(events)).isEmpty();
    events.assertStatistics(statistics -> statistics.succeeded(7));
    assertThat(FAKES.get("one"))
        .as("the context of equal secrets")
        .isSameAs(FAKES.get("same as one"))
        .isNotSameAs(FAKES.get("two"));
  }

  @Test
  void leaksOfTheBeansSecrets_failTheTest() {
    assertThat(failures(run(Leaks.class)))
        .hasSize(2)
        .anySatisfy(failure -> assertThat(failure)
            .hasMessageContaining("default/greeting in standard output")
            .hasMessageNotContaining("canary"))
        .anySatisfy(failure -> assertThat(failure).hasMessageContaining("left open"));
  }

  private static Events run(Class<?>... tests) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(Stream.of(tests)
            .map(test -> selectClass(test))
            .toArray(length -> new org.junit.platform.engine.DiscoverySelector[length]))
        .execute()
        .testEvents();
  }

  private static List<Throwable> failures(Events events) {
    return events.failed().stream()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable())
        .flatMap(failure -> failure.stream())
        .toList();
  }

  private static void assertGreeting(SecretManager bean, String greeting) {
    assertThat(bean.withSecret("default", "greeting", SecretValue::revealString))
        .isEqualTo(greeting);
  }

  @SpringBootTest(classes = Application.class)
  @TestPropertySource(properties = "app.greeting=${secret@default/greeting}")
  @WithSecret(vault = "default", name = "greeting", value = "of-the-class")
  static class One {

    @Autowired
    private FakeSecretManager bean;

    @Value("${app.greeting}")
    private String property;

    @Test
    void secretOfTheClass() {
      FAKES.put("one", bean);
      assertGreeting(bean, "of-the-class");
      assertThat(property).isEqualTo("of-the-class");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "of-the-method")
    @WithSecret(vault = "default", name = "other", value = "of-the-method")
    void secretsOfTheMethod() {
      assertGreeting(bean, "of-the-method");
      assertThat(bean.exists("default", "other")).isTrue();
    }

    @Test
    void secretsOfTheMethod_areGoneAgain() {
      assertGreeting(bean, "of-the-class");
      assertThat(bean.exists("default", "other")).isFalse();
    }

    @Nested
    class Within {

      @Test
      void secretOfTheClassAround() {
        assertGreeting(bean, "of-the-class");
      }
    }
  }

  @SpringBootTest(classes = Application.class)
  @TestPropertySource(properties = "app.greeting=${secret@default/greeting}")
  @WithSecret(vault = "default", name = "greeting", value = "of-the-class")
  static class SameAsOne {

    @Test
    void context_isShared(@Autowired FakeSecretManager bean, FakeSecretManager own) {
      FAKES.put("same as one", bean);
      assertGreeting(own, "of-the-class");
      assertThat(own).isNotSameAs(bean);
    }
  }

  @SpringBootTest(classes = Application.class)
  @TestPropertySource(properties = "app.greeting=${secret@default/greeting}")
  @WithSecret(vault = "default", name = "greeting", value = "of-another-class")
  static class Two {

    @Test
    void secretOfThisClass(
        @Autowired FakeSecretManager bean, @Value("${app.greeting}") String property) {
      FAKES.put("two", bean);
      assertGreeting(bean, "of-another-class");
      assertThat(property).isEqualTo("of-another-class");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "of-the-method")
    void secretOfTheMethod(@Autowired SecretManager bean) {
      assertGreeting(bean, "of-the-method");
    }
  }

  @SpringBootTest(classes = Application.class)
  @FailOnLeak
  @WithSecret(vault = "default", name = "greeting", value = "greeting-canary")
  static class Leaks {

    @Autowired
    private FakeSecretManager bean;

    @Test
    void prints() {
      System.out.println(bean.withSecret("default", "greeting", SecretValue::revealString));
    }

    @Test
    void leavesOpen() {
      bean.put("default", "other", "another-canary");
      assertThat(bean.requireSecret("default", "other")).isNotNull();
    }

    @Test
    void doesNeither() {
      assertGreeting(bean, "greeting-canary");
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
