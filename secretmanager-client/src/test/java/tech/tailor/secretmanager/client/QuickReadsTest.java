package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

/** The common read, which asks neither the clock nor Caffeine, sees all that the others see. */
class QuickReadsTest {

  private static final SecretRef REF = SecretRef.of("default", "one");

  private final StubBackend backend = new StubBackend().with("one", "value-1");
  private final AtomicLong nanos = new AtomicLong();
  private final SecretManager manager = SecretManagers.builder(backend)
      .ticker(nanos::get)
      .refreshAhead(Duration.ZERO)
      .maximumEntries(100)
      .build();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void endsWithTheTimeToLive() {
    readQuickly();
    backend.with("one", "value-2");
    nanos.addAndGet(Duration.ofMinutes(5).toNanos() - 1);
    assertThat(read()).isEqualTo("value-1");
    nanos.incrementAndGet();

    assertThat(read()).isEqualTo("value-2");
  }

  @Test
  void endsWithAnInvalidation_aRefresh_andADenial() {
    readQuickly();
    backend.with("one", "value-2");
    manager.invalidate(REF);
    assertThat(read()).isEqualTo("value-2");
    readQuickly();
    backend.with("one", "value-3");
    manager.refresh(REF);
    assertThat(read()).isEqualTo("value-3");
    readQuickly();
    backend.failing("one", new SecretAccessDeniedException("denied"));
    assertThatExceptionOfType(SecretManagerException.class).isThrownBy(() -> manager.refresh(REF));

    assertThatExceptionOfType(SecretAccessDeniedException.class).isThrownBy(this::read);
  }

  @Test
  void endsWithClose() {
    readQuickly();
    manager.close();

    assertThatIllegalStateException().isThrownBy(this::read);
    assertThatIllegalStateException().isThrownBy(() -> manager.withSecret(REF, value -> 1));
    assertThatIllegalStateException()
        .isThrownBy(() -> manager.getSecrets("default", List.of("one")));
  }

  @Test
  void keepsInTheCacheWhatIsInUse() {
    for (int i = 0; i < 2_000; i++) {
      backend.with("cold-" + i, "cold");
      manager.requireSecret("default", "cold-" + i).close();
      nanos.addAndGet(Duration.ofMillis(100).toNanos());
      assertThat(read()).isEqualTo("value-1");
    }

    assertThat(backend.fetches.stream().filter(names -> names.contains("one")).count())
        .as("the value that is read all the time was not evicted for those that are not")
        .isEqualTo(1);
  }

  @Test
  void namesThatAreAskedForTwice_areGivenOnce_inTheirOrder() {
    backend.with("two", "value-2");
    List<String> names = List.of("two", "one", "two");
    for (int i = 0; i < 3; i++) {
      nanos.addAndGet(Duration.ofMillis(1).toNanos());
      SecretBundle bundle = manager.getSecrets("default", names);
      assertThat(bundle.names()).containsExactly("two", "one");
      SecretValue two = bundle.get("two").orElseThrow();
      assertThat(two.revealString()).isEqualTo("value-2");
      bundle.close();
      assertThatIllegalStateException().isThrownBy(two::revealString);
    }
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void namesThatAreCached_areThereAtOnce_alsoAsynchronously() throws Exception {
    BlockingQueue<Runnable> queued = new LinkedBlockingQueue<>();
    try (SecretManager asynchronous =
        SecretManagers.builder(backend).executor(queued::add).ticker(nanos::get).build()) {
      List<String> names = List.of("one");
      CompletableFuture<SecretBundle> missed = asynchronous.getSecretsAsync("default", names);
      assertThat(missed).isNotDone();
      queued.poll(30, TimeUnit.SECONDS).run();
      missed.join().close();
      asynchronous.getSecrets("default", names).close(); // a closer look, after which it is quiet

      try (SecretBundle bundle = asynchronous.getSecretsAsync("default", names).getNow(null)) {
        assertThat(bundle.revealAll()).containsExactly(Map.entry("one", "value-1"));
      }
      assertThat(queued).isEmpty();
    }
    assertThat(backend.calls()).isEqualTo(1);
  }

  @Test
  void nullAmongNames_isRefused_alsoWhereTheOthersAreCached() {
    readQuickly();
    assertThatNullPointerException()
        .isThrownBy(() -> manager.getSecrets("default", Arrays.asList("one", null)))
        .withMessage("name");
  }

  @Test
  void countsEveryHit() {
    readQuickly();
    long before = manager.cacheStats().hits();
    for (int i = 0; i < 1_000; i++) {
      read();
    }
    manager.getSecrets("default", List.of("one")).close();

    assertThat(manager.cacheStats().hits() - before).isEqualTo(1_001);
  }

  @Test
  void loan_thatIsLookedIntoAfterItsValueIsGone_isTheNewOne() {
    readQuickly();
    String seen = manager.withSecret(REF, value -> {
      backend.with("one", "value-2");
      manager.invalidate(REF);
      return value.revealString();
    });

    assertThat(seen).isEqualTo("value-2");
  }

  @Test
  void loan_thatIsLookedIntoAfterItsTimeToLive_isReadAgain() {
    readQuickly();
    String seen = manager.withSecret(REF, value -> {
      backend.with("one", "value-2");
      nanos.addAndGet(Duration.ofMinutes(5).toNanos());
      return value.revealString();
    });

    assertThat(seen).isEqualTo("value-2");
  }

  @Test
  void loan_thatWasLookedInto_staysWhatItIs() {
    readQuickly();
    String seen = manager.withSecret(REF, value -> {
      String before = value.revealString();
      backend.with("one", "value-2");
      manager.invalidate(REF);
      return before + value.revealString();
    });

    assertThat(seen).isEqualTo("value-1value-1");
  }

  @Test
  void loan_isOfNoUseAfterwards() {
    readQuickly();
    AtomicReference<SecretValue> kept = new AtomicReference<>();
    manager.withSecret(REF, value -> {
      kept.set(value);
      return 1;
    });

    assertThatIllegalStateException().isThrownBy(() -> kept.get().revealString());
  }

  @Test
  void loan_ofAManagerThatWasClosedMeanwhile_isRefused() {
    readQuickly();

    assertThatIllegalStateException()
        .isThrownBy(() -> manager.withSecret(REF, value -> {
          manager.close();
          return value.revealString();
        }));
  }

  /** From the second read on, the quick way is open. */
  private void readQuickly() {
    read();
    read();
  }

  private String read() {
    try (SecretValue value = manager.getSecret("default", "one").orElseThrow()) {
      return value.revealString();
    }
  }
}
