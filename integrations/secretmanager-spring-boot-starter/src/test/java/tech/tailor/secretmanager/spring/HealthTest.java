package tech.tailor.secretmanager.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

class HealthTest {

  private final Backend backend = new Backend();
  private final AskedSecrets asked = new AskedSecrets();
  private final AtomicLong now = new AtomicLong();
  private final SecretManager manager = SecretManagers.builder(backend)
      .ticker(now::get)
      .executor(Runnable::run)
      .timeToLive(Duration.ofMinutes(1))
      .maxStale(Duration.ofMinutes(10))
      .listener(asked)
      .build();
  private final HealthIndicator health =
      new HealthOnBoot3AutoConfiguration().secretmanagerHealthIndicator(manager, asked);

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void health_isUnknown_untilASecretWasRead() {
    assertThat(health.health()).isEqualTo(health(Status.UNKNOWN, 0, 0, 0));
    assertThat(backend.calls).isZero();
  }

  @Test
  void health_isUp_whileAnythingIsAnswered_andDownWhenNothingIs() {
    manager.requireSecret("default", "one").close();
    manager.requireSecret("default", "two").close();
    assertThat(manager.getSecret("default", "missing")).isEmpty();
    assertThat(health.health()).isEqualTo(health(Status.UP, 3, 0, 0));
    assertThat(backend.calls).as("no more than the application's own").isEqualTo(3);

    backend.unavailable = true;
    now.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(health.health()).isEqualTo(health(Status.UP, 2, 2, 1));

    now.addAndGet(Duration.ofMinutes(20).toNanos());
    assertThat(health.health()).isEqualTo(health(Status.DOWN, 0, 0, 3));

    backend.unavailable = false;
    now.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(health.health()).isEqualTo(health(Status.UP, 3, 0, 0));
  }

  @Test
  void secretThatWasNeverRead_countsToo() {
    backend.unavailable = true;
    assertThat(catchThrowable(() -> manager.getSecret("default", "one"))).isNotNull();
    assertThat(health.health()).isEqualTo(health(Status.DOWN, 0, 0, 1));
  }

  @Test
  void manyNames_areNotAllAskedFor() {
    for (int i = 0; i < 200; i++) {
      manager.getSecret("default", "name-" + i);
    }
    assertThat(asked.namesByVault().get("default")).hasSize(100);
  }

  @Test
  void indicator_isThere_unlessItIsSwitchedOff() {
    ApplicationContextRunner application = new ApplicationContextRunner()
        .withBean(InMemorySecretStore.class, InMemorySecretStore::create)
        .withConfiguration(AutoConfigurations.of(
            SecretManagerAutoConfiguration.class, HealthOnBoot3AutoConfiguration.class));

    application.run(context -> assertThat(context).hasSingleBean(HealthIndicator.class));
    for (String off : new String[] {
      "management.health.secretmanager.enabled=false",
      "management.health.defaults.enabled=false",
      "secretmanager.enabled=false"
    }) {
      application
          .withPropertyValues(off)
          .run(
              context -> assertThat(context).hasNotFailed().doesNotHaveBean(HealthIndicator.class));
    }
    application
        .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
        .run(context -> assertThat(context).hasNotFailed());
  }

  private static Health health(Status status, int answered, int stale, int failed) {
    return Health.status(status)
        .withDetail("answered", answered)
        .withDetail("stale", stale)
        .withDetail("failed", failed)
        .build();
  }

  private static final class Backend implements SecretBackend {

    private final InMemorySecretStore store = InMemorySecretStore.create();
    private boolean unavailable;
    private int calls;

    Backend() {
      store.createVault("default");
      store.put("default", "one", "1-canary");
      store.put("default", "two", "2-canary");
    }

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      calls++;
      if (!unavailable) {
        return store.fetch(vault, names);
      }
      Map<String, SecretOutcome> outcomes = new HashMap<>();
      names.forEach(name ->
          outcomes.put(name, new SecretOutcome.Failed(new SecretUnavailableException("made up"))));
      return outcomes;
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
