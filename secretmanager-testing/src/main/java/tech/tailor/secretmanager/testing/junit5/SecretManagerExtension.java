package tech.tailor.secretmanager.testing.junit5;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * Passes a {@link FakeSecretManager} to every parameter of that type or of type
 * {@link SecretManager}, with the secrets that {@link WithSecret} and {@link WithSecrets} say, or
 * empty if nothing says any; and a {@link SecretManagerEmulator} with the same secrets to those of
 * that type, see {@link WithEmulator}. The annotations, and {@link FailOnLeak}, bring the extension
 * along; without them, write {@code @ExtendWith(SecretManagerExtension.class)}, or, to set it up in
 * code,
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SecretManagerExtension SECRETS = SecretManagerExtension.builder()
 *     .secret("default", "greeting", "hello")
 *     .failOnLeak()
 *     .build();
 * }</pre>
 *
 * <p>Several may be registered, and annotations used beside them: all of it adds up. Of several
 * values for the same secret the nearest to the test wins, and an annotation over what is
 * registered.
 *
 * <p>Each test method has one fake, which it shares with its {@code @BeforeEach} and
 * {@code @AfterEach} methods; a repeated or parameterised test has one for each invocation. It is
 * closed after the test. Tests may run in parallel.
 *
 * <p>A parameter with an annotation, such as Spring's {@code @Autowired}, is left to whichever
 * extension knows it; annotations about null don't count. So is one of an annotated constructor.
 */
