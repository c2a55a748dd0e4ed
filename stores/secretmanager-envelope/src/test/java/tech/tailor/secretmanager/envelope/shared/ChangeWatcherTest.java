package tech.tailor.secretmanager.envelope.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tech.tailor.secretmanager.SecretRef;

/** Each test waits for what it is told, and hangs if the thread has ended. */
@Timeout(60)
class ChangeWatcherTest {

  private static final Set<SecretRef> CHANGED = Set.of(SecretRef.of("default", "one"));

  private final BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();

  /** Has a change at every look; the first look fails. */
  private static final class Counting implements ChangeWatcher.Feed<Integer> {

    private final Semaphore reasons = new Semaphore(0);
    private final Throwable failure;
    private boolean hasFailed;

    Counting(Throwable failure) {
      this.failure = failure;
    }

    @Override
    public Integer head() {
      return 0;
    }

    @Override
    public void await() throws InterruptedException {
      reasons.acquire();
    }

    @Override
    public ChangeWatcher.Look<Integer> look(Integer seen) {
      if (!hasFailed) {
        hasFailed = true;
        ChangeWatcherTest.<RuntimeException>sneak(failure);
      }
      return new ChangeWatcher.Look<>(seen + 1, CHANGED);
    }

    @Override
    public void close() {}
  }

  /** As other languages of the JVM throw what they don't declare. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable failure) throws E {
    throw (E) failure;
  }

  @Test
  void lookAndWatchThatFail_whateverWith_areFollowedByTheNext() throws Exception {
    for (Throwable failure : new Throwable[] {
      new IllegalStateException("made up"),
      new NoClassDefFoundError("made up"),
      new Exception("made up")
    }) {
      Counting feed = new Counting(failure);
      try (ChangeWatcher<Integer> watcher = new ChangeWatcher<>(feed, "watcher", "store")) {
        watcher.watch(changed -> ChangeWatcherTest.<RuntimeException>sneak(failure));
        watcher.watch(told::add);
        feed.reasons.release(3);
        assertThat(told.take()).isEqualTo(CHANGED);
        assertThat(told.take()).isEqualTo(CHANGED);
      }
      told.clear();
    }
  }

  /** An interrupt asks the thread to end. */
  @Test
  void interruptThatAWatchThrows_endsTheThread() throws Exception {
    Counting feed = new Counting(new IllegalStateException("made up"));
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    try (ChangeWatcher<Integer> watcher = new ChangeWatcher<>(feed, "watcher", "store")) {
      watcher.watch(changed -> {
        threads.add(Thread.currentThread());
        ChangeWatcherTest.<RuntimeException>sneak(new InterruptedException());
      });
      feed.reasons.release(2);
      threads.take().join();
    }
  }
}
