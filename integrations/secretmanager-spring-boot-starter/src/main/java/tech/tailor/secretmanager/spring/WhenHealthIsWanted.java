package tech.tailor.secretmanager.spring;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * As Spring Boot's own condition for a part of the health, which each line of it has in another
 * place.
 */
final class WhenHealthIsWanted implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    Environment environment = context.getEnvironment();
    boolean byDefault =
        environment.getProperty("management.health.defaults.enabled", Boolean.class, true);
    return environment.getProperty(
        "management.health.secretmanager.enabled", Boolean.class, byDefault);
  }
}
