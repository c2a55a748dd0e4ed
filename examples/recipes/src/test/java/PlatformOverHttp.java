import java.time.Duration;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** The HTTP backend against the emulator; against the platform only the endpoint, workspace and token differ. */
public class PlatformOverHttp {
  public static void main(String[] args) {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start();
        HttpSecretStore store =
            HttpSecretStore.builder()
                .endpoint(emulator.endpoint())
                .workspaceId(emulator.workspaceId())
                .accessToken(AccessTokenSource.of(emulator.adminToken()))
                .build()) {
      store.createVault("default");
      try (SecretValue value = SecretValue.of("secret-value-1")) {
        store.createSecret("default", "test-secret-1", value);
      }
      try (SecretManager secretManager =
              SecretManagers.builder(store).timeToLive(Duration.ofMinutes(5)).build();
          SecretValue secret = secretManager.requireSecret("default", "test-secret-1")) {
        System.out.println("getSecret with test-secret-1: " + secret.revealString());
        System.out.println("missing: " + secretManager.getSecret("default", "no-such-secret").isPresent());
      }
    }
  }
}
