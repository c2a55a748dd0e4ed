package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** What the platform takes of a workspace id, over the emulator. */
class EmulatedWorkspaceTest {

  @ParameterizedTest
  @EnumSource
  void workspaceId_mayBeInUpperCase(ReadMode road) {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store = HttpSecretStore.builder()
            .endpoint(emulator.endpoint())
            .workspaceId(emulator.workspaceId().toUpperCase(Locale.ROOT))
            .accessToken(AccessTokenSource.of(emulator.adminToken()))
            .readMode(road)
            .build()) {
      emulator.put("default", "greeting", "a made-up greeting");
      store.setVaultLabels("default", Map.of("owner", ""));
      SecretOutcome outcome = store.fetch("default", Set.of("greeting")).get("greeting");

      assertThat(store.vaultLabels("default")).isEqualTo(Map.of("owner", ""));
      assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
      ((SecretOutcome.Found) outcome).value().close();
    }
  }
}
