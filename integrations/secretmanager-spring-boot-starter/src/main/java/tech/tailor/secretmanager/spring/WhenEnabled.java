package tech.tailor.secretmanager.spring;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Unless {@code secretmanager.enabled} is false, in any of Spring's words for that. */
final class WhenEnabled implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    return Binder.get(context.getEnvironment())
        .bind("secretmanager.enabled", Boolean.class)
        .orElse(true);
  }
}
