package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;

/** What was loaded together is not refreshed together, but at moments spread evenly. */
class RefreshJitterTest {

  private static final int SECRETS = 2_000;
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(1_000);
  private static final Duration AHEAD = Duration.ofSeconds(200);
  private static final double FROM = 800;
  private static final double TO = 900;

  @Test
  void refreshes_areUniformInTheFirstHalfOfTheWindow() {
    AtomicLong nanos = new AtomicLong();
    Map<SecretRef, Double> refreshedAt = new HashMap<>();
    ScriptedBackend backend = new ScriptedBackend(ref -> {
      refreshedAt.put(ref, nanos.get() / 1e9);
      return ScriptedBackend.found("value");
    });
    List<SecretRef> refs = IntStream.range(0, SECRETS)
        .mapToObj(i -> SecretRef.of("default", "secret-" + i))
        .toList();
    try (SecretManager manager = SecretManagers.builder(backend)
        .timeToLive(TIME_TO_LIVE)
        .refreshAhead(AHEAD)
        .ticker(nanos::get)
        .executor(Runnable::run)
        .build()) {
      refs.forEach(ref -> manager.requireSecret(ref).close());
      refreshedAt.clear();
      for (double second = FROM - 10; second <= TO + 1; second += 0.25) {
        nanos.set((long) (second * 1e9));
        refs.stream()
            .filter(ref -> !refreshedAt.containsKey(ref))
            .forEach(ref -> manager.requireSecret(ref).close());
      }
    }
    double[] sample =
        refreshedAt.values().stream().mapToDouble(Double::doubleValue).toArray();
    double distance = KolmogorovSmirnov.distance(sample, FROM, TO);
    System.out.printf(
        "refresh jitter: %d of %d refreshed between %s and %s s, Kolmogorov-Smirnov %.2f, far from %s%n",
        sample.length,
        SECRETS,
        Arrays.stream(sample).min().orElseThrow(),
        Arrays.stream(sample).max().orElseThrow(),
        distance,
        KolmogorovSmirnov.FAR);

    assertThat(sample).hasSize(SECRETS);
    assertThat(Arrays.stream(sample).min().orElseThrow()).isGreaterThanOrEqualTo(FROM);
    assertThat(distance).isLessThan(KolmogorovSmirnov.FAR);
  }

  @Test
  void control_momentsThatAreNotSpread_areFarFromUniform() {
    double[] same = new double[SECRETS];
    Arrays.fill(same, FROM);
    double[] half = new double[SECRETS];
    double[] bent = new double[SECRETS];
    double[] uniform = new double[SECRETS];
    for (int i = 0; i < SECRETS; i++) {
      double random = ThreadLocalRandom.current().nextDouble();
      half[i] = FROM + (TO - FROM) * random / 2;
      bent[i] = FROM + (TO - FROM) * random * random;
      uniform[i] = FROM + (TO - FROM) * random;
    }

    assertThat(List.of(same, half, bent))
        .allSatisfy(sample -> assertThat(KolmogorovSmirnov.distance(sample, FROM, TO))
            .isGreaterThan(KolmogorovSmirnov.FAR));
    assertThat(KolmogorovSmirnov.distance(uniform, FROM, TO)).isLessThan(KolmogorovSmirnov.FAR);
  }
}
