package tech.tailor.secretmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.http.ReadMode;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** The example for the platform, against the emulator: only where it is differs. */
class ReadFromThePlatformTest {

  @Test
  void example_readsByTheFunctionRuntime() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      emulator.put("default", "test-secret-1", "secret-value-1");
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      PrintStream before = System.out;
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      try {
        ReadFromThePlatform.read(Map.of(
            "TAILOR_PLATFORM_URL", emulator.endpoint().toString(),
            "TAILOR_PLATFORM_TOKEN", emulator.adminToken(),
            "TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId()));
      } finally {
        System.setOut(before);
      }
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .isEqualTo("getSecret with test-secret-1: secret-value-1" + System.lineSeparator());
      assertThat(emulator.requests())
          .extracting(RequestRecord::method)
          .extracting(method -> method.orElse(""))
          .containsExactly("TestExecScript", "GetFunctionExecution");
    }
  }

  @Test
  void sameStore_readsByTheRuntimeService() {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = HttpSecretStore.builder()
            .endpoint(emulator.endpoint())
            .workspaceId(emulator.workspaceId())
            .accessToken(AccessTokenSource.of(emulator.adminToken()))
            .readMode(ReadMode.RUNTIME_SERVICE)
            .build()) {
      emulator.put("default", "test-secret-1", "secret-value-1");

      SecretOutcome outcome = store.fetch("default", Set.of("test-secret-1")).get("test-secret-1");

      assertThat(outcome).isInstanceOfSatisfying(SecretOutcome.Found.class, found -> {
        assertThat(found.value().matches("secret-value-1")).isTrue();
        assertThat(found.value().version()).isEqualTo(1);
        found.value().close();
      });
      assertThat(emulator.requests())
          .extracting(RequestRecord::method)
          .extracting(method -> method.orElse(""))
          .containsExactly("GetSecrets");
    }
  }
}
