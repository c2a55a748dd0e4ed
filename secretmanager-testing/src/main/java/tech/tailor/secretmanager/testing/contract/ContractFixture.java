package tech.tailor.secretmanager.testing.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What the rules share: the backend under test, its secrets, and how an answer is looked at. */
abstract class ContractFixture {

  static final String VAULT = "contract-vault";
  static final SecretRef GREETING = SecretRef.of(VAULT, "greeting");
  static final SecretRef TOKEN = SecretRef.of(VAULT, "api-token");
  static final SecretRef GREETING_ELSEWHERE = SecretRef.of("another-vault", "greeting");
  static final SecretRef MISSING_SECRET = SecretRef.of(VAULT, "not-there");
  static final SecretRef MISSING_VAULT = SecretRef.of("no-such-vault", "greeting");

  /** The value of {@link #GREETING}; nothing may show it. */
  static final String CANARY = "canary-5f0c1d7e";

  /** Breaks the grammar in each of the ways there are. */
  static final List<String> BAD_NAMES = List.of(
      "",
      "ab",
      "a".repeat(64),
      "-begins-with-hyphen",
      "ends-with-hyphen-",
      "Upper-Case",
      "under_score",
      "dot.dot",
      "../escape",
      "with space",
      "line\nbreak",
      "ünïcode");

  static final int THREADS = 8;
  private static final int DEADLINE_SECONDS = 60;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  ContractFixture() {}

  protected abstract SecretBackend backendWith(Map<SecretRef, SecretValue> secrets)
      throws Exception;

  @AfterEach
  void closeWhatTheTestOpened() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  /** Has the given thing closed after the test, the last one first. */
  final <T extends AutoCloseable> T closedAfterTest(T closeable) {
    opened.push(closeable);
    return closeable;
  }

  /** Leaves closing to the test. */
  final void closedByTest(AutoCloseable closeable) {
    opened.remove(closeable);
  }

  /** A backend with {@link #GREETING}, {@link #TOKEN} and {@link #GREETING_ELSEWHERE}. */
  final SecretBackend backend() throws Exception {
    return backendHolding(Map.of(
        GREETING, CANARY.getBytes(UTF_8),
        TOKEN, "token-value".getBytes(UTF_8),
        GREETING_ELSEWHERE, "another greeting".getBytes(UTF_8)));
  }

  final SecretBackend backendHolding(SecretRef ref, byte[] value) throws Exception {
    return backendHolding(Map.of(ref, value));
  }

  final SecretBackend backendHolding(Map<SecretRef, byte[]> secrets) throws Exception {
    Map<SecretRef, SecretValue> values = new LinkedHashMap<>();
    secrets.forEach((ref, bytes) -> values.put(ref, SecretValue.copyOf(bytes)));
    try {
      return closedAfterTest(backendWith(values));
    } finally {
      values.values().forEach(SecretValue::close);
    }
  }

  /** The outcome for one name, known to be there. */
  static SecretOutcome outcomeOf(SecretBackend backend, SecretRef ref) {
    Map<String, SecretOutcome> outcomes = backend.fetch(ref.vault(), Set.of(ref.name()));
    assertThat(outcomes)
        .as("fetch answers each name it is asked, with an outcome: never null, never left out")
        .isNotNull()
        .containsKey(ref.name())
        .doesNotContainValue(null);
    return requireNonNull(outcomes.get(ref.name()));
  }

  /** Returns the value of a secret that exists. The caller closes it. */
  static SecretValue valueOf(SecretBackend backend, SecretRef ref) {
    return valueIn(outcomeOf(backend, ref), ref);
  }

  static SecretValue valueIn(@Nullable SecretOutcome outcome, SecretRef ref) {
    assertThat(outcome)
        .as("%s exists, so that its outcome is SecretOutcome.Found", ref)
        .isInstanceOf(SecretOutcome.Found.class);
    return requireNonNull((SecretOutcome.Found) outcome).value();
  }

  /** The bytes of a secret that is there. */
  static byte[] bytesOf(SecretBackend backend, SecretRef ref) {
    try (SecretValue value = valueOf(backend, ref)) {
      return bytesOf(value);
    }
  }

  /** Returns a copy of a value's bytes, not wiped: the contract's values are not secret. */
  static byte[] bytesOf(SecretValue value) {
    return value.<byte[], RuntimeException>withBytes(byte[]::clone);
  }

  /** The text of a secret that is there. */
  static String textOf(SecretBackend backend, SecretRef ref) {
    return new String(bytesOf(backend, ref), UTF_8);
  }

  static void closeValues(Map<String, SecretOutcome> outcomes) {
    for (SecretOutcome outcome : outcomes.values()) {
      if (outcome instanceof SecretOutcome.Found found) {
        found.value().close();
      }
    }
  }

  /** What each of {@value #THREADS} threads returned, having begun together. */
  static <T> List<T> inThreads(Callable<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      CountDownLatch start = new CountDownLatch(THREADS);
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        futures.add(threads.submit(() -> {
          start.countDown();
          start.await();
          return work.call();
        }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
