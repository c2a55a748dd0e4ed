package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static tech.tailor.secretmanager.client.ScriptedBackend.found;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Ten thousand readers at once, again and again: each secret is asked for once. */
@Tag("suite")
class HerdTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final SecretRef REF = SecretRef.of("default", "api-key");

  private final AtomicLong nanos = new AtomicLong();
  private volatile CountDownLatch begun = new CountDownLatch(0);

  @ParameterizedTest
  @EnumSource
  void onOneColdSecret_makesOneCall(Herd.Kind kind) throws Exception {
    onColdSecrets(kind, List.of(REF), 15);
  }

  @ParameterizedTest
  @EnumSource
  void onAHundredColdSecretsOfTwentyVaults_makesAHundredCalls(Herd.Kind kind) throws Exception {
    onColdSecrets(
        kind,
        IntStream.range(0, 100)
            .mapToObj(i -> SecretRef.of("vault-" + i % 20, "secret-" + i))
            .toList(),
        1);
  }

  private void onColdSecrets(Herd.Kind kind, List<SecretRef> refs, int roundsOfASuite)
      throws Exception {
    long calls = 0;
    int rounds = rounds(kind, roundsOfASuite);
    try (Herd herd = Herd.of(kind, size(kind))) {
      for (int round = 0; round < rounds; round++) {
        begun = new CountDownLatch(herd.size());
        ScriptedBackend backend = new ScriptedBackend(ref -> {
          holdUntilAllHaveBegun();
          return found(ref.name());
        });
        AtomicInteger right = new AtomicInteger();
        try (SecretManager manager = manager(backend)) {
          herd.run(reader -> {
            SecretRef ref = refs.get(reader % refs.size());
            begun.countDown();
            if (manager.withSecret(ref, SecretValue::revealString).equals(ref.name())) {
              right.incrementAndGet();
            }
          });
        }
        assertThat(right).hasValue(herd.size());
        assertThat(backend.calls()).as("calls in round %s", round).isEqualTo(refs.size());
        calls += backend.calls();
      }
      System.out.printf(
          "herd: %,d %s threads on %d cold secrets, %d rounds: %,d calls%n",
          herd.size(), herd.kind(), refs.size(), rounds, calls);
    }
  }

  @ParameterizedTest
  @EnumSource
  void onAHundredColdSecretsOfAVault_asksForEachOnce_inFewerCalls(Herd.Kind kind) throws Exception {
    onColdSecretsOfAVault(kind, 100);
  }

  @ParameterizedTest
  @EnumSource
  void onAThousandColdSecretsOfAVault_asksForEachOnce_inFewerCalls(Herd.Kind kind)
      throws Exception {
    onColdSecretsOfAVault(kind, 1_000);
  }

  /** More than may be under way at once: what waits is asked for together, and nothing twice. */
  private void onColdSecretsOfAVault(Herd.Kind kind, int count) throws Exception {
    List<SecretRef> refs = IntStream.range(0, count)
        .mapToObj(i -> SecretRef.of("default", "secret-" + i))
        .toList();
    ConcurrentHashMap<SecretRef, Integer> asked = new ConcurrentHashMap<>();
    try (Herd herd = Herd.of(kind, 10_000)) {
      begun = new CountDownLatch(herd.size());
      ScriptedBackend backend = new ScriptedBackend(ref -> {
        holdUntilAllHaveBegun();
        asked.merge(ref, 1, Integer::sum);
        return found(ref.name());
      });
      AtomicInteger right = new AtomicInteger();
      try (SecretManager manager = manager(backend)) {
        herd.run(reader -> {
          SecretRef ref = refs.get(reader % refs.size());
          begun.countDown();
          if (manager.withSecret(ref, SecretValue::revealString).equals(ref.name())) {
            right.incrementAndGet();
          }
        });
        assertThat(manager.cacheStats().loads()).isEqualTo(backend.calls());
      }
      System.out.printf(
          "herd: %,d %s threads on %,d cold secrets of a vault: %,d calls%n",
          herd.size(), herd.kind(), refs.size(), backend.calls());
      assertThat(right).hasValue(herd.size());
      assertThat(asked)
          .hasSize(refs.size())
          .allSatisfy((ref, times) -> assertThat(times).isEqualTo(1));
      assertThat(backend.calls()).isLessThan(refs.size());
    }
  }

  @ParameterizedTest
  @EnumSource
  void onAMissingSecret_makesOneCall(Herd.Kind kind) throws Exception {
    try (Herd herd = Herd.of(kind, size(kind))) {
      for (int round = 0; round < 2; round++) {
        begun = new CountDownLatch(herd.size());
        ScriptedBackend backend = new ScriptedBackend(ref -> {
          holdUntilAllHaveBegun();
          return new SecretOutcome.Missing(SecretNotFoundException.Missing.SECRET);
        });
        AtomicInteger right = new AtomicInteger();
        try (SecretManager manager = manager(backend)) {
          herd.run(reader -> {
            begun.countDown();
            if (manager.getSecret(REF).isEmpty()) {
              right.incrementAndGet();
            }
          });
        }
        assertThat(right).hasValue(herd.size());
        assertThat(backend.calls()).isEqualTo(1);
      }
    }
  }

  /** The control: a cache that looks, asks and keeps, and joins nobody. */
  @ParameterizedTest
  @EnumSource
  void control_aCacheThatJoinsNobody_isCaught(Herd.Kind kind) throws Exception {
    ConcurrentHashMap<SecretRef, String> cache = new ConcurrentHashMap<>();
    AtomicLong calls = new AtomicLong();
    try (Herd herd = Herd.of(kind, 1_000)) {
      begun = new CountDownLatch(herd.size());
      herd.run(reader -> {
        begun.countDown();
        if (!cache.containsKey(REF)) {
          calls.incrementAndGet();
          holdUntilAllHaveBegun();
          cache.put(REF, "value");
        }
      });
      System.out.printf(
          "herd, control: %,d %s threads, %,d calls%n", herd.size(), herd.kind(), calls.get());
    }
    assertThat(calls.get()).isGreaterThan(1);
  }

  private SecretManager manager(ScriptedBackend backend) {
    return SecretManagers.builder(backend)
        .ticker(nanos::get)
        .fetchTimeout(Duration.ofMinutes(10))
        .build();
  }

  private static int size(Herd.Kind kind) {
    return DEEP && kind == Herd.Kind.VIRTUAL ? 100_000 : 10_000;
  }

  private static int rounds(Herd.Kind kind, int ofASuite) {
    return !DEEP ? ofASuite : kind == Herd.Kind.VIRTUAL ? 1_000 : 50;
  }

  /** So that none comes too late to be of the herd. */
  private void holdUntilAllHaveBegun() {
    try {
      assertThat(begun.await(10, MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
