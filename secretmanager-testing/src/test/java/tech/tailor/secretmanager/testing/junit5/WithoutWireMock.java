package tech.tailor.secretmanager.testing.junit5;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * A user who has JUnit and no WireMock; run by {@link WithEmulatorTest} in a class path of its own.
 */
public final class WithoutWireMock {

  private WithoutWireMock() {}

  /** The messages of the tests that failed, of two of which one needs no emulator. */
  public static List<String> messages() {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Tests.class))
        .execute()
        .testEvents()
        .failed()
        .stream()
        .map(event -> event
            .getRequiredPayload(TestExecutionResult.class)
            .getThrowable()
            .orElseThrow()
            .getMessage())
        .toList();
  }

  @WithEmulator
  static class Tests {
    @Test
    void needsOne(SecretManagerEmulator emulator) {}

    @Test
    void needsNone(SecretManager secretManager) {}
  }
}
