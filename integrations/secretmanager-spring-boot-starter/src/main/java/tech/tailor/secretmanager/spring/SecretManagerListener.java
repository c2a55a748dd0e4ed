package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Makes references work in the properties of an application, and closes the manager that they are
 * read by: after all beans, and after a start that failed.
 */
final class SecretManagerListener implements ApplicationListener<SpringApplicationEvent>, Ordered {

  /** Before Spring Boot's post-processors of the environment, which read the configuration. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 5;

  private @Nullable SpringApplication application;
  private @Nullable ManagerHolder holder;

  @Override
  public void onApplicationEvent(SpringApplicationEvent event) {
    if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
      prepare(prepared);
    } else if (holder == null || !event.getSpringApplication().equals(application)) {
      return; // also what a context tells its parent
    } else if (event instanceof ApplicationPreparedEvent prepared) {
      // What is registered first is destroyed last.
      ManagerHolder own = holder;
      if (prepared.getApplicationContext().getBeanFactory()
          instanceof DefaultSingletonBeanRegistry beans) {
        beans.registerDisposableBean("secretManagerHolder", own::closeWithContext);
      }
      LogMask mask = own.mask();
      if (mask != null) {
        mask.install();
      }
    } else if (event instanceof ApplicationStartedEvent) {
      holder.startIsOver();
    } else if (event instanceof ApplicationFailedEvent) {
      holder.close();
    }
  }

  private void prepare(ApplicationEnvironmentPreparedEvent event) {
    ConfigurableEnvironment environment = event.getEnvironment();
    if (SecretPropertySource.of(environment) == null) {
      application = event.getSpringApplication();
      holder = new ManagerHolder(environment, new SecretChanges(), new AskedSecrets());
      environment.getPropertySources().addLast(new SecretPropertySource(holder));
    }
  }

  @Override
  public int getOrder() {
    return ORDER;
  }
}
