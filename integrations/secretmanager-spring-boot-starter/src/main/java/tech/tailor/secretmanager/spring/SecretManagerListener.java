package tech.tailor.secretmanager.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Makes references work in every property of an application, before its configuration is read, and
 * closes the manager of one that failed to start.
 */
final class SecretManagerListener implements ApplicationListener<ApplicationEvent>, Ordered {

  /** Before Spring Boot's post-processors of the environment, which read the configuration. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 5;

  private @Nullable SecretPropertySource source;

  @Override
  public void onApplicationEvent(ApplicationEvent event) {
    if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
      prepare(prepared.getEnvironment());
    } else if (event instanceof ApplicationReadyEvent && source != null) {
      source.startEnded();
    } else if (event instanceof ApplicationFailedEvent failed && source != null) {
      source.startFailed(failed.getException());
      source.getSource().close();
    }
  }

  private void prepare(ConfigurableEnvironment environment) {
    if (SecretPropertySource.of(environment) == null) {
      source = new SecretPropertySource(new ManagerHolder(environment));
      environment.getPropertySources().addLast(source);
    }
  }

  @Override
  public int getOrder() {
    return ORDER;
  }
}
