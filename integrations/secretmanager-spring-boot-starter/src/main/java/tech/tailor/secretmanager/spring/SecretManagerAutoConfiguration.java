package tech.tailor.secretmanager.spring;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.ConfigurableEnvironment;
import tech.tailor.secretmanager.SecretHandle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.spi.SecretBackend;

/** The manager as a bean, and the conversion of properties to references. */
@AutoConfiguration
@Conditional(WhenEnabled.class)
@EnableConfigurationProperties(SecretManagerProperties.class)
class SecretManagerAutoConfiguration {

  /**
   * Reads from the application's own backend, if it has one as a bean; otherwise from the store
   * that references in properties are read from.
   */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  SecretManager secretManager(
      ConfigurableEnvironment environment,
      SecretManagerProperties properties,
      SecretChanges changes,
      AskedSecrets asked,
      ObjectProvider<SecretBackend> backends) {
    SecretBackend backend = backends.getIfUnique();
    SecretPropertySource source = SecretPropertySource.of(environment);
    if (backend != null) {
      return properties
          .builder(source == null ? backend : source.getSource().watched(backend))
          .keepBackendOpen()
          .keepWarm(DatasourceProperties.of(environment).secrets().toArray(SecretRef[]::new))
          .keepWarm(SslProperties.secrets(environment).values().toArray(SecretRef[]::new))
          .listener(changes)
          .listener(asked)
          .build();
    }
    if (backends.stream().findAny().isPresent()) {
      throw new IllegalStateException("There are several beans of the type SecretBackend;"
          + " mark one as @Primary, or make a bean of the type SecretManager");
    }
    if (source != null) {
      return source.getSource().manager();
    }
    ManagerHolder holder = new ManagerHolder(environment, changes, asked);
    holder.configurationIsLoaded();
    return holder.manager();
  }

  /** Of the manager above; one of the application's own tells it of nothing. */
  @Bean
  SecretChanges secretChanges(ConfigurableEnvironment environment) {
    SecretPropertySource source = SecretPropertySource.of(environment);
    return source != null ? source.getSource().changes() : new SecretChanges();
  }

  /** In the same way. */
  @Bean
  AskedSecrets askedSecrets(ConfigurableEnvironment environment) {
    SecretPropertySource source = SecretPropertySource.of(environment);
    return source != null ? source.getSource().asked() : new AskedSecrets();
  }

  @Bean
  @ConfigurationPropertiesBinding
  static Converter<String, SecretRef> secretRefConverter() {
    return new Converter<>() { // no lambda: Spring must see its types
      @Override
      public SecretRef convert(String text) {
        return SecretRef.parse(text);
      }
    };
  }

  @Bean
  @ConfigurationPropertiesBinding
  static Converter<String, SecretHandle> secretHandleConverter(
      ObjectProvider<SecretManager> manager) {
    return new Converter<>() {
      @Override
      public SecretHandle convert(String text) {
        return manager.getObject().handle(SecretRef.parse(text));
      }
    };
  }
}
