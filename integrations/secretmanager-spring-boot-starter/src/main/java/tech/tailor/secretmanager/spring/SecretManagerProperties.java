package tech.tailor.secretmanager.spring;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;

/**
 * The properties of an application that configure the secret manager.
 *
 * @param enabled Whether there is a secret manager. If not, references in properties stay text.
 * @param url Address of the store, such as file:/var/lib/app/secrets. Without it, the environment
 *     variable TAILOR_SECRETMANAGER_URL counts.
 * @param keyFile File with the master key of an encrypted store.
 * @param previousKeyFile File with a second master key, which may open the store during a rotation
 *     of the key.
 * @param workspaceId Workspace at Tailor Platform.
 * @param timeToLive How long a value is fresh. Default: 5 minutes.
 * @param maxStale How long a value may be served after that while the store can't be read. Default:
 *     1 hour.
 * @param fetchTimeout How long a read may take. Default: 10 seconds.
 * @param rejectionTimeout How long a rejected login waits for a new password. Default: 5 seconds.
 * @param allowDefaults Whether a reference may have a default, which takes the place of a secret
 *     that is missing, but not of one that can't be read.
 * @param reload Whether beans get the new value of a secret that a property refers to, by Spring
 *     Cloud's refresh; without Spring Cloud it has no effect.
 * @param maskLogs Whether values that were read are masked in logs, as far as they can be found.
 *     Needs the artifact secretmanager-logging.
 */
@ConfigurationProperties("secretmanager")
record SecretManagerProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String url,
    @Nullable String keyFile,
    @Nullable String previousKeyFile,
    @Nullable String workspaceId,
    @Nullable Duration timeToLive,
    @Nullable Duration maxStale,
    @Nullable Duration fetchTimeout,
    @Nullable Duration rejectionTimeout,
    boolean allowDefaults,
    @DefaultValue("true") boolean reload,
    boolean maskLogs) {

  static final String PREFIX = "secretmanager";

  /**
   * Returns the variables that the store is opened by: those given, with these properties' first.
   */
  Map<String, String> environment(Map<String, String> variables) {
    Map<String, String> environment = new HashMap<>(variables);
    put(environment, "TAILOR_SECRETMANAGER_URL", url);
    put(environment, "TAILOR_PLATFORM_WORKSPACE_ID", workspaceId);
    if (keyFile != null) {
      environment.remove("TAILOR_SECRETMANAGER_KEY");
      environment.put("TAILOR_SECRETMANAGER_KEY_FILE", keyFile);
    }
    if (previousKeyFile != null) {
      environment.remove("TAILOR_SECRETMANAGER_PREVIOUS_KEY");
      environment.put("TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE", previousKeyFile);
    }
    return environment;
  }

  /** Returns a builder of a manager with these settings. */
  SecretManagers.Builder builder(SecretBackend backend) {
    SecretManagers.Builder builder = SecretManagers.builder(backend);
    set(timeToLive, builder::timeToLive);
    set(maxStale, builder::maxStale);
    set(fetchTimeout, builder::fetchTimeout);
    set(rejectionTimeout, builder::rejectionTimeout);
    return builder;
  }

  private static void set(@Nullable Duration duration, Consumer<Duration> setting) {
    if (duration != null) {
      setting.accept(duration);
    }
  }

  private static void put(
      Map<String, String> environment, String variable, @Nullable String value) {
    if (value != null) {
      environment.put(variable, value);
    }
  }
}
