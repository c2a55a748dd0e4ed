package tech.tailor.secretmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/**
 * What the README says to write in place of other libraries works; {@link SamplesTest} looks for it
 * here.
 */
class InsteadOfOthersTest {

  @Test
  @WithSecret(vault = "default", name = "db-password", value = "made up")
  void variable(SecretManager secretManager) {
    assertThat(SecretSource.environment("DB_PASSWORD").origin()).contains("DB_PASSWORD");
    String password =
        secretManager.withSecret("default", "db-password", value -> value.revealString());
    assertThat(password).isEqualTo("made up");
  }

  @Test
  @WithSecret(vault = "orders", name = "db-login", value = "{\"password\": \"made up\"}")
  void oneSecret_andOneMemberOfIt(SecretManager secretManager) {
    String login = secretManager.withSecret("orders", "db-login", SecretValue::revealString);
    assertThat(login).contains("made up");
    String password = secretManager.withSecret(
        "orders", "db-login", value -> value.withJsonField("password", SecretValue::revealString));
    assertThat(password).isEqualTo("made up");
  }

  @Test
  @WithSecret(vault = "orders", name = "user", value = "app")
  @WithSecret(vault = "orders", name = "password", value = "made up")
  void severalOfOneVault(SecretManager secretManager) {
    try (SecretBundle login = secretManager.getSecrets("orders", List.of("user", "password"))) {
      assertThat(login.names()).containsExactly("user", "password");
    }
  }
}
