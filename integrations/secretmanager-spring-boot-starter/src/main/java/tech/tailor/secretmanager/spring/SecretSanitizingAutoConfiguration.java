package tech.tailor.secretmanager.spring;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.ConfigurableEnvironment;

/** Keeps secrets out of Actuator's endpoints, also where they are told to show values. */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
@Conditional(WhenEnabled.class)
class SecretSanitizingAutoConfiguration {

  /** By value: a property that refers to another one shows a secret under any name. */
  @Bean
  SanitizingFunction secretSanitizingFunction(ConfigurableEnvironment environment) {
    SecretPropertySource source = SecretPropertySource.of(environment);
    return data -> data.getValue() instanceof UnreadableValue
            || (source != null && source.isHandedOutIn(String.valueOf(data.getValue())))
        ? data.withSanitizedValue()
        : data;
  }
}
