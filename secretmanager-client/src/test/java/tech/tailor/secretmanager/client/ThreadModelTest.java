package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What blocks delays nothing else, and nothing waits without end. */
@Timeout(120)
class ThreadModelTest {

  private static final SecretRef PASSWORD = SecretRef.of("default", "password");

  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void letHangingCallsEnd() {
    release.countDown();
  }

  /** What a callback may do with the manager that completed its future. */
  static Stream<Function<SecretManager, String>> callbacks() {
    return Stream.of(
        manager -> reveal(manager.requireSecretAsync(PASSWORD).join()),
        manager -> reveal(manager.requireSecret(PASSWORD)),
        manager -> manager.withSecretAsync(PASSWORD, SecretValue::revealString).join(),
        manager -> {
          try (SecretBundle bundle =
              manager.getSecretsAsync("default", List.of("password", "user")).join()) {
            return bundle.require("password").revealString();
          }
        },
        manager -> {
          manager.refresh(PASSWORD);
          return reveal(manager.requireSecret(PASSWORD));
        });
  }

  /** Each of the ways in which a callback is given, in turn. */
  private static CompletableFuture<String> readThenRun(
      SecretManager manager, int i, Supplier<String> callback) {
    SecretRef user = SecretRef.of("default", "user-" + i);
    if (i % 3 == 0) {
      return manager.withSecretAsync(user, value -> callback.get());
    }
    if (i % 3 == 1) {
      return manager.getSecretsAsync(user.vault(), List.of(user.name())).thenApply(bundle -> {
        bundle.close();
        return callback.get();
      });
    }
    return manager.requireSecretAsync(user).thenApply(value -> {
      value.close();
      return callback.get();
    });
  }

