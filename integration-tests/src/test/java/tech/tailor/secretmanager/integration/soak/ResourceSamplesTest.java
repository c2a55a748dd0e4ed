package tech.tailor.secretmanager.integration.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static tech.tailor.secretmanager.integration.soak.ResourceSamples.Resource.DIRECT_BYTES;
import static tech.tailor.secretmanager.integration.soak.ResourceSamples.Resource.FILE_DESCRIPTORS;
import static tech.tailor.secretmanager.integration.soak.ResourceSamples.Resource.HEAP_BYTES;
import static tech.tailor.secretmanager.integration.soak.ResourceSamples.Resource.THREADS;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.integration.soak.ResourceSamples.Resource;

/** The soak's measure, and what it must notice: each leak that it is there for. */
@Tag("suite")
class ResourceSamplesTest {

  private static final SecretRef REF = SecretRef.of("default", "api-key");
  private static final int SAMPLES = 20;

  private final ResourceSamples samples = new ResourceSamples();
  private final SecretManager manager = open();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void readsThatAreClosed_doNotGrow() throws Exception {
    for (int i = 0; i < SAMPLES; i++) {
      for (int read = 0; read < 5; read++) {
        manager.requireSecret(REF).close();
        manager.refresh(REF);
      }
      samples.sample();
    }
    assertThat(samples.grows(HEAP_BYTES)).as("%s", samples).isFalse();
    assertThat(samples.grows(DIRECT_BYTES)).as("%s", samples).isFalse();
  }

  @Test
  void control_valuesThatAreKeptOpen_areNoticed() throws Exception {
    List<SecretValue> kept = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      for (int read = 0; read < 5; read++) {
        kept.add(manager.requireSecret(REF));
      }
      samples.sample();
    }
    assertGrows(HEAP_BYTES);
    kept.forEach(SecretValue::close);
  }

  @Test
  void control_managersThatAreNeverClosed_areNoticed() throws Exception {
    List<SecretManager> kept = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      SecretManager leaked = open();
      leaked.requireSecret(REF).close();
      kept.add(leaked);
      samples.sample();
    }
    assertGrows(DIRECT_BYTES);
    kept.forEach(SecretManager::close);
  }

  @Test
  void control_aThreadForEachRead_isNoticed() throws Exception {
    List<CountDownLatch> ends = new ArrayList<>();
    List<Thread> kept = new ArrayList<>();
    try {
      for (int i = 0; i < SAMPLES; i++) {
        kept.add(startWaiting(ends, () -> manager.requireSecret(REF).close()));
        samples.sample();
      }
      assertGrows(THREADS);
    } finally {
      end(ends, kept);
    }
  }

  @Test
  void threadsThatWereThereBefore_hideNoNewOnesWhenTheyEnd() throws Exception {
    List<CountDownLatch> ends = new ArrayList<>();
    List<Thread> all = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * SAMPLES; i++) {
        all.add(startWaiting(ends, () -> {}));
      }
      ResourceSamples later = new ResourceSamples();
      for (int i = 0; i < SAMPLES; i++) {
        for (int old = 2 * i; old < 2 * i + 2; old++) {
          ends.get(old).countDown();
          all.get(old).join();
        }
        all.add(startWaiting(ends, () -> {}));
        later.sample();
      }
      assertThat(later.grows(THREADS)).as("%s", later).isTrue();
    } finally {
      end(ends, all);
    }
  }

  @Test
  void control_filesThatAreLeftOpen_areNoticed(@TempDir Path directory) throws Exception {
    if (!Files.isDirectory(Path.of("/proc/self/fd"))) {
      System.out.println("SKIPPED: no /proc/self/fd on this system");
      Assumptions.abort("no /proc/self/fd on this system");
    }
    Path file = Files.createFile(directory.resolve("file"));
    List<InputStream> kept = new ArrayList<>();
    try {
      for (int i = 0; i < SAMPLES; i++) {
        kept.add(Files.newInputStream(file));
        samples.sample();
      }
      assertGrows(FILE_DESCRIPTORS);
    } finally {
      for (InputStream stream : kept) {
        stream.close();
      }
    }
  }

  @Test
  void warmUpOfTheFirstQuarter_andNoise_areNoGrowth() {
    for (int i = 0; i < 100; i++) {
      for (Resource resource : Resource.values()) {
        samples.add(resource, (i < 25 ? i : 25) * resource.bound + i % 7 * resource.bound / 8);
      }
    }
    samples.requireFlat();
  }

  private static SecretManager open() {
    InMemorySecretStore store = InMemorySecretStore.create();
    store.createVault("default");
    try (SecretValue value = SecretValue.of("s".repeat(60_000))) {
      store.createSecret("default", "api-key", value);
    }
    return SecretManagers.open(store);
  }

  /** A thread that does something, then waits for an end that is added to the list. */
  private static Thread startWaiting(List<CountDownLatch> ends, Runnable first) {
    CountDownLatch end = new CountDownLatch(1);
    ends.add(end);
    Thread thread = new Thread(() -> {
      first.run();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    thread.start();
    return thread;
  }

  private static void end(List<CountDownLatch> ends, List<Thread> threads)
      throws InterruptedException {
    ends.forEach(CountDownLatch::countDown);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void assertGrows(Resource resource) {
    assertThat(samples.grows(resource)).as("%s", samples).isTrue();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(samples::requireFlat)
        .withMessageContaining("grows");
  }
}
