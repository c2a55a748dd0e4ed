package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Ten thousand readers of a backend that fails: one call, and an exception for each. */
@Tag("suite")
class FailureHerdTest {

  private static final int ROUNDS = Boolean.getBoolean("deep") ? 1_000 : 5;
  private static final int SIZE = 10_000;
  private static final SecretRef REF = SecretRef.of("default", "api-key");

  @ParameterizedTest
  @EnumSource
  void makesOneCall_withinThePause(Herd.Kind kind) throws Exception {
    long calls = 0;
    try (Herd herd = Herd.of(kind, SIZE)) {
      for (int round = 0; round < ROUNDS; round++) {
        CountDownLatch begun = new CountDownLatch(SIZE);
        AtomicInteger failed = new AtomicInteger();
        ScriptedBackend backend = new ScriptedBackend(ref -> {
          await(begun);
          return new SecretOutcome.Failed(new SecretUnavailableException("down"));
        });
        try (SecretManager manager = SecretManagers.builder(backend)
            .ticker(() -> 0)
            .fetchTimeout(Duration.ofMinutes(10))
            .build()) {
          herd.run(reader -> {
            begun.countDown();
            try {
              manager.requireSecret(REF).close();
            } catch (SecretUnavailableException e) {
              failed.incrementAndGet();
            }
          });
        }
        assertThat(failed).hasValue(SIZE);
        assertThat(backend.calls()).as("calls in round %s", round).isEqualTo(1);
        calls += backend.calls();
      }
    }
    System.out.printf(
        "herd: %,d %s threads on a failing secret, %d rounds: %,d calls%n",
        SIZE, kind, ROUNDS, calls);
  }

  /** So that none comes too late to be of the herd. */
  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
