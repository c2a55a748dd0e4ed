package tech.tailor.secretmanager.integration.published;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static tech.tailor.secretmanager.testing.assertj.SecretAssertions.assertThat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.FakeSecretManager;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;
import tech.tailor.secretmanager.testing.junit5.FailOnLeak;
import tech.tailor.secretmanager.testing.junit5.SecretManagerExtension;
import tech.tailor.secretmanager.testing.junit5.WithSecret;

/**
 * An application's tests with the kit, which run on class paths that have nothing of this build's
 * tests: prints what failed, the leaks among them, and how many passed.
 */
final class RunsTheKit {

  private RunsTheKit() {}

  public static void main(String[] args) {
    run("used", Used.class);
    run("leaking", Leaking.class);
    run("contract", Contract.class);
    System.exit(0);
  }

  /** Nothing is printed before the end: the standard streams are watched for leaks. */
  private static void run(String name, Class<?> tests) {
    Outcomes outcomes = new Outcomes();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(tests))
                .build(),
            outcomes);
    outcomes.failures.stream().sorted().forEach(System.out::println);
    System.out.println(name + ": " + outcomes.passed + " passed");
  }

  private static final class Outcomes implements TestExecutionListener {
    private final AtomicInteger passed = new AtomicInteger();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      Optional<Throwable> thrown = result.getThrowable();
      if (thrown.isPresent()) {
        String[] lines = String.valueOf(thrown.get().getMessage()).split("\n", -1);
        failures.add(test.getDisplayName() + ": " + lines[lines.length - 1].strip());
      } else if (test.isTest()) {
        passed.incrementAndGet();
      }
    }
  }

  /** As Spring's. */
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Autowired {}

  static class Beans implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.isAnnotated(Autowired.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return FakeSecretManager.with("default", "greeting", "of a bean");
    }
  }

  @FailOnLeak
  @ExtendWith(Beans.class)
  @WithSecret(vault = "default", name = "greeting", value = "hello, made up")
  static class Used {
    @RegisterExtension
    static final SecretManagerExtension SECRETS = SecretManagerExtension.builder()
        .secret("default", "key", new byte[] {0, -1})
        .build();

    @BeforeEach
    void before(FakeSecretManager fake) {
      fake.put("default", "later", "made up later");
    }

    @Test
    @WithSecret(vault = "default", name = "greeting", value = "made up, too")
    void nearestWins(SecretManager secretManager) {
      assertGreeting(secretManager, "made up, too");
    }

    @Test
    void bean(SecretManager secretManager, @Autowired SecretManager bean) {
      assertGreeting(secretManager, "hello, made up");
      assertGreeting(bean, "of a bean");
    }

    @RepeatedTest(2)
    void repeated(FakeSecretManager fake) {
      Assertions.assertTrue(fake.reads().isEmpty());
      assertGreeting(fake, "hello, made up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"greeting", "key", "later"})
    void parameterised(String name, SecretManager secretManager) {
      Assertions.assertTrue(secretManager.exists("default", name));
    }

    @Nested
    class Inner {
      @Test
      void inherits(SecretManager secretManager) {
        assertGreeting(secretManager, "hello, made up");
      }
    }

    private static void assertGreeting(SecretManager secretManager, String expected) {
      try (SecretValue value = secretManager.requireSecret("default", "greeting")) {
        assertThat(value).hasValue(expected).isFresh();
      }
    }
  }

  @FailOnLeak
  @WithSecret(vault = "default", name = "greeting", value = "hello, made up")
  static class Leaking {
    @Test
    void leftOpen(SecretManager secretManager) {
      secretManager.requireSecret("default", "greeting").version();
    }

    @Test
    void ofAFakeOfItsOwn() {
      SecretManagerExtension.register(FakeSecretManager.with("default", "own-key", "made up here"));
      throw new IllegalStateException("made up here");
    }

    @TestFactory
    List<DynamicTest> dynamic() {
      return List.of(DynamicTest.dynamicTest("dynamic", () -> {
        throw new IllegalStateException("hello, made up");
      }));
    }
  }

  static class Contract extends VersionedSecretStoreContract {
    @Override
    protected VersionedSecretStore emptyStore() {
      return InMemorySecretStore.create();
    }
  }
}
