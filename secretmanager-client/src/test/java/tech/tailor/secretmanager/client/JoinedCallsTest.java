package tech.tailor.secretmanager.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretBundle;
import tech.tailor.secretmanager.SecretListener;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What readers get when their requests queue behind other calls and are merged into one call. */
@Timeout(60)
class JoinedCallsTest {

  private static final SecretRef GOOD = SecretRef.of("default", "good");

  private final ConcurrentLinkedQueue<Set<String>> fetched = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<SecretRef> denied = new LinkedBlockingQueue<>();
  private final AtomicInteger rotation = new AtomicInteger();
  private final Semaphore gate = new Semaphore(0);
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final SecretManager manager = SecretManagers.builder(new Gated())
      .listener(new SecretListener() {
        @Override
        public void onDenied(SecretRef ref, SecretAccessDeniedException failure) {
          denied.add(ref);
        }
      })
      .build();

  @BeforeEach
  void cacheOne() {
    manager.requireSecret(GOOD).close();
    fetched.clear();
  }

  @AfterEach
  void end() {
    gate.release(1_000);
    readers.shutdown();
    manager.close();
  }

  @Test
  void secretsReadTogether_areOfOneAnswer() throws Exception {
    occupy();
    Future<String> single = read(() -> reveal("before"));
    Future<Set<String>> pair = read(() -> {
      try (SecretBundle bundle =
          manager.getSecretsTogether("default", List.of("user", "password"))) {
        return Stream.of("user", "password")
            .map(name -> bundle.get(name).orElseThrow().revealString())
            .collect(Collectors.toSet());
      }
    });
    Future<String> other = read(() -> reveal("after"));
    gate.release(1_000);

    single.get(30, SECONDS);
    other.get(30, SECONDS);
    assertThat(pair.get(30, SECONDS)).as("both of the same rotation").hasSize(1);
    assertThat(fetched).contains(Set.of("user", "password"));
  }

  @Test
  void denialOfOneSecret_leavesTheOthersInTheCache() throws Exception {
    occupy();
    Future<String> refresh = read(() -> {
      manager.refresh(GOOD);
      return "refreshed";
    });
    Future<String> forbidden = read(() -> reveal("forbidden"));
    gate.release(1_000);

    assertThat(refresh.get(30, SECONDS)).isEqualTo("refreshed");
    assertThatThrownBy(() -> forbidden.get(30, SECONDS))
        .hasCauseInstanceOf(SecretAccessDeniedException.class);
    assertThat(fetched)
        .as("they were asked for together, and then one by one")
        .contains(Set.of("good", "forbidden"), Set.of("good"), Set.of("forbidden"));
    assertThat(denied.poll(30, SECONDS)).isEqualTo(SecretRef.of("default", "forbidden"));
    fetched.clear();
    manager.requireSecret(GOOD).close();
    assertThat(fetched).as("it is cached still").isEmpty();
    manager.close();
    assertThat(denied).isEmpty();
  }

  /** As many calls as there may be, which the gate holds. */
  private void occupy() throws InterruptedException {
    for (int i = 0; i < CallScheduler.MOST_FOR_SINGLES; i++) {
      String name = "busy-" + i;
      read(() -> manager.getSecret("default", name).isPresent());
    }
    while (fetched.size() < CallScheduler.MOST_FOR_SINGLES) {
      Thread.onSpinWait();
    }
  }

  /** Begins a read, and comes back when its thread waits, as it does for its call only. */
  private <T> Future<T> read(Callable<T> read) throws InterruptedException {
    Thread[] reader = new Thread[1];
    Semaphore begun = new Semaphore(0);
    Future<T> future = readers.submit(() -> {
      reader[0] = Thread.currentThread();
      begun.release();
      return read.call();
    });
    begun.acquire();
    while (reader[0].getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return future;
  }

  private String reveal(String name) {
    try (SecretValue value = manager.requireSecret("default", name)) {
      return value.revealString();
    }
  }

  /** Denies all if one name is forbidden, and is rotated between the answers. */
  private final class Gated implements SecretBackend {
    @Override
    public Map<String, SecretOutcome> fetch(String vault, Set<String> names) {
      fetched.add(Set.copyOf(names));
      if (names.stream().anyMatch(name -> name.startsWith("busy"))) {
        gate.acquireUninterruptibly();
      }
      if (names.contains("forbidden")) {
        throw new SecretAccessDeniedException("not that one");
      }
      Map<String, SecretOutcome> outcomes = new LinkedHashMap<>();
      int answer = rotation.incrementAndGet(); // calls run side by side: this one's alone
      for (String name : names) {
        if (names.size() > 2) { // more than two are of several answers
          answer = rotation.incrementAndGet();
        }
        outcomes.put(name, new SecretOutcome.Found(SecretValue.of("value-" + answer)));
      }
      return outcomes;
    }

    @Override
    public void close() {
      gate.release(1_000);
    }
  }
}
