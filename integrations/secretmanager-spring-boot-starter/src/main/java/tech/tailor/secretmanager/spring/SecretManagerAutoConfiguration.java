package tech.tailor.secretmanager.spring;

import static java.lang.System.Logger.Level.WARNING;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
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

  private static final System.Logger LOGGER =
      System.getLogger(SecretManagerAutoConfiguration.class.getName());

  /** That of the SpringApplication; a context that was made without one has its own. */
  @Bean(destroyMethod = "")
  ManagerHolder managerHolder(
      ConfigurableEnvironment environment, DefaultListableBeanFactory beans) {
    SecretPropertySource source = SecretPropertySource.of(environment);
    if (source != null) {
      return source.getSource();
    }
    ManagerHolder holder = new ManagerHolder(environment, new SecretChanges(), new AskedSecrets());
    holder.configurationIsLoaded();
    holder.startIsOver();
    beans.registerDisposableBean("secretManagerHolder", holder::closeWithContext);
    LogMask mask = holder.mask();
    if (mask != null) {
      mask.install();
    }
    return holder;
  }

  /** The manager, where the application makes none of its own. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(SecretManager.class)
  static class DefaultManager {

    /**
     * Reads from the application's own backend, if it has one as a bean; otherwise from the store
     * that references in properties are read from.
     */
    @Bean(destroyMethod = "close")
    SecretManager secretManager(
        ConfigurableEnvironment environment,
        SecretManagerProperties properties,
        ManagerHolder holder,
        ObjectProvider<SecretBackend> backends) {
      SecretBackend backend = backends.getIfUnique();
      if (backend == null && backends.stream().findAny().isPresent()) {
        throw new IllegalStateException("There are several beans of the type SecretBackend;"
            + " mark one as @Primary, or make a bean of the type SecretManager");
      }
      return backend == null
          ? holder.manager()
          : properties
              .builder(holder.watched(backend))
              .keepBackendOpen()
              .keepWarm(DatasourceProperties.of(environment).secrets().toArray(SecretRef[]::new))
              .keepWarm(SslProperties.secrets(environment).values().toArray(SecretRef[]::new))
              .listener(holder.changes())
              .listener(holder.asked())
              .build();
    }
  }

  /** Says what masking misses, which would be noticed by a value in a log at best. */
  @Bean
  SmartInitializingSingleton secretMaskCheck(
      ManagerHolder holder, DefaultListableBeanFactory beans) {
    return () -> {
      if (holder.mask() != null && applicationHasAnother(beans)) {
        LOGGER.log(
            WARNING,
            "secretmanager.mask-logs is set, but what the application's own SecretManager bean"
                + " reads is not masked. Make a bean of the type SecretBackend in its place, or"
                + " build it over SecretMask.watching(backend) and install that mask");
      }
    };
  }

  /** Looks at names of beans alone: to ask for the beans would make those that are lazy. */
  private static boolean applicationHasAnother(DefaultListableBeanFactory beans) {
    int ours = beans.getBeanNamesForType(DefaultManager.class, false, false).length;
    return beans.getBeanNamesForType(SecretManager.class, false, false).length > ours;
  }

  /** Of the manager above; one of the application's own tells it of nothing. */
  @Bean
  SecretChanges secretChanges(ManagerHolder holder) {
    return holder.changes();
  }

  /** In the same way. */
  @Bean
  AskedSecrets askedSecrets(ManagerHolder holder) {
    return holder.asked();
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
