package tech.tailor.secretmanager.spring;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.core.env.ConfigurableEnvironment;
import tech.tailor.secretmanager.SecretRef;

/**
 * The properties that name the secrets of TLS bundles. They hold references and no values.
 *
 * @param bundle Secret of each TLS bundle, as vault/name, by the name of the bundle. It holds a key
 *     and its certificates in PEM.
 */
@ConfigurationProperties("secretmanager.ssl")
record SslProperties(Map<String, String> bundle) {

  static final String PREFIX = "secretmanager.ssl.bundle";

  /** Returns the environment's secrets by the names of the bundles. */
  static Map<String, SecretRef> secrets(ConfigurableEnvironment environment) {
    Map<String, SecretRef> secrets = new LinkedHashMap<>();
    References.binder(environment)
        .bind(PREFIX, Bindable.mapOf(String.class, String.class))
        .orElse(Map.of())
        .forEach((name, text) -> secrets.put(name, References.parse(PREFIX + "." + name, text)));
    return secrets;
  }
}
