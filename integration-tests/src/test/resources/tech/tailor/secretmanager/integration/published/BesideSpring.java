package app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.TestConstructor;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/** An application's tests with Spring's beans and the test kit's secrets. Prints what became of them. */
public final class BesideSpring {

  private BesideSpring() {}

  public static void main(String[] args) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    selectClass(InMethods.class),
                    selectClass(InAConstructor.class),
                    selectClass(InEveryConstructor.class))
                .build(),
            listener);
    listener.getSummary().getFailures().forEach(failure -> System.out.println(failure.getException()));
    System.out.println("passed: " + listener.getSummary().getTestsSucceededCount());
    System.exit(0);
  }

  static class Beans {
    @Bean
    SecretManager secretManager() {
      return FakeSecretManager.with("default", "greeting", "of the bean");
    }
  }

  @SpringBootTest(classes = Beans.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class InMethods {
    @Autowired
    private SecretManager field;

    @Test
    void bean(@Autowired SecretManager bean) {
      assertGreeting("of the bean", bean);
      assertGreeting("of the bean", field);
    }

    @Test
    void both(SecretManager own, @Autowired SecretManager bean) {
      assertGreeting("of the bean", bean);
      assertGreeting("of the test", own);
    }
  }

  @SpringBootTest(classes = Beans.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class InAConstructor {
    private final SecretManager bean;

    @Autowired
    InAConstructor(SecretManager bean) {
      this.bean = bean;
    }

    @Test
    void both(SecretManager own) {
      assertGreeting("of the bean", bean);
      assertGreeting("of the test", own);
    }
  }

  @SpringBootTest(classes = Beans.class)
  @TestConstructor(autowireMode = TestConstructor.AutowireMode.ALL)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class InEveryConstructor {
    private final SecretManager bean;

    InEveryConstructor(SecretManager bean) {
      this.bean = bean;
    }

    @Test
    void both(SecretManager own) {
      assertGreeting("of the bean", bean);
      assertGreeting("of the test", own);
    }
  }

  private static void assertGreeting(String expected, SecretManager secretManager) {
    assertEquals(
        expected, secretManager.withSecret("default", "greeting", SecretValue::revealString));
  }
}
