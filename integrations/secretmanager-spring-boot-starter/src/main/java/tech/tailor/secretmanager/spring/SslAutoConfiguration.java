package tech.tailor.secretmanager.spring;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import tech.tailor.secretmanager.SecretManager;

/** TLS bundles, where properties name the secrets for them. */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@Conditional({WhenEnabled.class, SslAutoConfiguration.WhenSecretsAreNamed.class})
class SslAutoConfiguration {

  @Bean
  SecretBundles secretSslBundles(
      ConfigurableEnvironment environment,
      ObjectProvider<SecretManager> manager,
      SecretChanges changes) {
    return new SecretBundles(SslProperties.secrets(environment), manager, changes);
  }

  static final class WhenSecretsAreNamed implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return context.getEnvironment() instanceof ConfigurableEnvironment environment
          && !SslProperties.secrets(environment).isEmpty();
    }
  }
}
