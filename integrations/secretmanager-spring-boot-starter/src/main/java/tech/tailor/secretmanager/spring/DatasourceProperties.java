package tech.tailor.secretmanager.spring;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.ConfigurableEnvironment;
import tech.tailor.secretmanager.SecretRef;

/**
 * The properties that name the secrets by which the application's connection pool logs in. They
 * hold references and no values: a reference in the form of a placeholder stays one.
 *
 * @param user Secret with the user's name, as vault/name. Without it, the user is
 *     spring.datasource.username.
 * @param password Secret with the password, as vault/name, in the same vault.
 * @param login Secret, as vault/name, that is a JSON object with the user and the password; instead
 *     of the other two.
 * @param userMember Member of that object with the user's name.
 * @param passwordMember Member of that object with the password.
 */
@ConfigurationProperties("secretmanager.datasource")
record DatasourceProperties(
    @Nullable String user,
    @Nullable String password,
    @Nullable String login,
    @DefaultValue("username") String userMember,
    @DefaultValue("password") String passwordMember) {

  private static final String PREFIX = "secretmanager.datasource";

  /** Returns the environment's, of which those that are not set are null. */
  static DatasourceProperties of(ConfigurableEnvironment environment) {
    return References.binder(environment).bindOrCreate(PREFIX, DatasourceProperties.class);
  }

  boolean areSet() {
    return user != null || password != null || login != null;
  }

  @Nullable
  SecretRef userSecret() {
    return secret("user", user);
  }

  @Nullable
  SecretRef passwordSecret() {
    return secret("password", password);
  }

  @Nullable
  SecretRef loginSecret() {
    return secret("login", login);
  }

  /** Returns the secrets that are named. */
  List<SecretRef> secrets() {
    return Stream.of(userSecret(), passwordSecret(), loginSecret())
        .filter(Objects::nonNull)
        .toList();
  }

  private static @Nullable SecretRef secret(String property, @Nullable String text) {
    if (text == null) {
      return null;
    }
    return References.parse(PREFIX + "." + property, text);
  }

  @Override
  public String toString() {
    return "DatasourceProperties" + secrets();
  }
}
