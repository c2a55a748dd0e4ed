package tech.tailor.secretmanager.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** However a read ends, its manager holds it no longer, and no value is left behind. */
@Timeout(60)
class AsyncReadTest {

  private static final long LONG_NANOS = Duration.ofMinutes(5).toNanos();

  private final Set<AsyncRead<?>> unfinished = ConcurrentHashMap.newKeySet();
  private final Queue<Runnable> queued = new ArrayDeque<>();
  private final ScriptedRead read = new ScriptedRead();
  private ManagerExecutors executors = new ManagerExecutors(null);

  @AfterEach
  void close() {
    executors.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readThatIsDone_isHeldNoLonger(boolean holdsUpCaller) throws Exception {
    CompletableFuture<String> future = start(holdsUpCaller, LONG_NANOS);
    assertThat(unfinished).hasSize(1);
    read.waitsFor.complete(null);

    assertThat(future.get()).isEqualTo("made-up-value");
    assertThat(unfinished).isEmpty();
  }

  @Test
  void readThatFails_isAbandoned_andHeldNoLonger() {
    read.error = new StackOverflowError();
    CompletableFuture<String> future = start(false, LONG_NANOS);

    assertThat(future)
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(StackOverflowError.class);
    assertThat(read.abandoned).isTrue();
    assertThat(unfinished).isEmpty();
  }

  @Test
  void readWhoseTimeIsOver_fails_andIsHeldNoLonger() {
    CompletableFuture<String> future = start(false, 1);

    assertThat(future)
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(SecretManagerException.class);
    assertThat(unfinished).isEmpty();
  }

  @Test
  void readThatIsCancelled_wipesItsValue_andIsHeldNoLonger() {
    use(queued::add);
    read.waitsFor.complete(null);
    CompletableFuture<String> future = start(false, LONG_NANOS);
    future.cancel(false);
    queued.remove().run();

    assertThat(unfinished).isEmpty();
    assertValueClosed();
  }

  /** It is cancelled while its answer is made. */
  @Test
  void answerThatNobodyTakes_isDiscarded() {
    use(queued::add);
    read.waitsFor.complete(null);
    CompletableFuture<String> discarded = new CompletableFuture<>();
    CompletableFuture<CompletableFuture<String>> own = new CompletableFuture<>();
    own.complete(AsyncRead.start(
        read,
        host(),
        false,
        LONG_NANOS,
        outcomes -> {
          own.join().cancel(false);
          return text(outcomes);
        },
        discarded::complete));
    queued.remove().run();

    assertThat(discarded).isCompletedWithValue("made-up-value");
  }

  /** The user's executor takes the task, and never runs it. */
  @Test
  void readThatIsFetched_isCompletedAtItsEnd_whereTheExecutorIsTooLate() throws Exception {
    use(queued::add);
    read.waitsFor.complete(null);
    CompletableFuture<String> future = start(false, LONG_NANOS);
    assertThat(future).isNotDone();
    unfinished.forEach(AsyncRead::end);

    assertThat(future.get()).isEqualTo("made-up-value");
    queued.remove().run();
    assertThat(unfinished).isEmpty();
  }

  @Test
  void executorThatTakesNoTask_failsTheRead_andItsValueIsWiped() {
    use(task -> {
      throw new RejectedExecutionException();
    });
    read.waitsFor.complete(null);
    CompletableFuture<String> future = start(false, LONG_NANOS);

    assertThat(future)
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(SecretManagerException.class);
    assertThat(unfinished).isEmpty();
    assertValueClosed();
  }

  private void use(Executor executor) {
    executors.close();
    executors = new ManagerExecutors(executor);
  }

  private AsyncRead.Host host() {
    return new AsyncRead.Host(executors, unfinished, () -> false);
  }

  private CompletableFuture<String> start(boolean holdsUpCaller, long timeoutNanos) {
    return AsyncRead.start(
        read, host(), holdsUpCaller, timeoutNanos, AsyncReadTest::text, result -> {});
  }

  private static String text(Map<String, SecretOutcome> outcomes) {
    SecretOutcome outcome = outcomes.get("one");
    if (outcome instanceof SecretOutcome.Failed failed) {
      throw failed.failure();
    }
    try (SecretValue value = ((SecretOutcome.Found) outcome).value()) {
      return value.revealString();
    }
  }

  private void assertValueClosed() {
    assertThatIllegalStateException().isThrownBy(read.value::revealString);
  }

  /** Waits for a future, and then has a value. */
  private static final class ScriptedRead implements PendingRead {

    private final CompletableFuture<Void> waitsFor = new CompletableFuture<>();
    private final SecretValue value = SecretValue.of("made-up-value");
    private volatile @Nullable Error error;
    private volatile boolean givenUp;
    private volatile boolean abandoned;

    @Override
    public @Nullable CompletableFuture<?> advance() {
      Error thrown = error;
      if (thrown != null) {
        throw thrown;
      }
      return givenUp || waitsFor.isDone() ? null : waitsFor;
    }

    @Override
    public void giveUp(Reason why) {
      givenUp = true;
    }

    @Override
    public Map<String, SecretOutcome> outcomes() {
      return Map.of(
          "one",
          givenUp
              ? new SecretOutcome.Failed(new SecretUnavailableException("late"))
              : new SecretOutcome.Found(value));
    }

    @Override
    public void abandon() {
      abandoned = true;
    }
  }
}
