package tech.tailor.secretmanager.spring;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Gives beans the new value of a secret that properties refer to, where the application has Spring
 * Cloud: beans of {@code @ConfigurationProperties} are bound again, those of the refresh scope made
 * again.
 */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@ConditionalOnClass({EnvironmentChangeEvent.class, RefreshScope.class})
@ConditionalOnProperty(name = "secretmanager.reload", matchIfMissing = true)
@Conditional(WhenEnabled.class)
class ReloadAutoConfiguration {

  @Bean
  SecretReload secretReload(
      ConfigurableApplicationContext context,
      SecretChanges changes,
      ObjectProvider<RefreshScope> scope) {
    return new SecretReload(context, changes, scope);
  }
}
