package tech.tailor.secretmanager.testing.junit5;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.testing.FakeSecretManager;

/**
 * Gives the fake of a test's application context what the test method says, and takes it away
 * afterwards; and shows the fake to {@link FailOnLeak}. Spring finds it.
 */
final class SpringFakeListener extends AbstractTestExecutionListener {

  @Override
  public void beforeTestMethod(TestContext test) {
    FakeSecretManager fake = fakeOf(test);
    if (fake != null) {
      ofMethod(test).forEach((ref, value) -> put(fake, ref, value));
    }
  }

  /** By now there is a watch, whichever of the extensions comes first. */
  @Override
  public void beforeTestExecution(TestContext test) {
    FakeSecretManager fake = fakeOf(test);
    if (fake != null) {
      LeakWatches.OF_THE_PROCESS.ofThisThread().ifPresent(watch -> watch.add(fake));
    }
  }

  @Override
  public void afterTestMethod(TestContext test) {
    FakeSecretManager fake = fakeOf(test);
    if (fake != null) {
      Map<SecretRef, SecretValue> before =
          SpringFakeFactory.secretsOf(test.getTestClass()).byRef();
      ofMethod(test).keySet().forEach(ref -> {
        SecretValue value = before.get(ref);
        if (value == null) {
          fake.remove(ref.vault(), ref.name());
          fake.invalidate(ref);
        } else {
          put(fake, ref, value);
        }
      });
    }
  }

  private static Map<SecretRef, SecretValue> ofMethod(TestContext test) {
    TestSecrets secrets = new TestSecrets();
    secrets.addFrom(test.getTestMethod());
    return secrets.byRef();
  }

  private static void put(FakeSecretManager fake, SecretRef ref, SecretValue value) {
    fake.put(ref.vault(), ref.name(), value.withBytes(byte[]::clone));
    fake.invalidate(ref); // an earlier test may have read another value
  }

  private static @Nullable FakeSecretManager fakeOf(TestContext test) {
    return test.hasApplicationContext()
            && test.getApplicationContext() instanceof ConfigurableApplicationContext context
        ? SpringFake.of(context.getEnvironment())
        : null;
  }
}
