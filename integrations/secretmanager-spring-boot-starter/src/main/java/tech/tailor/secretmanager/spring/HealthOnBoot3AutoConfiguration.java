package tech.tailor.secretmanager.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import tech.tailor.secretmanager.SecretManager;

/** The manager's part of the application's health, in Spring Boot 3. */
@AutoConfiguration(after = SecretManagerAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(AskedSecrets.class)
@ConditionalOnSingleCandidate(SecretManager.class)
@Conditional(WhenHealthIsWanted.class)
class HealthOnBoot3AutoConfiguration {

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
