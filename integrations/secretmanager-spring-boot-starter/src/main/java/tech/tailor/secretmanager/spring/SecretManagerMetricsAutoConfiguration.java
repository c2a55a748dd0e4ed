package tech.tailor.secretmanager.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.micrometer.SecretManagerMetrics;

/** The manager's meters, where the application has {@code secretmanager-micrometer}. */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@ConditionalOnClass({MeterBinder.class, SecretManagerMetrics.class})
@ConditionalOnSingleCandidate(SecretManager.class)
class SecretManagerMetricsAutoConfiguration {

  /** Spring Boot's Actuator binds it. */
  @Bean
  @ConditionalOnMissingBean
  SecretManagerMetrics secretManagerMetrics(SecretManager manager) {
    return SecretManagerMetrics.of(manager, "secrets");
  }
}
