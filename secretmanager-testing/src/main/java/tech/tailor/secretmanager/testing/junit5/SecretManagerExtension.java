package tech.tailor.secretmanager.testing.junit5;

import java.lang.reflect.AnnotatedElement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * Passes a {@link FakeSecretManager} to every parameter of that type or of type
 * {@link SecretManager}, with the secrets that {@link WithSecret} says, or empty if nothing says
 * any. {@code @WithSecret} brings the extension along; without it, write
 * {@code @ExtendWith(SecretManagerExtension.class)}.
 *
 * <p>Each test method has one fake, which it shares with its {@code @BeforeEach} and
 * {@code @AfterEach} methods; a repeated or parameterised test has one for each invocation. It is
 * closed after the test. Tests may run in parallel.
 */
public final class SecretManagerExtension implements ParameterResolver, AfterEachCallback {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SecretManagerExtension.class);

  /** For JUnit, which creates the extension. */
  public SecretManagerExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == SecretManager.class || type == FakeSecretManager.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException("A fake SecretManager lives for one test method: take"
          + " it as a parameter of the test method, or of @BeforeEach or @AfterEach, but not of a"
          + " constructor, @BeforeAll or @AfterAll");
    }
    return store(context)
        .getOrComputeIfAbsent(
            FakeSecretManager.class, type -> fakeWith(secretsOf(context)), FakeSecretManager.class);
  }

  /**
   * Closes the fake by hand: the store itself closes an AutoCloseable only from JUnit 5.13 on, and
   * the type that it closed before is deprecated since.
   */
  @Override
  public void afterEach(ExtensionContext context) {
    FakeSecretManager fake =
        store(context).remove(FakeSecretManager.class, FakeSecretManager.class);
    if (fake != null) {
      fake.close();
    }
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }

  private static FakeSecretManager fakeWith(Map<SecretRef, String> secrets) {
    FakeSecretManager fake = FakeSecretManager.create();
    secrets.forEach((ref, value) -> fake.put(ref.vault(), ref.name(), value));
    return fake;
  }

  /** From the outermost class inwards to the method, so that the nearest comes last and wins. */
  private static Map<SecretRef, String> secretsOf(ExtensionContext context) {
    Deque<AnnotatedElement> elements = new ArrayDeque<>();
    Optional<ExtensionContext> at = Optional.of(context);
    while (at.isPresent()) {
      at.get().getElement().ifPresent(elements::addFirst);
      at = at.get().getParent();
    }
    Map<SecretRef, String> secrets = new LinkedHashMap<>();
    for (AnnotatedElement element : elements) {
      for (WithSecret secret :
          AnnotationSupport.findRepeatableAnnotations(element, WithSecret.class)) {
        secrets.put(SecretRef.of(secret.vault(), secret.name()), secret.value());
      }
    }
    return secrets;
  }
}
