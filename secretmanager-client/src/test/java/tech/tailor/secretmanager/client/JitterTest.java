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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;

/**
 * What was loaded together is not refreshed together, and what failed in calls of its own is not
 * asked for again at one moment, but at moments spread evenly.
 */
class JitterTest {

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
    List<SecretRef> refs = refs();
    try (SecretManager manager = SecretManagers.builder(backend)
        .timeToLive(TIME_TO_LIVE)
        .refreshAhead(AHEAD)
        .ticker(nanos::get)
        .callsOnReadingThread()
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
    assertUniform("refreshes", refreshedAt, FROM, TO);
  }

  /** With a value that is stale, and without one. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pausesAfterAFailure_areUniformBetweenFourFifthsAndAll(boolean isStale) {
    AtomicLong nanos = new AtomicLong();
    Map<SecretRef, Double> askedAgainAt = new HashMap<>();
    ScriptedBackend backend = ScriptedBackend.giving("value");
    List<SecretRef> refs = refs();
    try (SecretManager manager = SecretManagers.builder(backend)
        .timeToLive(TIME_TO_LIVE)
        .ticker(nanos::get)
        .executor(Runnable::run)
        .build()) {
      if (isStale) {
        refs.forEach(ref -> manager.requireSecret(ref).close());
        nanos.addAndGet(TIME_TO_LIVE.toNanos());
      }
      long failedAtNanos = nanos.get();
      backend.fail(new SecretUnavailableException("down"));
      refs.forEach(ref -> read(manager, ref));
      backend.script = ref -> {
        askedAgainAt.put(ref, (nanos.get() - failedAtNanos) / 1e9);
        return ScriptedBackend.found("value");
      };
      for (int millis = 790; millis <= 1_001; millis++) {
        nanos.set(failedAtNanos + millis * 1_000_000L);
        refs.stream()
            .filter(ref -> !askedAgainAt.containsKey(ref))
            .forEach(ref -> read(manager, ref));
      }
    }
    assertUniform("pauses", askedAgainAt, 0.8, 1);
  }

  private static void read(SecretManager manager, SecretRef ref) {
    try {
      manager.requireSecret(ref).close();
    } catch (SecretUnavailableException e) {
      assertThat(e).hasMessageContaining("down");
    }
  }

  private static List<SecretRef> refs() {
    return IntStream.range(0, SECRETS)
        .mapToObj(i -> SecretRef.of("default", "secret-" + i))
        .toList();
  }

  private static void assertUniform(
      String what, Map<SecretRef, Double> moments, double from, double to) {
    double[] sample = moments.values().stream().mapToDouble(Double::doubleValue).toArray();
    double distance = KolmogorovSmirnov.distance(sample, from, to);
    System.out.printf(
        "jitter of %s: %d of %d between %s and %s s, Kolmogorov-Smirnov %.2f, far from %s%n",
        what,
        sample.length,
        SECRETS,
        Arrays.stream(sample).min().orElseThrow(),
        Arrays.stream(sample).max().orElseThrow(),
        distance,
        KolmogorovSmirnov.FAR);

    assertThat(sample).hasSize(SECRETS);
    assertThat(Arrays.stream(sample).min().orElseThrow()).isGreaterThanOrEqualTo(from);
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
