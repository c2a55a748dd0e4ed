package tech.tailor.secretmanager.testing.junit5;

import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * The fake of an application context, with the secrets of a test class. Tests whose secrets are
 * equal share a context, as Spring keeps them.
 */
final class SpringFake implements ContextCustomizer {

  /** Agreed with the starter, which takes the manager that this property source holds. */
  private static final String SOURCE = "secretmanager-given";

  /** In Base64, so that they can be compared. */
  private final Map<SecretRef, String> secrets = new HashMap<>();

  SpringFake(Map<SecretRef, SecretValue> secrets) {
    secrets.forEach((ref, value) ->
        this.secrets.put(ref, value.withBytes(bytes -> Base64.getEncoder().encodeToString(bytes))));
  }

  @Override
  public void customizeContext(
      ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
    FakeSecretManager.Builder fake = FakeSecretManager.builder();
    secrets.forEach(
        (ref, value) -> fake.secret(ref.vault(), ref.name(), Base64.getDecoder().decode(value)));
    context.getEnvironment().getPropertySources().addLast(new Given(fake.build()));
  }

  /** Returns the fake of a context, or null if it has none. */
  static @Nullable FakeSecretManager of(ConfigurableEnvironment environment) {
    return environment.getPropertySources().get(SOURCE) instanceof Given given
        ? given.getSource()
        : null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SpringFake fake && secrets.equals(fake.secrets);
  }

  @Override
  public int hashCode() {
    return secrets.hashCode();
  }

  @Override
  public String toString() {
    return "SpringFake" + secrets.keySet();
  }

  /** It has no properties. */
  private static final class Given extends PropertySource<FakeSecretManager> {

    Given(FakeSecretManager fake) {
      super(SOURCE, fake);
    }

    @Override
    public @Nullable Object getProperty(String name) {
      return null;
    }
  }
}
