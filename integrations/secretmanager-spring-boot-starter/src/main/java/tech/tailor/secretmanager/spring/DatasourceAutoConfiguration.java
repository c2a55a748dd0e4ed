package tech.tailor.secretmanager.spring;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import tech.tailor.secretmanager.SecretManager;

/** The logins of the application's connection pool, where properties name the secrets for them. */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@Conditional({WhenEnabled.class, DatasourceAutoConfiguration.WhenSecretsAreNamed.class})
class DatasourceAutoConfiguration {

  /** Static, and without the manager itself: it is made before all other beans. */
  @Bean
  static PoolLogins secretPoolLogins(
      ConfigurableEnvironment environment,
      ObjectProvider<SecretManager> manager,
      ObjectProvider<SecretChanges> changes) {
    return new PoolLogins(environment, manager, changes);
  }

  /** A property that has no effect would be noticed by the first failed login at best. */
  @Bean
  static SmartInitializingSingleton secretPoolCheck(ListableBeanFactory beans) {
    return () -> {
      if (!beans.containsBean(PoolLogins.POOL)) {
        throw new SecretReferenceException(
            "secretmanager.datasource is set, but there is no bean \"" + PoolLogins.POOL
                + "\": the connection pool that Spring Boot makes of spring.datasource");
      }
    };
  }

  static final class WhenSecretsAreNamed implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return context.getEnvironment() instanceof ConfigurableEnvironment environment
          && DatasourceProperties.of(environment).areSet();
    }
  }
}
