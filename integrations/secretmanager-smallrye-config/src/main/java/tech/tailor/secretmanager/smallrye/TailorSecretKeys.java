package tech.tailor.secretmanager.smallrye;

import static java.util.Objects.requireNonNull;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.SecretKeysHandler;
import io.smallrye.config.SecretKeysHandlerFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * Resolves <code>&#36;{tailor::vault/name}</code> in the properties of an application with SmallRye
 * Config, such as one of Quarkus. SmallRye finds it; an application calls nothing in here.
 *
 * <p>The value is read from the manager's cache each time the property is, so a rotation needs no
 * restart, and SmallRye looks for no expressions in it. A secret that is missing, or can't be read,
 * throws the library's exception. No property names are listed.
 *
 * <p>The store is that of the property {@code secretmanager.url}, with
 * {@code secretmanager.key-file}, {@code secretmanager.previous-key-file} and
 * {@code secretmanager.workspace-id}; those that are not set are the environment variables of
 * {@code SecretManagers.fromEnvironment()}. It is opened when the first secret is read, and stays
 * open as long as the process runs, since a configuration has no end. Thread-safe.
 */
public final class TailorSecretKeys implements SecretKeysHandlerFactory {

  private static final String NAME = "tailor";

  /** For SmallRye, which creates it. */
  public TailorSecretKeys() {}

  /** Returns {@code tailor}, which stands before the two colons. */
  @Override
  public String getName() {
    return NAME;
  }

  /** Returns the handler of a configuration. Nothing is opened or read yet. */
  @Override
  public SecretKeysHandler getSecretKeysHandler(ConfigSourceContext context) {
    requireNonNull(context, "context");
    Map<String, String> environment = new HashMap<>(System.getenv());
    put(environment, "TAILOR_SECRETMANAGER_URL", context, "secretmanager.url");
    put(environment, "TAILOR_PLATFORM_WORKSPACE_ID", context, "secretmanager.workspace-id");
    if (put(environment, "TAILOR_SECRETMANAGER_KEY_FILE", context, "secretmanager.key-file")) {
      environment.remove("TAILOR_SECRETMANAGER_KEY");
    }
    if (put(
        environment,
        "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE",
        context,
        "secretmanager.previous-key-file")) {
      environment.remove("TAILOR_SECRETMANAGER_PREVIOUS_KEY");
    }
    return new TailorSecretKeysHandler(NAME, environment);
  }

  private static boolean put(
      Map<String, String> environment,
      String variable,
      ConfigSourceContext context,
      String property) {
    ConfigValue value = context.getValue(property);
    if (value == null || value.getValue() == null || value.getValue().isEmpty()) {
      return false;
    }
    environment.put(variable, value.getValue());
    return true;
  }
}
