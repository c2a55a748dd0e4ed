package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;

class DefaultSecretManagerTest {

  private final StubBackend backend =
      new StubBackend().with("one", "value-1").with("two", "value-2");

  @Nested
  class Reading {

    private final SecretManager manager = SecretManagers.open(backend);

    @Test
    void getSecret_givesTheValueOrNothing() {
      try (SecretValue value = manager.getSecret("default", "one").orElseThrow()) {
        assertThat(value.revealString()).isEqualTo("value-1");
      }
      assertThat(manager.getSecret("default", "none")).isEmpty();
    }

    @Test
    void requireSecret_saysWhatIsMissing() {
      assertThatExceptionOfType(SecretNotFoundException.class)
          .isThrownBy(() -> manager.requireSecret("default", "none"))
          .satisfies(
              e -> assertThat(e.missing()).isEqualTo(SecretNotFoundException.Missing.SECRET));
    }

    @Test
    void withSecret_lendsAndWipes_andLetsCheckedExceptionsThrough() {
      AtomicReference<SecretValue> lent = new AtomicReference<>();

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> manager.withSecret("default", "one", value -> {
            lent.set(value);
            throw new IOException("of the use");
          }));
      assertThatIllegalStateException().isThrownBy(() -> lent.get().revealString());
    }

    @Test
    void getSecrets_countsARepeatedNameOnce_andKeepsTheOrder() {
      try (SecretBundle bundle =
          manager.getSecrets("default", List.of("two", "one", "two", "none"))) {
        assertThat(bundle.names()).containsExactly("two", "one");
        assertThat(bundle.failures()).isEmpty();
      }
      assertThat(backend.fetches).containsExactly(Set.of("one", "two", "none"));
    }

    @Test
    void getSecrets_ofNoName_asksNothing() {
      try (SecretBundle bundle = manager.getSecrets("default", List.of())) {
        assertThat(bundle.names()).isEmpty();
      }
      assertThat(backend.calls()).isZero();
    }

    @Test
    void getSecrets_throwsOnlyIfNoNameHasAnAnswer() {
      backend.failing("one", new SecretAccessDeniedException("denied"));
      try (SecretBundle bundle = manager.getSecrets("default", List.of("one", "two"))) {
        assertThat(bundle.names()).containsExactly("two");
        assertThat(bundle.failures()).containsOnlyKeys("one");
      }
      assertThatExceptionOfType(SecretAccessDeniedException.class)
          .isThrownBy(() -> manager.getSecrets("default", List.of("one")));
    }

