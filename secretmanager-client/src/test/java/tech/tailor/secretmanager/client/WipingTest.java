package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static tech.tailor.secretmanager.SecretDefinition.defineSecret;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/**
 * Whatever becomes of a read, the arrays that the backend gave are wiped in the end; the backend
 * here keeps them, to look.
 */
class WipingTest {

  private static final SecretRef REF = SecretRef.of("default", "one");

  private final TrackingBackend backend = new TrackingBackend();
  private final SecretManager manager = SecretManagers.open(backend);

  @Test
  void closedValue() {
    SecretValue value = manager.requireSecret(REF);
    assertThat(backend.given)
        .hasSize(1)
        .allSatisfy(bytes -> assertThat(bytes).isEqualTo(new byte[] {1, 2, 3}));
    value.close();

    assertWiped(1);
  }

  @Test
  void lentValue_alsoIfTheUseThrows() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> manager.withSecret(REF, value -> {
          throw new ArithmeticException();
        }));

    assertWiped(1);
  }

  @Test
  void closedBundle() {
    manager.getSecrets("default", List.of("one", "two")).close();

    assertWiped(2);
  }

  @Test
  void cancelledReads() throws Exception {
    int wiped = 0;
    List<Function<SecretManager, CompletableFuture<?>>> reads = List.of(
        each -> each.getSecretAsync(REF),
        each -> each.requireSecretAsync(REF),
        each -> each.getSecretsAsync("default", List.of("one", "two")));
    for (Function<SecretManager, CompletableFuture<?>> read : reads) {
      CountDownLatch reading = new CountDownLatch(1);
      CountDownLatch cancelled = new CountDownLatch(1);
      backend.beforeAnswer = () -> {
        reading.countDown();
        await(cancelled);
      };
      try (SecretManager own = SecretManagers.builder(backend).keepBackendOpen().build()) {
        CompletableFuture<?> future = read.apply(own);
        await(reading);
        future.cancel(false);
        cancelled.countDown();
        wiped += reads.indexOf(read) == 2 ? 2 : 1;
        awaitWiped(wiped); // while the manager is open, whose end would discard them, too
      }
    }
  }

  @Test
  void readThatTheManagersEndOvertakes() {
    backend.beforeAnswer = manager::close;
    assertThatIllegalStateException().isThrownBy(() -> manager.requireSecret(REF));
    SecretManager other = SecretManagers.open(backend);
    backend.beforeAnswer = other::close;
    assertThatIllegalStateException()
        .isThrownBy(() -> other.getSecrets("default", List.of("one", "two")));

    awaitWiped(3); // by the threads of the calls, for which no reader waits any more
    assertWiped(3);
  }

  /** The read gets what another one has found since, and not what it asked for too early. */
  @Test
  void valueThatWasInvalidatedWhileItWasRead() throws Exception {
    AtomicBoolean isFirst = new AtomicBoolean(true);
    backend.beforeAnswer = () -> {
      if (isFirst.getAndSet(false)) {
        manager.invalidate(REF);
        Thread other = new Thread(() -> manager.requireSecret(REF).close());
        other.start();
        try {
          other.join();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    };
    manager.requireSecret(REF).close();

    assertWiped(2);
  }

  @Test
  void valuesOfARefreshAhead() {
    AtomicLong nanos = new AtomicLong();
    try (SecretManager own =
        SecretManagers.builder(backend).ticker(nanos::get).keepBackendOpen().build()) {
      own.requireSecret(REF).close();
      nanos.addAndGet(Duration.ofMinutes(5).toNanos() - 1);
      own.requireSecret(REF).close();
      awaitWiped(2);
    }
  }

  @Test
  void verifiedValues() {
    SecretManagers.builder(backend)
        .declaredOnly(
            defineSecret("default").secret("one", "").secret("two", "").build())
        .build();

    assertWiped(2);
  }

  private void assertWiped(int count) {
    assertThat(backend.given)
        .hasSize(count)
        .allSatisfy(bytes -> assertThat(bytes).containsOnly(0));
  }

  private void awaitWiped(int count) {
    GatedCalls.await(() -> {
      synchronized (backend.given) {
        return backend.given.size() == count
            && backend.given.stream().allMatch(WipingTest::isWiped);
      }
    });
  }

  private static boolean isWiped(byte[] bytes) {
    for (byte each : bytes) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static final class TrackingBackend implements SecretBackend {

    private final List<byte[]> given = Collections.synchronizedList(new ArrayList<>());
    private volatile Runnable beforeAnswer = () -> {};

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      beforeAnswer.run();
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
      for (String name : names) {
        byte[] bytes = {1, 2, 3};
        given.add(bytes);
        outcomes.put(
            name,
            new SecretOutcome.Found(SecretSupport.adopt(bytes, SecretMetadata.unversioned())));
      }
      return outcomes;
    }

    @Override
    public void close() {}
  }
}
