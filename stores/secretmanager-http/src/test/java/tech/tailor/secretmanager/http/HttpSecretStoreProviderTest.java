package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.store.SecretStore;

class HttpSecretStoreProviderTest {

  private static final String WORKSPACE = "01234567-89ab-cdef-0123-456789abcdef";

  @TempDir
  Path directory;

  @Test
  void server_isTheOneNamed() {
    Map<String, String> environment = new HashMap<>(Map.of(
        "TAILOR_SECRETMANAGER_URL", "https://secrets.example.com/base?read=runtime-service",
        "TAILOR_PLATFORM_TOKEN", "canary-token",
        "TAILOR_PLATFORM_WORKSPACE_ID", WORKSPACE,
        "TAILOR_PLATFORM_URL", "https://not-asked.example.com"));
    try (SecretStore store = SecretStores.open(environment)) {
      assertThat(store)
          .hasToString(
              "HttpSecretStore[https://secrets.example.com/base, workspace " + WORKSPACE + "]");
    }
    environment.remove("TAILOR_PLATFORM_TOKEN");
    assertThatThrownBy(() -> SecretStores.open(environment))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("must hold the token for it");
  }

  @Test
  void withoutUrl_thePlatformIsMeant() {
    try (SecretStore store = SecretStores.open(
        Map.of("TAILOR_TOKEN", "token", "TAILOR_PLATFORM_WORKSPACE_ID", WORKSPACE))) {
      assertThat(store)
          .hasToString("HttpSecretStore[https://api.tailor.tech, workspace " + WORKSPACE + "]");
    }
    assertThatThrownBy(() -> open("TAILOR_PLATFORM_TOKEN", "token"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TAILOR_PLATFORM_WORKSPACE_ID");
  }

  @Test
  void profileOfTheCli_givesTheWorkspace() throws Exception {
    Path config = Files.createDirectories(directory.resolve("tailor-platform"));
    Files.writeString(
        config.resolve("config.yaml"),
        "version: 1\nprofiles:\n  work:\n    user: jane\n    workspace_id: " + WORKSPACE + "\n");
    Map<String, String> environment =
        Map.of("XDG_CONFIG_HOME", directory.toString(), "TAILOR_PLATFORM_PROFILE", "work");

    try (SecretStore store = SecretStores.open(environment)) {
      assertThat(store).asString().contains(WORKSPACE);
      assertThatThrownBy(store::listVaults) // jane never logged in
          .isInstanceOf(SecretManagerException.class)
          .hasMessageContaining("tailor-sdk login");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://canary.example",
        "https://user:canary@host",
        "https://host?read=canary",
        "https://host?token=canary"
      })
  void anythingElse_isRefused_withoutBeingShown(String url) {
    assertThatThrownBy(() -> SecretStores.open(Map.of(
            "TAILOR_SECRETMANAGER_URL", url,
            "TAILOR_PLATFORM_TOKEN", "token",
            "TAILOR_PLATFORM_WORKSPACE_ID", WORKSPACE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("canary");
  }

  private static void open(String variable, String value) {
    SecretStores.open(Map.of(variable, value)).close();
  }
}
