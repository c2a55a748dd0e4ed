package tech.tailor.secretmanager.testing.junit5;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * The parameters that are this extension's to resolve. JUnit fails a test if two extensions claim
 * one parameter, so what may belong to another is declined.
 */
final class OwnParameters {

  /**
   * The names that annotations about null have, in whichever library; they say whose nothing is.
   */
  private static final Set<String> ABOUT_NULL =
      Set.of("nonnull", "notnull", "nullable", "checkfornull");

  private OwnParameters() {}

  /**
   * Whether the extension has something to pass to this parameter, and no other does.
   *
   * @param inTest whether it is a parameter of a test, or of what runs before and after each
   * @param elements the test class, those around it, and the test method if there is one
   */
  static boolean include(
      ParameterContext parameter, boolean inTest, Collection<AnnotatedElement> elements) {
    Class<?> type = parameter.getParameter().getType();
    if (isAnnotatedForAnother(parameter)) {
      return false;
    }
    if (type == SecretManagerEmulator.class) {
      return true;
    }
    // Where there is no fake, a resolver of another kind may have a manager; else we explain.
    return (type == SecretManager.class || type == FakeSecretManager.class)
        && (inTest || elements.stream().noneMatch(OwnParameters::bringsAnotherResolver));
  }

  /** By Spring's {@code @Autowired}, Mockito's {@code @Mock} and the like: none is ours. */
  private static boolean isAnnotatedForAnother(ParameterContext parameter) {
    Executable executable = parameter.getDeclaringExecutable();
    Stream<Annotation> annotations = annotationsOf(parameter);
    if (executable instanceof Constructor<?>) {
      annotations = Stream.concat(annotations, Stream.of(executable.getAnnotations()));
    }
    return annotations.anyMatch(annotation -> meansAnother(annotation.annotationType()));
  }

  /** The instance around an inner class is a parameter of its constructor without an entry. */
  private static Stream<Annotation> annotationsOf(ParameterContext parameter) {
    Executable executable = parameter.getDeclaringExecutable();
    Annotation[][] annotations = executable.getParameterAnnotations();
    int withoutEntry = executable.getParameterCount() - annotations.length;
    int index = parameter.getIndex() - withoutEntry;
    return index < 0 ? Stream.of() : Stream.of(annotations[index]);
  }

  private static boolean meansAnother(Class<? extends Annotation> annotation) {
    return !annotation.getPackageName().startsWith("java.lang")
        && !ABOUT_NULL.contains(annotation.getSimpleName().toLowerCase(Locale.ROOT));
  }

  private static boolean bringsAnotherResolver(AnnotatedElement element) {
    return AnnotationSupport.findRepeatableAnnotations(element, ExtendWith.class).stream()
        .flatMap(extendWith -> Stream.of(extendWith.value()))
        .anyMatch(extension -> extension != SecretManagerExtension.class
            && ParameterResolver.class.isAssignableFrom(extension));
  }
}
