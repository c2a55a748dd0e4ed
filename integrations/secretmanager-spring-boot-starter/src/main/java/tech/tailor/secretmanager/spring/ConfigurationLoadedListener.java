package tech.tailor.secretmanager.spring;

import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Says when an application's configuration is read, so that the manager's settings are known, and
 * imports the vaults that it names.
 */
final class ConfigurationLoadedListener
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

  /** After Spring Boot's post-processors of the environment, whose listener is at 10. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 11;

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    SecretPropertySource source = SecretPropertySource.of(event.getEnvironment());
    if (source != null) {
      source.getSource().configurationIsLoaded();
      // Ahead of time nothing is contacted.
      if (!Boolean.getBoolean("spring.aot.processing")) {
        VaultPropertySource.replaceMarks(event.getEnvironment().getPropertySources(), source);
      }
    }
  }

  @Override
  public int getOrder() {
    return ORDER;
  }
}
