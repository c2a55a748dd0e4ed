package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretOutcome;

@ExtendWith(SharedEtcd.class)
class CommitTest {

  private final String prefix = SharedEtcd.newStore();

  private EtcdSecretStore open() {
    return SharedEtcd.builder(prefix).open();
  }

  @Test
  void otherRecordMoved_commitIsSealedAgain_andItsChangesRunOnce() {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      SharedEtcd.put(one, "mine", "first");
      AtomicInteger runs = new AtomicInteger();
      one.inOneCommit(changes -> {
        runs.incrementAndGet();
        SharedEtcd.put(changes, "mine", "second");
        SharedEtcd.put(other, "theirs", "of another process");
      });
      assertThat(runs).hasValue(1);
      assertThat(SharedEtcd.read(other, "mine")).isEqualTo("second");
      assertThat(SharedEtcd.read(one, "theirs")).isEqualTo("of another process");
      assertThat(one.verify().problems()).isEmpty();
    }
  }

  @Test
  void recordThatWasReadMoved_isAConflict_andNothingIsChanged() {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      SharedEtcd.put(one, "read", "first");
      assertThatThrownBy(() -> one.inOneCommit(changes -> {
            changes.describeSecret(SharedEtcd.VAULT, "read");
            SharedEtcd.put(changes, "written", "depends on what was read");
            SharedEtcd.put(other, "read", "second");
          }))
          .isInstanceOf(SecretConflictException.class);
      assertThat(one.describeSecret(SharedEtcd.VAULT, "written")).isEmpty();
      assertThat(one.verify().problems()).isEmpty();
    }
  }

  @Test
  void listThatWasReadMoved_isAConflict() {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      assertThatThrownBy(() -> one.inOneCommit(changes -> {
            changes.listSecrets(SharedEtcd.VAULT);
            changes.setVaultLabels(SharedEtcd.VAULT, Map.of("reviewed", "yes"));
            SharedEtcd.put(other, "new", "unseen");
          }))
          .isInstanceOf(SecretConflictException.class);
    }
  }

  @Test
  void vaultThatIsDeleted_whileASecretIsCreatedInIt_isAConflict() {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      assertThatThrownBy(() -> one.inOneCommit(changes -> {
            changes.deleteVault(SharedEtcd.VAULT);
            SharedEtcd.put(other, "new", "would be lost");
          }))
          .isInstanceOf(SecretConflictException.class);
      assertThat(SharedEtcd.read(one, "new")).isEqualTo("would be lost");
    }
  }

  @Test
  void recreationInOneCommit_leavesNoOldCiphertexts() throws Exception {
    try (EtcdSecretStore store = open()) {
      SharedEtcd.put(store, "name", "one");
      SharedEtcd.put(store, "name", "two");
      store.inOneCommit(changes -> {
        changes.deleteSecret(SharedEtcd.VAULT, "name");
        SharedEtcd.put(changes, "name", "again");
      });
      assertThat(SharedEtcd.read(store, "name")).isEqualTo("again");
      assertThat(SharedEtcd.dump(prefix + "value/")).hasSize(1);
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  @Test
  void commitOfTooManyOperations_isRefusedBeforeItIsSent() {
    try (EtcdSecretStore store = open()) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            for (int i = 0; i < 64; i++) { // 128 writes, the head and the log
              SharedEtcd.put(changes, "name-" + i, "value");
            }
          }))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("130 operations")
          .hasMessageContaining("Divide it into several");
      assertThat(store.listSecrets(SharedEtcd.VAULT)).isEmpty();
      store.inOneCommit(changes -> {
        for (int i = 0; i < 63; i++) {
          SharedEtcd.put(changes, "name-" + i, "value");
        }
      });
      assertThat(store.listSecrets(SharedEtcd.VAULT)).hasSize(63);
    }
  }

  @Test
  void commitOfTooManyBytes_isRefusedBeforeItIsSent() {
    try (EtcdSecretStore store = open();
        SecretValue largest = SecretValue.copyOf(new byte[SecretValue.MAX_SIZE_BYTES])) {
      assertThatThrownBy(() -> store.inOneCommit(changes -> {
            for (int i = 0; i < 12; i++) {
              changes.put(SharedEtcd.VAULT, "name-" + i, largest);
            }
          }))
          .isInstanceOf(SecretLimitException.class)
          .hasMessageContaining("1500000");
      store.inOneCommit(changes -> {
        for (int i = 0; i < 11; i++) {
          changes.put(SharedEtcd.VAULT, "name-" + i, largest);
        }
      });
      assertThat(store.listSecrets(SharedEtcd.VAULT)).hasSize(11);
    }
  }

  @Test
  void manyLargeValues_areReadInSeveralRequests() {
    try (EtcdSecretStore store = open();
        SecretValue largest = SecretValue.copyOf(new byte[SecretValue.MAX_SIZE_BYTES])) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 70; i++) {
        names.add("name-" + i);
        store.put(SharedEtcd.VAULT, "name-" + i, largest);
      }
      var found = store.fetch(SharedEtcd.VAULT, Set.copyOf(names));
      assertThat(found).hasSize(70);
      found.values().forEach(outcome -> {
        assertThat(outcome).isInstanceOf(SecretOutcome.Found.class);
        ((SecretOutcome.Found) outcome).value().close();
      });
      assertThat(store.listSecrets(SharedEtcd.VAULT)).hasSize(70);
    }
  }

  @Test
  void writersOfOneSecret_loseNoUpdate() throws Exception {
    try (EtcdSecretStore store = open()) {
      SharedEtcd.put(store, Counter.NAME, "0");
    }
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        writers.add(executor.submit(() -> {
          try (EtcdSecretStore store = open()) {
            for (int i = 0; i < 15; i++) {
              Counter.increment(store);
            }
          }
        }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      executor.shutdownNow();
    }
    try (EtcdSecretStore store = open()) {
      assertThat(SharedEtcd.read(store, Counter.NAME)).isEqualTo("60");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  @Test
  void otherWriterBetweenReadAndWrite_isAConflict() {
    assertThatThrownBy(() -> incrementTwice(EtcdSettings.Control.NONE))
        .isInstanceOf(SecretConflictException.class);
  }

  @Test
  void control_withoutComparingTheHead_anUpdateIsLost() {
    incrementTwice(new EtcdSettings.Control(false, true, 10_000, () -> {}));
    try (EtcdSecretStore store = open()) {
      assertThat(SharedEtcd.read(store, Counter.NAME)).isEqualTo("1");
    }
  }

  /** One store increments a counter while another one is doing so. */
  private void incrementTwice(EtcdSettings.Control control) {
    try (EtcdSecretStore one = SharedEtcd.builder(prefix).control(control).open();
        EtcdSecretStore other = open()) {
      SharedEtcd.put(one, Counter.NAME, "0");
      one.inOneCommit(changes -> {
        Counter.increment(changes);
        Counter.increment(other);
      });
    }
  }

  @Test
  void severalProcessesCreateTheStore_oneMakesIt() throws Exception {
    String fresh = SharedEtcd.newPrefix();
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      List<Future<EtcdSecretStore>> opened = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        opened.add(
            executor.submit(() -> SharedEtcd.builder(fresh).createIfMissing().open()));
      }
      int made = 0;
      for (Future<EtcdSecretStore> each : opened) {
        try (EtcdSecretStore store = each.get()) {
          try {
            store.createVault(SharedEtcd.VAULT);
            made++;
          } catch (SecretAlreadyExistsException e) {
            // Of the same store.
          }
        }
      }
      assertThat(made).isEqualTo(1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void missingStore_isRefused() {
    assertThatThrownBy(() -> SharedEtcd.builder(SharedEtcd.newPrefix()).open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("createIfMissing()");
  }

  @Test
  void badSettings_areRefused() {
    MasterKey key = SharedEtcd.key();
    for (String bad : List.of("", "with space", "quote\"", "x".repeat(201))) {
      assertThatThrownBy(() -> EtcdSecretStore.builder(SharedEtcd.client(), bad, key))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("A prefix has 1 to 200");
    }
    EtcdSecretStore.Builder builder = SharedEtcd.builder(prefix);
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.versionsKept(101))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void changeWithinItsOwnCommit_isRefused() {
    try (EtcdSecretStore store = open()) {
      assertThatThrownBy(
              () -> store.inOneCommit(changes -> SharedEtcd.put(store, "name", "of itself")))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
