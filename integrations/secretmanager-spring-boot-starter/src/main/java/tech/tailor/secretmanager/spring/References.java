package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import tech.tailor.secretmanager.SecretRef;

/**
 * Properties that name secrets, as {@code vault/name} or as a placeholder, which is not resolved.
 */
final class References {

  private References() {}

  /** Returns a binder for which a placeholder of a secret is the secret's name. */
  static Binder binder(ConfigurableEnvironment environment) {
    MutablePropertySources sources = new MutablePropertySources();
    sources.addLast(new ReferencesAsTheyAre());
    environment.getPropertySources().stream()
        .filter(source -> !(source instanceof SecretPropertySource))
        .forEach(sources::addLast);
    return new Binder(
        ConfigurationPropertySources.get(environment),
        new PropertySourcesPlaceholdersResolver(sources));
  }

  static SecretRef parse(String property, String text) {
    try {
      return SecretRef.parse(text);
    } catch (IllegalArgumentException e) { // which quotes the text
      throw new SecretReferenceException("The property " + property
          + " must name a secret, as vault/name. Its text is withheld, since it may be a value");
    }
  }

  /** Answers a placeholder that is a reference with the name of its secret. */
  private static final class ReferencesAsTheyAre extends PropertySource<String> {

    ReferencesAsTheyAre() {
      super("references");
    }

    @Override
    public @Nullable Object getProperty(String name) {
      return name.startsWith(SecretPropertySource.PREFIX)
          ? name.substring(SecretPropertySource.PREFIX.length())
          : null;
    }
  }
}