public final class SecretManagerExtension
    implements ParameterResolver,
        BeforeAllCallback,
        BeforeEachCallback,
        BeforeTestExecutionCallback,
        AfterEachCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler,
        InvocationInterceptor {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SecretManagerExtension.class);

  private final transient List<Source> sources;
  private final List<Consumer<? super SecretManagers.Builder>> settings;
  private final boolean failOnLeak;

  /** For JUnit, which creates the extension. */
  public SecretManagerExtension() {
    this(new Builder());
  }

  private SecretManagerExtension(Builder builder) {
    this.sources = List.copyOf(builder.sources);
    this.settings = List.copyOf(builder.settings);
    this.failOnLeak = builder.failOnLeak;
  }

  /** Where secrets come from. */
  private interface Source {
    void addTo(TestSecrets secrets, Class<?> testClass);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    emulatorsOf(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    registered(context).add(this);
    if (store(context).get(key(LeakWatch.class, context)) == null && isToFailOnLeak(context)) {
      LeakWatch watch = new LeakWatch(() -> fake(context));
      store(context).put(key(LeakWatch.class, context), watch);
      LeakWatches.OF_THE_PROCESS.begin(watch);
    }
  }

  /** By now every instance is known that has a say in the fake. */
  @Override
  public void beforeTestExecution(ExtensionContext context) {
    LeakWatch watch = watchOf(context);
    if (watch != null) {
      watch.lookFromNowOn();
    }
  }

  /** Of several instances, the first that is asked answers for all. */
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    boolean inTest = isInTest(parameter, context);
    return OwnParameters.include(parameter, inTest, elements(context))
        && store(context).getOrComputeIfAbsent(answering(context), key -> this) == this;
  }

  /** A constructor may be called for one test method, but before what belongs to that is there. */
  private static boolean isInTest(ParameterContext parameter, ExtensionContext context) {
    return context.getTestMethod().isPresent()
        && !(parameter.getDeclaringExecutable() instanceof Constructor<?>);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    boolean inTest = isInTest(parameter, context);
    if (!inTest) {
      store(context).remove(answering(context));
    }
    if (parameter.getParameter().getType() == SecretManagerEmulator.class) {
      return inTest ? emulator(context) : orExplain(emulatorsOf(context)::first);
    }
    if (!inTest) {
      throw new ParameterResolutionException("A fake SecretManager lives for one test method: take"
          + " it as a parameter of the test method, or of @BeforeEach or @AfterEach, but not of a"
          + " constructor, @BeforeAll or @AfterAll");
    }
    return fake(context);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    throw withheldIfItLeaks(context, throwable);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(
      ExtensionContext context, Throwable throwable) throws Throwable {
    throw withheldIfItLeaks(context, throwable);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    throw withheldIfItLeaks(context, throwable);
  }

  /** What a dynamic test throws, none of the handlers is told. */
  @Override
  public void interceptDynamicTest(
      Invocation<Void> invocation,
      DynamicTestInvocationContext invocationContext,
      ExtensionContext context)
      throws Throwable {
    try {
      watched(invocation, context);
    } catch (Throwable thrown) {
      throw withheldIfItLeaks(context, thrown);
    }
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext context)
      throws Throwable {
    watched(invocation, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext context)
      throws Throwable {
    watched(invocation, context);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext context)
      throws Throwable {
    watched(invocation, context);
  }

  @Override
  public <T> T interceptTestFactoryMethod(
      Invocation<T> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext context)
      throws Throwable {
    return watched(invocation, context);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext context)
      throws Throwable {
    watched(invocation, context);
  }

  /** With a timeout, JUnit may call a method on a thread of its own, which is the test's too. */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  private static <T> T watched(Invocation<T> invocation, ExtensionContext context)
      throws Throwable {
    LeakWatch watch = watchOf(context);
    return watch == null
        ? invocation.proceed()
        : LeakWatches.OF_THE_PROCESS.onThisThread(watch, invocation::proceed);
  }

  /**
   * Closes what the test had by hand: the store itself closes an AutoCloseable only from JUnit 5.13
   * on, and the type that it closed before is deprecated since.
   */
  @Override
  public void afterEach(ExtensionContext context) {
    LeakWatch watch = store(context).remove(key(LeakWatch.class, context), LeakWatch.class);
    AssertionError leak = null;
    try {
      if (watch != null) {
        LeakWatches.OF_THE_PROCESS.end(watch);
        leak = watch.end();
      }
    } finally {
      close(context);
    }
    if (leak != null) {
      throw leak;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Emulators emulators = store(context).get(Emulators.class, Emulators.class);
    if (emulators != null && emulators.owner().equals(context.getUniqueId())) {
      store(context).remove(Emulators.class);
      emulators.close();
    }
  }

  /** Begins an extension that is registered in code. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Registers a fake that the test made itself, so that {@link FailOnLeak} looks for its secrets
   * and its open values too:
   *
   * <pre>{@code
   * FakeSecretManager fake =
   *     SecretManagerExtension.register(FakeSecretManager.with("default", "greeting", "hello"));
   * }</pre>
   *
   * <p>It holds until the test ends. What is open in the fake already, as another test left it, is
   * not held against this one. The fake stays the caller's to close, at any time.
   *
   * @return the same fake
   * @throws IllegalStateException if no test with {@link FailOnLeak} runs on this thread: register
   *     in the test or in its {@code @BeforeEach} method, not in a constructor or
   *     {@code @BeforeAll}, and on the thread that JUnit calls it on, which may be one of its own
   *     for a {@code @Timeout}
   */
  public static FakeSecretManager register(FakeSecretManager fake) {
    requireNonNull(fake, "fake");
    LeakWatches.OF_THE_PROCESS
        .ofThisThread()
        .orElseThrow(() -> new IllegalStateException("No test with @FailOnLeak runs on this thread;"
            + " register a fake in the test or in @BeforeEach, on the thread that JUnit calls it"
            + " on"))
        .add(fake);
    return fake;
  }

  private static void close(ExtensionContext context) {
    FakeSecretManager fake =
        store(context).remove(key(FakeSecretManager.class, context), FakeSecretManager.class);
    SecretManagerEmulator emulator = store(context)
        .remove(key(SecretManagerEmulator.class, context), SecretManagerEmulator.class);
    try {
      if (fake != null) {
        fake.close();
      }
    } finally {
      if (emulator != null) {
        giveBack(emulator, context);
      }
    }
  }

  private static void giveBack(SecretManagerEmulator emulator, ExtensionContext context) {
    Emulators ofClass = store(context).get(Emulators.class, Emulators.class);
    if (ofClass == null) {
      emulator.close();
    } else {
      ofClass.giveBack(emulator);
    }
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }

  /** A key that no enclosing context has: a store looks there too. */
  private static Object key(Class<?> type, ExtensionContext context) {
    return List.of(type, context.getUniqueId());
  }

  /**
   * For whom one instance answers: for a test; or, in a class, which may have other instances for
   * each object that is constructed, for one parameter, of which a thread asks all of them.
   */
  private static Object answering(ExtensionContext context) {
    Object key = key(SecretManagerExtension.class, context);
    return context.getTestMethod().isPresent() ? key : List.of(key, Thread.currentThread());
  }

  /** The instances that this test has, in the order in which they were registered. */
  private static Set<SecretManagerExtension> registered(ExtensionContext context) {
    Registered registered = store(context)
        .getOrComputeIfAbsent(
            key(Registered.class, context), key -> new Registered(), Registered.class);
    return registered.instances;
  }

  private static final class Registered {
    private final Set<SecretManagerExtension> instances = new LinkedHashSet<>();
  }

  private static FakeSecretManager fake(ExtensionContext context) {
    return store(context)
        .getOrComputeIfAbsent(
            key(FakeSecretManager.class, context),
            key -> newFake(context),
            FakeSecretManager.class);
  }

  private static FakeSecretManager newFake(ExtensionContext context) {
    FakeSecretManager.Builder fake = FakeSecretManager.builder();
    secretsOf(context).forEach((ref, value) -> fake.secret(ref.vault(), ref.name(), bytes(value)));
    registered(context).forEach(extension -> extension.settings.forEach(fake::settings));
    return fake.build();
  }

  private static SecretManagerEmulator emulator(ExtensionContext context) {
    Object key = key(SecretManagerEmulator.class, context);
    SecretManagerEmulator present = store(context).get(key, SecretManagerEmulator.class);
    if (present != null) {
      return present;
    }
    Map<SecretRef, SecretValue> secrets = secretsOf(context);
    Emulators ofClass = store(context).get(Emulators.class, Emulators.class);
    SecretManagerEmulator emulator =
        orExplain(ofClass == null ? SecretManagerEmulator::start : ofClass::take);
    store(context).put(key, emulator);
    secrets.forEach((ref, value) -> emulator.put(ref.vault(), ref.name(), bytes(value)));
    return emulator;
  }

  private static byte[] bytes(SecretValue value) {
    return value.withBytes(byte[]::clone);
  }

  /** Those of the outermost class that has this extension; its first are made here. */
  private static Emulators emulatorsOf(ExtensionContext classContext) {
    return store(classContext)
        .getOrComputeIfAbsent(
            Emulators.class, type -> new Emulators(classContext.getUniqueId()), Emulators.class);
  }

  /** What is missing on the class path is said in a sentence, without what JUnit has to add. */
  private static SecretManagerEmulator orExplain(Supplier<SecretManagerEmulator> start) {
    try {
      return start.get();
    } catch (IllegalStateException e) {
      throw new ParameterResolutionException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Throwable withheldIfItLeaks(ExtensionContext context, Throwable thrown) {
    LeakWatch watch = watchOf(context);
    AssertionError instead = watch == null ? null : watch.instead(thrown);
    return instead != null ? instead : thrown;
  }

  /** The test's; that of its factory, if the test is a dynamic one. */
  private static @Nullable LeakWatch watchOf(ExtensionContext context) {
    LeakWatch watch = null;
    Optional<ExtensionContext> at = Optional.of(context);
    while (watch == null && at.isPresent()) {
      watch = store(context).get(key(LeakWatch.class, at.get()), LeakWatch.class);
      at = at.get().getParent();
    }
    return watch;
  }

  private static boolean isToFailOnLeak(ExtensionContext context) {
    return registered(context).stream().anyMatch(extension -> extension.failOnLeak)
        || elements(context).stream()
            .anyMatch(element -> AnnotationSupport.isAnnotated(element, FailOnLeak.class));
  }

  private static Map<SecretRef, SecretValue> secretsOf(ExtensionContext context) {
    TestSecrets secrets = new TestSecrets();
    registered(context)
        .forEach(extension -> extension.sources.forEach(
            source -> source.addTo(secrets, context.getRequiredTestClass())));
    elements(context).forEach(secrets::addFrom);
    return secrets.byRef();
  }

  /** From the outermost class inwards to the method, so that the nearest comes last and wins. */
  private static Deque<AnnotatedElement> elements(ExtensionContext context) {
    Deque<AnnotatedElement> elements = new ArrayDeque<>();
    Optional<ExtensionContext> at = Optional.of(context);
    while (at.isPresent()) {
      at.get().getElement().ifPresent(elements::addFirst);
      at = at.get().getParent();
    }
    return elements;
  }

  /** The settings of an extension to be registered. Not thread-safe. */
  public static final class Builder {

    private final transient List<Source> sources = new ArrayList<>();
    private final List<Consumer<? super SecretManagers.Builder>> settings = new ArrayList<>();
    private boolean failOnLeak;

    private Builder() {}

    /**
     * A secret that exists for each test, as by {@link WithSecret}.
     *
     * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}
     */
    public Builder secret(String vault, String name, String value) {
      return secret(SecretRef.of(vault, name), SecretValue.of(requireNonNull(value, "value")));
    }

    /**
     * A secret of bytes, which need not be text, that exists for each test.
     *
     * @throws IllegalArgumentException if a name breaks the {@linkplain SecretRef#NAME_GRAMMAR
     *     grammar}, or if there are more than {@value SecretValue#MAX_SIZE_BYTES} bytes
     */
    public Builder secret(String vault, String name, byte[] value) {
      return secret(SecretRef.of(vault, name), SecretValue.copyOf(requireNonNull(value, "value")));
    }

    private Builder secret(SecretRef ref, SecretValue value) {
      sources.add((secrets, testClass) -> secrets.add(ref, value));
      return this;
    }

    /** The secrets of a file exist for each test, as by {@link WithSecrets}. */
    public Builder secretsFrom(String file) {
      requireNonNull(file, "file");
      sources.add((secrets, testClass) -> secrets.addFrom(file, testClass));
      return this;
    }

    /** Changes the settings of the fake's client, as {@link FakeSecretManager.Builder#settings}. */
    public Builder settings(Consumer<? super SecretManagers.Builder> change) {
      settings.add(requireNonNull(change, "change"));
      return this;
    }

    /** Fails a test that lets a secret out, as {@link FailOnLeak}. */
    public Builder failOnLeak() {
      this.failOnLeak = true;
      return this;
    }

    /** The extension, to be registered in a static field or in one of the instance. */
    public SecretManagerExtension build() {
      return new SecretManagerExtension(this);
    }

    /** Returns the same text whatever the settings. */
    @Override
    public String toString() {
      return "SecretManagerExtension.Builder";
    }
  }
}
