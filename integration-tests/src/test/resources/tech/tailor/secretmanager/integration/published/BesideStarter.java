package app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/**
 * Tests of an application without a store, whose bean and properties have the secrets of the test
 * kit's annotations. Prints what became of them; of {@code Leaks}, one must fail.
 */
public final class BesideStarter {

  private BesideStarter() {}

  public static void main(String[] args) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    selectClass(OfOneContext.class),
                    selectClass(OfAnotherContext.class),
                    selectClass(Leaks.class))
                .build(),
            listener);
    listener
        .getSummary()
        .getFailures()
        .forEach(failure -> System.out.println("FAILED " + failure.getException()));
    System.out.println("passed: " + listener.getSummary().getTestsSucceededCount()
        + ", failed: " + listener.getSummary().getTestsFailedCount());
    System.exit(0);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  @SpringBootTest(
      classes = Application.class,
      properties = "app.greeting=${secret@default/greeting}")
  @WithSecret(vault = "default", name = "greeting", value = "of the class")
  static class OfOneContext {

    @Autowired
    private SecretManager bean;

    @Value("${app.greeting}")
    private String property;

    @Test
    void secretOfTheClass() {
      assertGreeting("of the class", bean);
      assertEquals("of the class", property);
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "of the method")
    void secretOfTheMethod() {
      assertGreeting("of the method", bean);
      assertEquals("of the class", property);
    }
  }

  @SpringBootTest(
      classes = Application.class,
      properties = "app.greeting=${secret@default/greeting}")
  @WithSecret(vault = "default", name = "greeting", value = "of another class")
  static class OfAnotherContext {

    @Test
    void secretOfThisClass(
        @Autowired SecretManager bean, @Value("${app.greeting}") String property) {
      assertGreeting("of another class", bean);
      assertEquals("of another class", property);
    }
  }

  @SpringBootTest(classes = Application.class)
  @FailOnLeak
  @WithSecret(vault = "default", name = "greeting", value = "printed by a test")
  static class Leaks {

    @Autowired
    private SecretManager bean;

    @Test
    void readsIt() {
      assertGreeting("printed by a test", bean);
    }

    @Test
    void printsIt() {
      System.out.println(bean.withSecret("default", "greeting", SecretValue::revealString));
    }
  }

  private static void assertGreeting(String expected, SecretManager secretManager) {
    assertEquals(
        expected, secretManager.withSecret("default", "greeting", SecretValue::revealString));
  }
}
