package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.envelope.RecordingFiles;
import tech.tailor.secretmanager.envelope.StoreFiles;

@Timeout(60)
class StoreLockTest {

  @TempDir
  Path directory;

  @Test
  void lockHeldByAnotherThread_timesOutAndChangesNothing() throws Exception {
    try (Holder holder = new Holder();
        FileSecretStore waiting = impatient()) {
      assertThatThrownBy(() -> waiting.createVault("waiting"))
          .isInstanceOf(SecretTimeoutException.class)
          .hasMessageContaining("50 ms");
      assertThat(waiting.listVaults()).as("readers don't wait").isEmpty();
      holder.letGo();
      waiting.createVault("waiting");
      assertThat(waiting.listVaults()).extracting("name").containsExactly("held", "waiting");
    }
  }

  /** Closing any channel on the lock file would drop the lock of the whole process. */
  @Test
  void storeClosedBesideAWriter_leavesItsLock() throws Exception {
    try (Holder holder = new Holder()) {
      try (FileSecretStore second = impatient()) {
        assertThatThrownBy(() -> second.createVault("second"))
            .isInstanceOf(SecretTimeoutException.class);
      }
      assertThat(TestStore.locksElsewhere(directory)).isFalse();
      holder.letGo();
      assertThat(TestStore.locksElsewhere(directory)).isTrue();
    }
  }

  /** The same, with the library loaded once more in this process. */
  @Test
  void storeOfAnotherClassLoader_leavesTheWritersLock() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      classPath.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader another =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> loaded = another.loadClass(Impatient.class.getName());
      assertThat(loaded).isNotEqualTo(Impatient.class);
      Constructor<?> constructor = loaded.getDeclaredConstructor();
      constructor.setAccessible(true);
      @SuppressWarnings("unchecked") // what it implements
      Function<Path, String> second = (Function<Path, String>) constructor.newInstance();
      try (Holder holder = new Holder()) {
        assertThat(second.apply(directory)).isEqualTo("timed out");
        assertThat(second.apply(directory)).isEqualTo("timed out");
        assertThat(TestStore.locksElsewhere(directory)).isFalse();
        holder.letGo();
      }
      assertThat(second.apply(directory)).isEqualTo("created");
      assertThat(TestStore.locksElsewhere(directory)).isTrue();
      if (Files.isDirectory(DescriptorLeakTest.DESCRIPTORS)) {
        assertThat(DescriptorLeakTest.descriptors(directory)).isZero();
      }
    }
  }

  /** Tries to write to the store in a directory, once. */
  static final class Impatient implements Function<Path, String> {
    @Override
    public String apply(Path directory) {
      try (FileSecretStore store = impatient(directory)) {
        store.createVault("impatient");
        return "created";
      } catch (SecretTimeoutException e) {
        return "timed out";
      }
    }
  }

  @Test
  void deletedLock_saysWhatToDo() throws IOException {
    try (FileSecretStore store = TestStore.create(directory)) {
      Files.delete(directory.resolve("lock"));
      for (boolean replaced : new boolean[] {false, true}) {
        if (replaced) {
          Files.createFile(directory.resolve("lock"));
        }
        assertThatThrownBy(() -> store.createVault("second"))
            .isInstanceOf(SecretStorageException.class)
            .hasMessageContaining("deleted or replaced")
            .hasMessageContaining("open it again");
      }
    }
  }

  private FileSecretStore impatient() {
    return impatient(directory);
  }

  private static FileSecretStore impatient(Path directory) {
    return FileSecretStore.open(
        directory, TestStore.key(1), TestStore.CLOCK, StoreFiles.local(), Duration.ofMillis(50));
  }

  @Test
  void interruptedWaiter_givesUpAndStaysInterrupted() throws Exception {
    AtomicReference<Object> outcome = new AtomicReference<>();
    try (Holder holder = new Holder();
        FileSecretStore store = TestStore.open(directory)) {
      Thread waiter = new Thread(() -> {
        try {
          store.createVault("waiting");
          outcome.set("went through");
        } catch (SecretManagerException e) {
          outcome.set(Thread.currentThread().isInterrupted() ? e : "no longer interrupted");
        }
      });
      waiter.start();
      while (waiter.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      waiter.interrupt();
      waiter.join();
      assertThat(outcome.get()).isExactlyInstanceOf(SecretUnavailableException.class);
      assertThat(((SecretManagerException) outcome.get()).getMessage()).contains("interrupted");
      holder.letGo();
      store.createVault("waiting");
    }
  }

  @Test
  void interruptedBeforeItWaits_givesUpAtOnce() throws Exception {
    try (Holder holder = new Holder();
        FileSecretStore store = TestStore.open(directory)) {
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> store.createVault("waiting"))
            .isExactlyInstanceOf(SecretUnavailableException.class);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      holder.letGo();
    }
  }

  /** A store whose writer is stopped in the middle of a commit. */
  private final class Holder implements AutoCloseable {

    private final CountDownLatch released = new CountDownLatch(1);
    private final FileSecretStore store;
    private final Thread writer;

    Holder() throws InterruptedException {
      RecordingFiles files = new RecordingFiles();
      store = TestStore.create(directory, files);
      CountDownLatch held = new CountDownLatch(1);
      files.beforeReplace = () -> {
        held.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      };
      writer = new Thread(() -> store.createVault("held"));
      writer.start();
      held.await();
    }

    void letGo() throws InterruptedException {
      released.countDown();
      writer.join();
    }

    @Override
    public void close() {
      released.countDown();
      store.close();
    }
  }
}
