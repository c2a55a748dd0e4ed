package tech.tailor.secretmanager.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import tech.tailor.secretmanager.SecretManager;

/** The manager's part of the application's health, in Spring Boot 4. */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(AskedSecrets.class)
@ConditionalOnSingleCandidate(SecretManager.class)
@Conditional(WhenHealthIsWanted.class)
class HealthOnBoot4AutoConfiguration {

  @Bean
  HealthIndicator secretmanagerHealthIndicator(SecretManager manager, AskedSecrets asked) {
    SecretProbe probe = new SecretProbe(manager, asked);
    return () -> {
      SecretProbe.Counts counts = probe.counts();
      Health.Builder health =
          counts.isDown() ? Health.down() : counts.isUnknown() ? Health.unknown() : Health.up();
      return health.withDetails(counts.details()).build();
    };
  }
}
