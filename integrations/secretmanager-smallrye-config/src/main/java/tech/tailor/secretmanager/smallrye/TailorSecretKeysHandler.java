package tech.tailor.secretmanager.smallrye;

import io.smallrye.config.SecretKeysHandler;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;

/** Reads the secrets of one configuration, with a manager that it opens for the first of them. */
final class TailorSecretKeysHandler implements SecretKeysHandler {

  private final String name;
  private final Map<String, String> environment;
  private @Nullable SecretManager manager;

  TailorSecretKeysHandler(String name, Map<String, String> environment) {
    this.name = name;
    this.environment = environment;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public String decode(String secret) {
    return manager().withSecret(SecretRef.parse(secret), SecretValue::revealString);
  }

  private synchronized SecretManager manager() {
    if (manager == null) {
      manager = SecretManagers.fromEnvironment(environment);
    }
    return manager;
  }
}
