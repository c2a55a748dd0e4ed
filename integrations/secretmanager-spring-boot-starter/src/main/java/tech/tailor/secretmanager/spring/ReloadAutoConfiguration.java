package tech.tailor.secretmanager.spring;

import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import tech.tailor.secretmanager.SecretRef;

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
  SmartInitializingSingleton secretReload(
      ConfigurableApplicationContext context,
      SecretChanges changes,
      ObjectProvider<RefreshScope> scope) {
    return () -> changes.subscribe(ref -> reload(context, scope, ref));
  }

  private static void reload(
      ConfigurableApplicationContext context, ObjectProvider<RefreshScope> scope, SecretRef ref) {
    Set<String> names = PropertyReferences.names(context.getEnvironment(), ref);
    if (!names.isEmpty()) {
      context.publishEvent(new EnvironmentChangeEvent(context, names));
      scope.ifAvailable(RefreshScope::refreshAll);
    }
  }
}