    @Test
    void badNames_areRefusedBeforeAnythingIsAsked() {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> manager.getSecret("default", "No Name"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> manager.getSecrets("default", List.of("one", "No Name")));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> manager.getSecrets("No Name", List.of()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> manager.getSecretAsync("default", "No Name"));
      assertThatNullPointerException()
          .isThrownBy(() -> manager.getSecrets("default", null))
          .withMessage("names");
      assertThatNullPointerException()
          .isThrownBy(() -> manager.getSecrets("default", Arrays.asList("one", null)))
          .withMessage("name");
      assertThat(backend.calls()).isZero();
    }
  }

  @Nested
  class ReadingAsynchronously {

    private final SecretManager manager = SecretManagers.open(backend);

    @Test
    void formsOfEachMethod_giveWhatTheyGive() throws Exception {
      try (SecretValue value = get(manager.getSecretAsync("default", "one")).orElseThrow()) {
        assertThat(value.revealString()).isEqualTo("value-1");
      }
      try (SecretValue value = get(manager.requireSecretAsync("default", "two"))) {
        assertThat(value.revealString()).isEqualTo("value-2");
      }
      try (SecretBundle bundle = get(manager.getSecretsAsync("default", List.of("one", "two")))) {
        assertThat(bundle.names()).containsExactly("one", "two");
      }
      assertThat(get(manager.withSecretAsync("default", "one", SecretValue::revealString)))
          .isEqualTo("value-1");
      assertThat(get(manager.getSecretAsync("default", "none"))).isEmpty();
    }

    @Test
    void failures_completeTheFuture() {
      IOException ofTheUse = new IOException("of the use");

      assertThat(manager.requireSecretAsync("default", "none"))
          .failsWithin(10, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(SecretNotFoundException.class);
      assertThat(manager.withSecretAsync("default", "one", value -> {
            throw ofTheUse;
          }))
          .failsWithin(10, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCause(ofTheUse);
    }

    @Test
    void whatIsCached_isThereAtOnce() throws Exception {
      get(manager.getSecretAsync("default", "one")).orElseThrow().close();
      CompletableFuture<Optional<SecretValue>> cached = manager.getSecretAsync("default", "one");

      assertThat(cached).isDone();
      cached.get().orElseThrow().close();
    }

    /** Not the quick way, which is closed after a second. */
    @Test
    void whatWasNotReadForAWhile_isThereAtOnce_andCounts() throws Exception {
      AtomicLong nanos = new AtomicLong();
      try (SecretManager own =
          SecretManagers.builder(backend).ticker(nanos::get).keepBackendOpen().build()) {
        own.requireSecret("default", "one").close();
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        CompletableFuture<Optional<SecretValue>> cached = own.getSecretAsync("default", "one");

        assertThat(cached).isDone();
        cached.get().orElseThrow().close();
        assertThat(own.cacheStats().hits()).isEqualTo(1);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        CompletableFuture<SecretBundle> all = own.getSecretsAsync("default", List.of("one"));
        assertThat(all).isDone();
        all.get().close();
        own.withSecret("default", "one", SecretValue::revealString);
        own.withSecret("default", "one", SecretValue::revealString);
        assertThat(own.cacheStats().hits()).isEqualTo(4);
      }
    }

    @Test
    void caller_isNotHeldUp_andRunsOnADaemonThread() throws Exception {
      CountDownLatch release = new CountDownLatch(1);
      AtomicReference<Thread> reader = new AtomicReference<>();
      backend.beforeAnswer = () -> {
        reader.set(Thread.currentThread());
        await(release);
      };
      CompletableFuture<SecretValue> future = manager.requireSecretAsync("default", "one");

      assertThat(future).isNotDone();
      release.countDown();
      get(future).close();
      assertThat(reader.get().isDaemon()).isTrue();
      assertThat(reader.get()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void usersExecutor_completesTheReads_andIsNotShutDown() throws Exception {
      BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
      SecretManager own = SecretManagers.builder(backend).executor(tasks::add).build();
      CompletableFuture<Optional<SecretValue>> future = own.getSecretAsync("default", "one");

      assertThat(future).isNotDone();
      tasks.poll(10, TimeUnit.SECONDS).run();
      get(future).orElseThrow().close();
      own.close();
    }

    private <T> T get(CompletableFuture<T> future) throws Exception {
      return future.get(10, TimeUnit.SECONDS);
    }
  }

  @Nested
  class Closing {

    @Test
    void endsEveryRead_andTheBackend() {
      SecretManager manager = SecretManagers.open(backend);
      assertThat(manager).hasToString("SecretManager[open]");
      manager.close();
      manager.close();

      assertThat(manager).hasToString("SecretManager[closed]");
      assertThat(backend.closed).isTrue();
      SecretRef one = SecretRef.of("default", "one");
      List<String> names = List.of("one");
      List<ThrowingCallable> calls = List.of(
          () -> manager.getSecret(one),
          () -> manager.getSecrets("default", names),
          () -> manager.getSecretsTogether("default", names),
          () -> manager.requireSecret(one),
          () -> manager.exists(one),
          () -> manager.withSecret(one, SecretValue::revealString),
          () -> manager.withSecret(one, SecretValue::revealString, e -> true),
          () -> manager.withSecretsTogether("default", names, bundle -> "", e -> true),
          () -> manager.getSecretAsync(one),
          () -> manager.requireSecretAsync(one),
          () -> manager.getSecretsAsync("default", names),
          () -> manager.withSecretAsync(one, SecretValue::revealString),
          () -> manager.refresh(one),
          () -> manager.invalidate(one),
          manager::invalidateAll,
          manager::cacheStats);
      assertThat(calls)
          .allSatisfy(call ->
              assertThatIllegalStateException().isThrownBy(call).withMessageContaining("closed"));
      assertThat(backend.calls()).isZero();
    }

    @Test
    void endsAReadThatIsUnderWay() {
      SecretManager manager = SecretManagers.open(backend);
      backend.beforeAnswer = manager::close;

      assertThatIllegalStateException().isThrownBy(() -> manager.requireSecret("default", "one"));
      SecretManager other = SecretManagers.open(backend);
      backend.beforeAnswer = other::close;
      assertThatIllegalStateException()
          .isThrownBy(() -> other.getSecrets("default", List.of("one", "two")));
    }

    @Test
    void leavesValuesWithThoseWhoHaveThem() {
      SecretManager manager = SecretManagers.open(backend);
      try (SecretValue value = manager.requireSecret("default", "one")) {
        manager.close();

        assertThat(value.revealString()).isEqualTo("value-1");
      }
    }

    @Test
    void leavesASharedBackendOpen_whereAsked() {
      SecretManagers.builder(backend).keepBackendOpen().build().close();

      assertThat(backend.closed).isFalse();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
