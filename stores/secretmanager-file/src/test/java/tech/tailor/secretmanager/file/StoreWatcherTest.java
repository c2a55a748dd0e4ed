package tech.tailor.secretmanager.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.spi.SecretBackend;

/** Changes are told, those of other stores too. Deadlines are generous: none is what is tested. */
class StoreWatcherTest {

  private static final Duration NEVER = Duration.ofDays(1);
  private static final long DEADLINE_SECONDS = 60;
  private static final SecretRef ONE = SecretRef.of("default", "one");

  @TempDir
  Path directory;

  private final BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();

  /** It looks by itself once a day only: so it is the system that tells. */
  @Test
  void changeOfAnotherStore_isToldByTheSystem() throws Exception {
    try (FileSecretStore store = TestStore.create(directory);
        StoreWatcher watcher = watcher(directory, store, NEVER)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "two", "first");
      watcher.watch(told::add);
      try (FileSecretStore other = TestStore.open(directory)) {
        TestStore.put(other, "default", "one", "second");
      }
      assertThat(next()).containsExactly(ONE);
    }
  }

  /** The directory that the system is asked about is another one: so it looks by itself. */
  @Test
  void changeThatTheSystemOverlooks_isFoundAllTheSame(@TempDir Path elsewhere) throws Exception {
    for (Path watched : new Path[] {elsewhere, elsewhere.resolve("not-there")}) {
      try (FileSecretStore store = TestStore.create(directory);
          StoreWatcher watcher = watcher(watched, store, Duration.ofMillis(5))) {
        TestStore.put(store, "default", "one", "first");
        watcher.watch(told::add);
        try (FileSecretStore other = TestStore.open(directory)) {
          TestStore.put(other, "default", "one", "second");
        }
        assertThat(next()).containsExactly(ONE);
      }
    }
  }

  @Test
  void whatReadsAsBefore_isNotTold() throws Exception {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      TestStore.put(store, "default", "two", "first");
      TestStore.put(store, "default", "three", "first");
      StoredDocument before = document();
      store.rotateDataKey();
      store.setLabels("default", "one", java.util.Map.of("env", "dev"));
      store.setDescription("default", "one", "described");
      store.createVault("another");
      assertThat(StoreWatcher.difference(before, document())).isEmpty();
      TestStore.put(store, "default", "one", "second");
      store.disableVersion("default", "two", 1);
      store.deleteSecret("default", "three");
      TestStore.put(store, "another", "four", "new");
      assertThat(StoreWatcher.difference(before, document()))
          .containsExactlyInAnyOrder(
              ONE,
              SecretRef.of("default", "two"),
              SecretRef.of("default", "three"),
              SecretRef.of("another", "four"));
      StoredDocument again = document();
      store.deleteSecret("another", "four");
      TestStore.put(store, "another", "four", "of version 1 again");
      assertThat(StoreWatcher.difference(again, document()))
          .containsExactly(SecretRef.of("another", "four"));
    }
  }

  @Test
  void endedWatch_isToldNothing_andAFailingOneHindersNobody() throws Exception {
    try (FileSecretStore store = TestStore.create(directory);
        StoreWatcher watcher = watcher(directory, store, NEVER)) {
      BlockingQueue<Set<SecretRef>> ended = new LinkedBlockingQueue<>();
      SecretBackend.Watch watch = watcher.watch(ended::add);
      watcher.watch(refs -> {
        throw new IllegalStateException("a watch that fails");
      });
      watcher.watch(told::add);
      watch.close();
      watch.close();
      TestStore.put(store, "default", "one", "first");
      assertThat(next()).containsExactly(ONE);
      TestStore.put(store, "default", "one", "second");
      assertThat(next()).containsExactly(ONE);
      assertThat(ended).isEmpty();
    }
  }

  @Test
  void errorOfALookOrAWatch_endsNothing() throws Exception {
    AtomicBoolean hasFailed = new AtomicBoolean();
    try (FileSecretStore store = TestStore.create(directory);
        StoreWatcher watcher = new StoreWatcher(
            directory,
            () -> {
              boolean isLook = Thread.currentThread().getName().equals("secretmanager-file-watch");
              if (isLook && hasFailed.compareAndSet(false, true)) {
                throw new NoClassDefFoundError("made up");
              }
              return store.document();
            },
            Duration.ofMillis(5))) {
      watcher.watch(refs -> {
        throw new NoClassDefFoundError("made up");
      });
      watcher.watch(told::add);
      for (String value : new String[] {"first", "second"}) {
        TestStore.put(store, "default", "one", value);
        assertThat(next()).containsExactly(ONE);
      }
      assertThat(hasFailed).isTrue();
    }
  }

  @Test
  void damagedFile_endsNothing() throws Exception {
    try (FileSecretStore store = TestStore.create(directory);
        StoreWatcher watcher = watcher(directory, store, NEVER)) {
      TestStore.put(store, "default", "one", "first");
      watcher.watch(told::add);
      byte[] good = TestStore.bytes(TestStore.file(directory));
      TestStore.replace(directory, new byte[] {'{'});
      assertThatThrownBy(() -> TestStore.read(store, "default", "one")).isNotNull();
      TestStore.replace(directory, good);
      TestStore.put(store, "default", "one", "second");
      assertThat(next()).containsExactly(ONE);
    }
  }

  /** The cache would answer with the first value for a day. */
  @Test
  void manager_readsWhatAnotherStoreWrote() throws Exception {
    try (FileSecretStore store = TestStore.create(directory)) {
      TestStore.put(store, "default", "one", "first");
      try (var manager = SecretManagers.builder(FileSecretStore.open(directory, TestStore.key(1)))
              .timeToLive(Duration.ofDays(1))
              .build();
          SecretBackend.Watch watch = store.watch(told::add)) {
        assertThat(reads(manager)).isEqualTo("first");
        TestStore.put(store, "default", "one", "second");
        assertThat(next()).containsExactly(ONE);
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        String read = reads(manager);
        while (!read.equals("second") && System.nanoTime() < deadlineNanos) {
          read = reads(manager);
        }
        assertThat(read).isEqualTo("second");
        assertThat(watch).isNotNull();
      }
    }
  }

  @Test
  void threads_endWithTheStore() throws Exception {
    FileSecretStore store = TestStore.create(directory);
    store.watch(told::add);
    store.watch(told::add);
    Thread[] watching = threads();
    assertThat(watching).hasSize(1).allMatch(Thread::isDaemon);
    store.close();
    watching[0].join(TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
    assertThat(watching[0].isAlive()).isFalse();
    assertThatThrownBy(() -> store.watch(told::add)).isInstanceOf(IllegalStateException.class);
  }

  private static String reads(tech.tailor.secretmanager.SecretManager manager) {
    return manager.withSecret("default", "one", SecretValue::revealString);
  }

  private static Thread[] threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("secretmanager-file-watch"))
        .toArray(Thread[]::new);
  }

  private static StoreWatcher watcher(Path watched, FileSecretStore store, Duration lookEvery) {
    return new StoreWatcher(watched, store::document, lookEvery);
  }

  private StoredDocument document() throws CanonicalInput.MalformedException {
    return DocumentReader.read(TestStore.bytes(TestStore.file(directory))).document();
  }

  private Set<SecretRef> next() throws InterruptedException {
    Set<SecretRef> refs = told.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(refs).as("told in time").isNotNull();
    return refs;
  }
}
