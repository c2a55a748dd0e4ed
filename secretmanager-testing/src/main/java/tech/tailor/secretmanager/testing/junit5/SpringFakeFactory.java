package tech.tailor.secretmanager.testing.junit5;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.util.ClassUtils;

/**
 * Gives an application of Spring Boot a fake in place of its store, where its test has annotations
 * of the test kit. Spring finds it.
 */
final class SpringFakeFactory implements ContextCustomizerFactory {

  private static final String STARTER =
      "tech.tailor.secretmanager.spring.SecretManagerAutoConfiguration";

  /** Spring's tests may be of another framework. */
  private static final String JUNIT = "org.junit.platform.commons.support.AnnotationSupport";

  private static final List<Class<? extends Annotation>> ANNOTATIONS = List.of(
      WithSecret.class,
      WithSecret.List.class,
      WithSecrets.class,
      WithSecrets.List.class,
      FailOnLeak.class);

  @Override
  public @Nullable ContextCustomizer createContextCustomizer(
      Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
    ClassLoader loader = testClass.getClassLoader();
    if (!ClassUtils.isPresent(STARTER, loader)
        || !ClassUtils.isPresent(JUNIT, loader)
        || !isAnnotated(testClass)) {
      return null;
    }
    return new SpringFake(secretsOf(testClass).byRef());
  }

  /** Returns the secrets of a class, of those that it extends, and of those around it. */
  static TestSecrets secretsOf(Class<?> testClass) {
    TestSecrets secrets = new TestSecrets();
    Class<?> around = testClass.getEnclosingClass();
    if (around != null) {
      secretsOf(around).byRef().forEach(secrets::add);
    }
    secrets.addFrom(testClass);
    return secrets;
  }

  private static boolean isAnnotated(Class<?> testClass) {
    return Stream.<Class<?>>iterate(testClass, each -> each != null, Class::getEnclosingClass)
            .anyMatch(SpringFakeFactory::hasOne)
        || ANNOTATIONS.stream()
            .anyMatch(annotation -> !AnnotationSupport.findAnnotatedMethods(
                    testClass, annotation, HierarchyTraversalMode.TOP_DOWN)
                .isEmpty());
  }

  private static boolean hasOne(AnnotatedElement element) {
    return ANNOTATIONS.stream()
        .anyMatch(annotation -> AnnotationSupport.isAnnotated(element, annotation));
  }
}
