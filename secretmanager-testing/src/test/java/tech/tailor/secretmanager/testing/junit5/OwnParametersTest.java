package tech.tailor.secretmanager.testing.junit5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Constructor;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** Beside another extension, each resolves the parameters that are its own. */
class OwnParametersTest {

  private static final FakeSecretManager BEAN =
      FakeSecretManager.with("default", "greeting", "of the bean");

  /** As Spring's. */
  @Target({ElementType.PARAMETER, ElementType.CONSTRUCTOR, ElementType.ANNOTATION_TYPE})
  @Retention(RetentionPolicy.RUNTIME)
  @interface Autowired {}

  @Autowired
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Bean {}

  /** As those of several libraries. */
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Nonnull {}

  /** Resolves what Spring's extension resolves: by annotations on parameters and constructors. */
  static class BeanExtension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.isAnnotated(Autowired.class)
          || parameter.getDeclaringExecutable().isAnnotationPresent(Autowired.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SecretManagerEmulator.class
          ? SecretManagerEmulator.start()
          : BEAN;
    }
  }

  /** As Spring's does with {@code @TestConstructor(autowireMode = ALL)}. */
  static class EveryConstructorExtension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getDeclaringExecutable() instanceof Constructor<?>
          && parameter.getParameter().getType() == SecretManager.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return BEAN;
    }
  }

  @Test
  void annotatedParameters_areLeftToTheOtherExtension() {
    assertAllPass(Beans.class, 9);
  }

  @ExtendWith(BeanExtension.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class Beans {
    @BeforeAll
    static void beforeAll(@Autowired SecretManager bean) {
      assertIsBean(bean);
    }

    @BeforeEach
    void beforeEach(@Autowired SecretManager bean, SecretManager own) {
      assertIsBean(bean);
      assertIsOwn(own);
    }

    @Test
    void bean(@Autowired SecretManager bean) {
      assertIsBean(bean);
    }

    @Test
    void own(SecretManager own) {
      assertIsOwn(own);
    }

    @Test
    void both(SecretManager own, @Autowired SecretManager bean, FakeSecretManager alsoOwn) {
      assertIsBean(bean);
      assertIsOwn(own);
      assertThat(own).isSameAs(alsoOwn);
    }

    @Test
    void ofTheFakesType(@Autowired FakeSecretManager bean) {
      assertIsBean(bean);
    }

    @Test
    void ofTheEmulatorsType(@Autowired SecretManagerEmulator bean) {
      bean.close();
    }

    @Test
    void byAnAnnotationOfAnAnnotation(@Bean SecretManager bean) {
      assertIsBean(bean);
    }

    @Test
    void annotationsAboutNull_sayNothing(@Nonnull SecretManager own) {
      assertIsOwn(own);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two"})
    void parameterised(String argument, @Autowired SecretManager bean, SecretManager own) {
      assertIsBean(bean);
      assertIsOwn(own);
    }
  }

  @Test
  void constructors_areLeftToTheOtherExtension() {
    assertAllPass(AnnotatedParameterOfAConstructor.class, 2);
    assertAllPass(AnnotatedConstructor.class, 1);
    assertAllPass(ConstructorOfAnother.class, 2);
  }

  @ExtendWith(BeanExtension.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class AnnotatedParameterOfAConstructor {
    AnnotatedParameterOfAConstructor(@Autowired SecretManager bean) {
      assertIsBean(bean);
    }

    @Test
    void own(SecretManager own) {
      assertIsOwn(own);
    }

    /** Whose constructor has a parameter more than annotations. */
    @Nested
    class Inner {
      Inner(@Autowired SecretManager bean) {
        assertIsBean(bean);
      }

      @Test
      void own(SecretManager own) {
        assertIsOwn(own);
      }
    }
  }

  @ExtendWith(BeanExtension.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class AnnotatedConstructor {
    @Autowired
    AnnotatedConstructor(SecretManager bean, FakeSecretManager another) {
      assertIsBean(bean);
      assertIsBean(another);
    }

    @Test
    void own(SecretManager own) {
      assertIsOwn(own);
    }
  }

  @ExtendWith(EveryConstructorExtension.class)
  @WithSecret(vault = "default", name = "greeting", value = "of the test")
  static class ConstructorOfAnother {
    ConstructorOfAnother(SecretManager bean) {
      assertIsBean(bean);
    }

    @Test
    void own(SecretManager own) {
      assertIsOwn(own);
    }

    @Nested
    class Inner {
      Inner(SecretManager bean) {
        assertIsBean(bean);
      }

      @Test
      void own(SecretManager own) {
        assertIsOwn(own);
      }
    }
  }

  private static void assertIsBean(SecretManager given) {
    assertThat(given).isSameAs(BEAN);
  }

  private static void assertIsOwn(SecretManager given) {
    assertThat(given.withSecret("default", "greeting", SecretValue::revealString))
        .isEqualTo("of the test");
  }

  private static void assertAllPass(Class<?> type, int tests) {
    Events events = EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .allEvents();
    List<Throwable> failures = events.failed().stream()
        .map(event ->
            event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow())
        .toList();
    assertThat(failures).isEmpty();
    assertThat(events
            .succeeded()
            .filter(event -> event.getTestDescriptor().isTest())
            .count())
        .isEqualTo(tests);
  }
}