  @ParameterizedTest
  @MethodSource("callbacks")
  void callbacks_mayBlockOnTheirOwnManager(Function<SecretManager, String> callback) {
    try (SecretManager manager = SecretManagers.open(new Named())) {
      List<CompletableFuture<String>> reads = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        reads.add(readThenRun(manager, i, () -> callback.apply(manager)));
      }
      reads.forEach(
          read -> assertThat(read).succeedsWithin(60, SECONDS).isEqualTo("default/password"));
    }
  }

  @Test
  void tenThousandReads_whoseCallbacksReadAgain_areAllDone() {
    int reads = 10_000;
    try (SecretManager manager = SecretManagers.builder(new Named()).build()) {
      AtomicInteger done = new AtomicInteger();
      CompletableFuture<?>[] all = IntStream.range(0, reads)
          .mapToObj(i -> manager
              .requireSecretAsync("vault-" + i % 10, "first-" + i)
              .thenCompose(first -> {
                first.close();
                return manager.requireSecretAsync("vault-" + i % 10, "second-" + i);
              })
              .thenAccept(second -> {
                second.close();
                reveal(manager.requireSecretAsync("default", "third-" + i % 100).join());
                done.incrementAndGet();
              }))
          .toArray(CompletableFuture[]::new);

      assertThat(CompletableFuture.allOf(all)).succeedsWithin(100, SECONDS);
      assertThat(done).hasValue(reads);
    }
  }

  @Test
  void vaultThatHangs_delaysNoOther_andItsReadsEndInTime() throws Exception {
    Duration fetchTimeout = Duration.ofSeconds(3);
    Named backend = new Named();
    backend.before = (vault, names) -> {
      if (vault.startsWith("hanging")) {
        await(release);
      }
      return null;
    };
    try (SecretManager manager =
        SecretManagers.builder(backend).fetchTimeout(fetchTimeout).build()) {
      long quietNanos = timeOfHealthyReads(manager, 0);
      List<CompletableFuture<?>> hanging = new ArrayList<>();
      for (int i = 0; i < 320; i++) {
        hanging.add(manager.requireSecretAsync("hanging-" + i % 20, "name-" + i));
        hanging.add(manager.getSecretsAsync("hanging", List.of("user-" + i, "password-" + i)));
      }
      long besideNanos = timeOfHealthyReads(manager, 100);

      System.out.printf(
          "100 reads of a healthy vault: %,d us each; beside 640 reads that hang: %,d us%n",
          quietNanos / 100_000, besideNanos / 100_000);
      for (CompletableFuture<?> read : hanging) {
        assertThatThrownBy(() -> read.get(60, SECONDS))
            .hasCauseInstanceOf(SecretTimeoutException.class);
      }
    }
  }

  private static long timeOfHealthyReads(SecretManager manager, int first) {
    long beganNanos = System.nanoTime();
    for (int i = first; i < first + 100; i++) {
      reveal(manager.requireSecretAsync("healthy", "name-" + i).join());
    }
    return System.nanoTime() - beganNanos;
  }

  @Test
  void backend_seesNothingOfWhoAsks() {
    InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Named backend = new Named();
    backend.before = (vault, names) -> {
      seen.add(user.get() + " " + Thread.currentThread().getContextClassLoader());
      return null;
    };
    user.set("alice");
    try (SecretManager manager = SecretManagers.open(backend)) {
      reveal(manager.requireSecret("default", "one"));
      reveal(manager.requireSecretAsync("default", "two").join());
    } finally {
      user.remove();
    }
    assertThat(seen).containsExactly("null null", "null null");
  }

  @Test
  void backend_mayReadOtherSecretsOfItsOwnManager() throws Exception {
    AtomicReference<SecretManager> manager = new AtomicReference<>();
    Named backend = new Named();
    backend.before = (vault, names) -> {
      if (!names.contains("token")) {
        assertThat(reveal(manager.get().requireSecret("default", "token")))
            .isEqualTo("default/token");
        assertThat(reveal(manager.get().requireSecretAsync("default", "token").join()))
            .isEqualTo("default/token");
        manager.get().refresh("default", "token");
        try (SecretBundle bundle = manager.get().getSecretsTogether("default", List.of("token"))) {
          assertThat(bundle.require("token").revealString()).isEqualTo("default/token");
        }
      }
      return null;
    };
    manager.set(SecretManagers.builder(backend).timeToLive(Duration.ZERO).build());
    ExecutorService readers = Executors.newFixedThreadPool(64);
    try {
      List<Future<String>> reads = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        String name = "name-" + i;
        reads.add(readers.submit(() -> reveal(manager.get().requireSecret("default", name))));
      }
      for (Future<String> read : reads) {
        assertThat(read.get(60, SECONDS)).startsWith("default/name-");
      }
    } finally {
      readers.shutdown();
      manager.get().close();
    }
  }

  @Test
  void backendThatNeedsTheVerySecretItIsAskedFor_isRefusedAtOnce() {
    AtomicReference<SecretManager> manager = new AtomicReference<>();
    Named backend = new Named();
    backend.before = (vault, names) -> {
      String other = names.contains("one") ? "two" : "one";
      reveal(manager.get().requireSecret("default", other));
      return null;
    };
    for (boolean direct : new boolean[] {false, true}) {
      SecretManagers.Builder builder =
          SecretManagers.builder(backend).fetchTimeout(Duration.ofDays(1));
      manager.set((direct ? builder.callsOnReadingThread() : builder).build());
      assertThatExceptionOfType(SecretProtocolException.class)
          .isThrownBy(() -> manager.get().requireSecret("default", "one"))
          .withMessageContaining("reads the secret default/one from its own SecretManager");
      manager.get().close();
    }
  }

  @Test
  void futures_areCompletedInTime_thoughTheUsersExecutorIsStuck() {
    ExecutorService stuck = Executors.newSingleThreadExecutor();
    stuck.execute(() -> await(release));
    try (SecretManager manager = SecretManagers.builder(new Named())
        .fetchTimeout(Duration.ofSeconds(2))
        .executor(stuck)
        .build()) {
      CompletableFuture<String> read =
          manager.requireSecretAsync("default", "one").thenApply(ThreadModelTest::reveal);
      CompletableFuture<String> use =
          manager.withSecretAsync("default", "two", SecretValue::revealString);
      assertThat(read).succeedsWithin(60, SECONDS).isEqualTo("default/one");
      assertThat(use).succeedsWithin(60, SECONDS).isEqualTo("default/two");
    } finally {
      stuck.shutdownNow();
    }
  }

  @Test
  void executorThatIsShutDown_failsTheFuture_withAnExceptionOfOurs() {
    ExecutorService shut = Executors.newSingleThreadExecutor();
    shut.shutdown();
    for (boolean direct : new boolean[] {false, true}) {
      SecretManagers.Builder builder = SecretManagers.builder(new Named()).executor(shut);
      try (SecretManager manager = (direct ? builder.callsOnReadingThread() : builder).build()) {
        List<CompletableFuture<?>> reads = List.of(
            manager.getSecretAsync("default", "one"),
            manager.getSecretsAsync("default", List.of("two", "three")),
            manager.withSecretAsync("default", "four", SecretValue::revealString));
        for (CompletableFuture<?> read : reads) {
          assertThat(read)
              .failsWithin(60, SECONDS)
              .withThrowableThat()
              .havingCause()
              .isInstanceOf(SecretUnavailableException.class)
              .withMessageContaining("executor")
              .withMessageContaining("RejectedExecutionException");
        }
      }
    }
  }

  /** A user who closes the manager may shut down its executor at the same time. */
  @Test
  void closedManager_failsEachFutureAsClosed_thoughTheUsersExecutorIsStuckOrShutDown() {
    ExecutorService stuck = Executors.newSingleThreadExecutor();
    stuck.execute(() -> await(release));
    ExecutorService shut = Executors.newSingleThreadExecutor();
    shut.shutdown();
    for (Executor users : List.of(stuck, shut)) {
      for (int i = 0; i < 20; i++) {
        Named backend = new Named();
        CountDownLatch asked = new CountDownLatch(1);
        backend.before = (vault, names) -> {
          asked.countDown();
          await(release);
          return null;
        };
        SecretManager manager = SecretManagers.builder(backend)
            .fetchTimeout(Duration.ofDays(1))
            .executor(users)
            .build();
        CompletableFuture<SecretValue> read = manager.requireSecretAsync("default", "one");
        await(asked);
        manager.close();

        assertThat(read)
            .failsWithin(60, SECONDS)
            .withThrowableThat()
            .withCauseInstanceOf(IllegalStateException.class);
      }
    }
    stuck.shutdownNow();
  }

  /** A load is completed by its reader's thread, on which no other reader's callback may run. */
  @Test
  void callbackOfAnotherReader_doesNotRunOnAReadersThread() throws Exception {
    Named backend = new Named();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    backend.before = (vault, names) -> {
      asked.countDown();
      await(answer);
      return null;
    };
    ExecutorService readers = Executors.newSingleThreadExecutor();
    try (SecretManager manager =
        SecretManagers.builder(backend).executor(Runnable::run).build()) {
      Future<String> reader = readers.submit(() -> reveal(manager.requireSecret("default", "one")));
      await(asked);
      CountDownLatch called = new CountDownLatch(1);
      CompletableFuture<Void> other = manager
          .requireSecretAsync("default", "one")
          .thenAccept(value -> {
            value.close();
            called.countDown();
            await(release);
          });
      answer.countDown();
      await(called);

      assertThat(reader.get(60, SECONDS)).isEqualTo("default/one");
      release.countDown();
      assertThat(other).succeedsWithin(60, SECONDS);
    } finally {
      readers.shutdown();
    }
  }

  @Test
  void readThatNeedsASecretOfItsOwnMergedCall_isAskedForAlone() throws Exception {
    AtomicReference<SecretManager> manager = new AtomicReference<>();
    CountDownLatch busy = new CountDownLatch(CallScheduler.MOST_FOR_SINGLES);
    Named backend = new Named();
    backend.before = (vault, names) -> {
      if (names.stream().anyMatch(name -> name.startsWith("busy"))) {
        busy.countDown();
        await(release);
      } else if (names.contains("user")) {
        reveal(manager.get().requireSecret("default", "password"));
      }
      return null;
    };
    manager.set(SecretManagers.open(backend));
    for (int i = 0; i < CallScheduler.MOST_FOR_SINGLES; i++) {
      manager.get().getSecretAsync("default", "busy-" + i);
    }
    await(busy);
    CompletableFuture<SecretValue> user = manager.get().requireSecretAsync("default", "user");
    CompletableFuture<SecretValue> password = manager.get().requireSecretAsync(PASSWORD);
    release.countDown();

    assertThat(user.thenApply(ThreadModelTest::reveal))
        .succeedsWithin(60, SECONDS)
        .isEqualTo("default/user");
    assertThat(password.thenApply(ThreadModelTest::reveal))
        .succeedsWithin(60, SECONDS)
        .isEqualTo("default/password");
    manager.get().close();
  }

  @Test
  void closedManager_leavesNoFutureWaiting() throws Exception {
    Named backend = new Named();
    CountDownLatch asked = new CountDownLatch(1);
    backend.before = (vault, names) -> {
      asked.countDown();
      await(release);
      return null;
    };
    SecretManager manager =
        SecretManagers.builder(backend).fetchTimeout(Duration.ofDays(1)).build();
    CompletableFuture<SecretValue> owner = manager.requireSecretAsync("default", "one");
    CompletableFuture<SecretValue> joined = manager.requireSecretAsync("default", "one");
    ExecutorService reader = Executors.newSingleThreadExecutor();
    Future<String> waiting = reader.submit(() -> reveal(manager.requireSecret("default", "two")));
    await(asked);
    manager.close();

    for (Future<?> future : List.of(owner, joined, waiting)) {
      assertThatThrownBy(() -> future.get(60, SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class);
    }
    reader.shutdown();
  }

  @Test
  void listenerThatBlocks_delaysNoReadAndNoTimer() {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    Named backend = new Named();
    CountDownLatch returned = new CountDownLatch(1); // the listener must not run on this thread
    backend.before = (vault, names) -> {
      await(names.contains("hanging") ? release : returned);
      return null;
    };
    try (SecretManager manager = SecretManagers.builder(backend)
        .fetchTimeout(Duration.ofSeconds(2))
        .executor(Runnable::run)
        .listener(new SecretListener() {
          @Override
          public void onLoaded(SecretRef ref, SecretMetadata current) {
            told.add(ref.name());
            await(release);
          }
        })
        .build()) {
      CompletableFuture<SecretValue> first = manager.requireSecretAsync("default", "first");
      returned.countDown();
      CompletableFuture<SecretValue> hanging = manager.requireSecretAsync("default", "hanging");
      assertThat(hanging)
          .failsWithin(60, SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(SecretTimeoutException.class);
      assertThat(first).succeedsWithin(60, SECONDS).satisfies(SecretValue::close);
      assertThat(told).containsExactly("first");
      assertThat(new CompletableFuture<String>().orTimeout(1, MILLISECONDS))
          .as("the JDK's timer")
          .failsWithin(60, SECONDS)
          .withThrowableOfType(ExecutionException.class) // else the wait itself ended
          .withCauseInstanceOf(TimeoutException.class);
      release.countDown();
    }
  }

  @Test
  void errorsOfTheBackend_passNoMessageOn() {
    List<Throwable> errors = List.of(
        new AssertionError("canary-value"),
        new OutOfMemoryError("canary-value"),
        new NoClassDefFoundError("canary-value"),
        new IllegalStateException("canary-value"),
        new StackOverflowError("canary-value"),
        new ExceptionInInitializerError(new RuntimeException("canary-value")));
    for (Throwable error : errors) {
      Named backend = new Named();
      backend.before = (vault, names) -> {
        throw ThreadModelTest.<RuntimeException>any(error);
      };
      for (boolean direct : new boolean[] {false, true}) {
        SecretManagers.Builder builder = SecretManagers.builder(backend);
        try (SecretManager manager = (direct ? builder.callsOnReadingThread() : builder).build()) {
          assertThatExceptionOfType(SecretManagerException.class)
              .isThrownBy(() -> manager.requireSecret("default", "one"))
              .satisfies(e -> assertThat(chain(e))
                  .anyMatch(message -> message.contains(error.getClass().getName()))
                  .noneMatch(message -> message.contains("canary")));
          assertThatThrownBy(() -> manager.requireSecretAsync("default", "two").get(60, SECONDS))
              .hasCauseInstanceOf(SecretManagerException.class)
              .satisfies(
                  e -> assertThat(chain(e)).noneMatch(message -> message.contains("canary")));
        }
      }
    }
  }

  private static List<String> chain(Throwable e) {
    List<String> messages = new ArrayList<>();
    for (Throwable each = e; each != null; each = each.getCause()) {
      messages.add(each.toString());
      Stream.of(each.getSuppressed()).map(Throwable::toString).forEach(messages::add);
    }
    return messages;
  }

  private static String reveal(SecretValue value) {
    try (value) {
      return value.revealString();
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> X any(Throwable e) throws X {
    throw (X) e;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(100, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Gives each secret its own address as its value. */
  private static final class Named implements SecretBackend {

    private volatile BiFunction<String, Set<String>, Void> before = (vault, names) -> null;

    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      before.apply(vault, names);
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
      names.forEach(
          name -> outcomes.put(name, new SecretOutcome.Found(SecretValue.of(vault + "/" + name))));
      return outcomes;
    }

    @Override
    public void close() {}
  }
}
