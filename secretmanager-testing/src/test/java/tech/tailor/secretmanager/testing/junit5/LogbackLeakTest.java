package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tech.tailor.secretmanager.SecretManager;

/** What an application logs with SLF4J and Logback is seen where the console appender writes it. */
class LogbackLeakTest {

  private static final String KEY = "made-up-key-of-logback";

  @Test
  void valueInALogOfLogback_failsTheTest() {
    List<String> failures = EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Logging.class))
        .execute()
        .testEvents()
        .failed()
        .stream()
        .map(event -> event.getTestDescriptor().getLegacyReportingName() + ": "
            + event
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow()
                .getMessage())
        .sorted()
        .toList();

    assertThat(failures).hasSize(2).noneMatch(failure -> failure.contains(KEY));
    assertThat(failures.get(0))
        .startsWith("logged(")
        .endsWith("default/api-key in standard output, line 1 of the test's");
    assertThat(failures.get(1))
        .startsWith("loggedInAnException(")
        .endsWith("default/api-key in standard output, line 2 of the test's");
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "api-key", value = KEY)
  static class Logging {

    private static final Logger LOGGER = LoggerFactory.getLogger("com.example.Mailer");

    @Test
    void logged(SecretManager secretManager) {
      LOGGER.info("Log in with {}", KEY);
    }

    @Test
    void loggedInAnException(SecretManager secretManager) {
      LOGGER.warn("Could not log in", new IllegalStateException("refused: " + KEY));
    }

    @Test
    void loggedWithoutIt(SecretManager secretManager) {
      LOGGER.info("Log in with the secret default/api-key");
    }
  }
}
