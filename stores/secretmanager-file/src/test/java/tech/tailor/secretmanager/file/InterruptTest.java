package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;

/** An interrupt neither breaks off a read or a commit nor takes the lock from the others. */
class InterruptTest {

  @TempDir
  Path directory;

  @Test
  void interruptedThread_readsAndWritesAndStaysInterrupted() {
    try (FileSecretStore store = TestStore.create(directory);
        FileSecretStore other = TestStore.open(directory)) {
      TestStore.put(store, "default", "one", "first");
      Thread.currentThread().interrupt();
      try {
        TestStore.put(store, "default", "one", "second");
        assertThat(TestStore.read(other, "default", "one")).isEqualTo("second");
        TestStore.put(other, "default", "one", "third");
        assertThat(TestStore.read(store, "default", "one")).isEqualTo("third");
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      TestStore.put(store, "default", "one", "fourth");
      assertThat(TestStore.read(other, "default", "one")).isEqualTo("fourth");
    }
  }

  @Test
  void interruptedThread_createsAndOpens() {
    Thread.currentThread().interrupt();
    try {
      TestStore.create(directory.resolve("a/store")).close();
      TestStore.open(directory.resolve("a/store")).close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /** Two writers and a reader, one writer and the reader under a storm of interrupts. */
  @Test
  void stormOfInterrupts_losesNothing() throws Exception {
    int updates = 60;
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicInteger gaveUp = new AtomicInteger();
    AtomicInteger interrupts = new AtomicInteger();
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      Callable<Boolean> write = () -> {
        for (int i = 0; i < updates; i++) {
          try (SecretValue value = SecretValue.of("update")) {
            store.updateSecret("default", "one", value);
            acknowledged.incrementAndGet();
          } catch (SecretManagerException e) {
            assertThat(e).isExactlyInstanceOf(SecretUnavailableException.class);
            gaveUp.incrementAndGet();
          }
        }
        return true;
      };
      FutureTask<Boolean> stormy = new FutureTask<>(write);
      FutureTask<Boolean> calm = new FutureTask<>(write);
      FutureTask<Boolean> reading = new FutureTask<>(() -> {
        while (!stormy.isDone() || !calm.isDone()) {
          assertThat(TestStore.read(store, "default", "one")).isIn("first", "update");
        }
        return true;
      });
      Thread stormyThread = new Thread(stormy);
      Thread readingThread = new Thread(reading);
      stormyThread.start();
      readingThread.start();
      new Thread(calm).start();
      while (!stormy.isDone()) {
        stormyThread.interrupt();
        readingThread.interrupt();
        interrupts.incrementAndGet();
        Thread.yield();
      }
      assertThat(stormy.get()).isTrue();
      assertThat(calm.get()).isTrue();
      assertThat(reading.get()).isTrue();
      assertThat(acknowledged.get() + gaveUp.get()).isEqualTo(2 * updates);
      assertThat(acknowledged.get()).isGreaterThanOrEqualTo(updates);
      assertThat(store.describeSecret("default", "one").orElseThrow().version())
          .isEqualTo(1 + acknowledged.get());
    }
    System.out.println("interrupts: " + interrupts + " during " + acknowledged
        + " acknowledged updates, 0 lost; " + gaveUp + " gave up waiting");
  }
}
