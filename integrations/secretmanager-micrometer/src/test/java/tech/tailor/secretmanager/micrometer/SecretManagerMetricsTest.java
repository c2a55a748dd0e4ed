package tech.tailor.secretmanager.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.testing.FakeSecretManager;

class SecretManagerMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void meters_showWhatTheManagerCounts() {
    FakeSecretManager manager = FakeSecretManager.builder()
        .secret("default", "greeting", "canary")
        .settings(settings -> settings.listener(SecretManagerMetrics.loadTimer(registry, "orders")))
        .build();
    SecretManagerMetrics.of(manager, "orders").bindTo(registry);

    manager.requireSecret("default", "greeting").close();
    manager.requireSecret("default", "greeting").close();
    manager.backend().failWithUnavailable();
    manager.advance(Duration.ofMinutes(10));
    manager.requireSecret("default", "greeting").close(); // stale
    assertThatExceptionOfType(SecretUnavailableException.class)
        .isThrownBy(() -> manager.requireSecret("default", "other"));
    manager.advance(Duration.ofDays(1));

    assertThat(count("cache.gets", "result", "hit")).isEqualTo(1);
    assertThat(count("cache.gets", "result", "miss")).isEqualTo(3);
    assertThat(count("secretmanager.loads")).isEqualTo(3);
    assertThat(count("secretmanager.load.failures")).isEqualTo(2);
    assertThat(count("secretmanager.stale")).isEqualTo(1);
    assertThat(registry.get("secretmanager.loads.active").gauge().value()).isZero();
    assertThat(timer("success")).isEqualTo(1);
    assertThat(timer("failure")).isEqualTo(2);
    assertThat(registry.getMeters())
        .allSatisfy(meter -> assertThat(meter.getId().getTag("cache")).isEqualTo("orders"));

    manager.close();
    assertThat(count("secretmanager.loads")).as("after the manager is closed").isEqualTo(3);
    assertThat(registry.get("secretmanager.loads.active").gauge().value()).isZero();
  }

  @Test
  void evictions_areCounted() {
    SecretManager manager = FakeSecretManager.builder()
        .secret("default", "one", "canary")
        .secret("default", "two", "canary")
        .settings(settings -> settings.maximumEntries(1))
        .build();
    SecretManagerMetrics.of(manager, "small").bindTo(registry);
    manager.getSecrets("default", List.of("one", "two")).close();

    assertThat(count("cache.evictions")).isEqualTo(1);
    manager.close();
  }

  @Test
  void meters_areAsMany_howeverManySecretsThereAre() {
    FakeSecretManager.Builder builder = FakeSecretManager.builder();
    List<String> names = IntStream.range(0, 10_000).mapToObj(i -> "name-" + i).toList();
    names.forEach(name -> builder.secret("default", name, "canary"));
    builder.settings(
        settings -> settings.listener(SecretManagerMetrics.loadTimer(registry, "many")));
    try (FakeSecretManager manager = builder.build()) {
      SecretManagerMetrics.of(manager, "many").bindTo(registry);
      manager.getSecrets("default", names).close();

      assertThat(registry.getMeters()).hasSize(9);
      assertThat(registry.getMetersAsString()).doesNotContain("name-").doesNotContain("canary");
      assertThat(registry.getMeters())
          .extracting(Meter::getId)
          .allSatisfy(id -> assertThat(id.getDescription()).isNotEmpty());
    }
  }

  private double count(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private long timer(String result) {
    return registry
        .get("secretmanager.load.duration")
        .tag("result", result)
        .timer()
        .count();
  }
}
