package tech.tailor.secretmanager.spring;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import tech.tailor.secretmanager.SecretRef;

/**
 * Tells the beans of a context that a secret changed: from when they are all made, and then also of
 * what changed before, until the context is closed.
 */
final class SecretReload implements SmartInitializingSingleton, DisposableBean {

  private final ConfigurableApplicationContext context;
  private final SecretChanges changes;
  private final ObjectProvider<RefreshScope> scope;
  private SecretChanges.@Nullable Subscription subscription;

  SecretReload(
      ConfigurableApplicationContext context,
      SecretChanges changes,
      ObjectProvider<RefreshScope> scope) {
    this.context = context;
    this.changes = changes;
    this.scope = scope;
  }

  @Override
  public void afterSingletonsInstantiated() {
    subscription = changes.subscribeFromStart(this::reload);
  }

  private synchronized void reload(SecretRef ref) {
    if (!context.isActive()) {
      return; // it is being closed
    }
    Set<String> names = PropertyReferences.names(context.getEnvironment(), ref);
    if (!names.isEmpty()) {
      context.publishEvent(new EnvironmentChangeEvent(context, names));
      scope.ifAvailable(RefreshScope::refreshAll);
    }
  }

  @Override
  public void destroy() {
    if (subscription != null) {
      subscription.end();
    }
  }
}
