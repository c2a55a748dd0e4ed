package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.OpaqueBytes;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;

@ExtendWith(SharedEtcd.class)
class KeyRotationTest {

  private static final int SECRETS = 70;

  private final String prefix = SharedEtcd.newStore();

  /** As if the process had ended there. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private EtcdSecretStore open() {
    return SharedEtcd.builder(prefix).open();
  }

  /** A store whose rotation ends after some of its commits. */
  private EtcdSecretStore stoppingAfter(int commits) {
    AtomicInteger left = new AtomicInteger(commits);
    EtcdSettings.Control control = new EtcdSettings.Control(true, true, 10_000, () -> {
      if (left.decrementAndGet() == 0) {
        throw new StoppedException();
      }
    });
    return SharedEtcd.builder(prefix).control(control).open();
  }

  private void fill(EtcdSecretStore store) {
    for (int from = 0; from < SECRETS; from += 35) {
      int first = from;
      for (int version = 1; version <= 2; version++) {
        int number = version;
        store.inOneCommit(changes -> {
          for (int i = first; i < first + 35; i++) {
            SharedEtcd.put(changes, "name-" + i, "value " + i + " " + number);
          }
        });
      }
    }
  }

  private void assertWhole(EtcdSecretStore store) {
    for (int i = 0; i < SECRETS; i += 23) {
      for (int version = 1; version <= 2; version++) {
        try (SecretValue value = store.readVersion(SharedEtcd.VAULT, "name-" + i, version)) {
          assertThat(value.revealString()).isEqualTo("value " + i + " " + version);
        }
      }
    }
    assertThat(store.verify().problems()).isEmpty();
    assertThat(store.verify().secrets()).isEqualTo(SECRETS);
  }

  /** The ids of the data keys, as an operator sees them. */
  private List<String> keys() throws Exception {
    return new String(SharedEtcd.get(prefix + "keys"), UTF_8)
        .lines()
        .filter(line -> line.startsWith("key "))
        .map(line -> line.split(" ", -1)[1])
        .toList();
  }

  private long recordsSealedWith(String key) throws Exception {
    return SharedEtcd.dump(prefix + "secret/").stream()
        .filter(
            found -> new String(found.getValue().getBytes(), UTF_8).contains("\nseal " + key + " "))
        .count();
  }

  @Test
  void stoppedAfterEachCommit_theStoreIsGood_andTheNextRotationEndsIt() throws Exception {
    try (EtcdSecretStore store = open()) {
      fill(store);
      List<String> phases = new ArrayList<>();
      int commits = 0;
      boolean isStopped = true;
      while (isStopped) {
        commits++;
        isStopped = false;
        try (EtcdSecretStore rotating = stoppingAfter(commits)) {
          rotating.rotateDataKey();
        } catch (StoppedException e) {
          isStopped = true;
        }
        long target = keys().stream().mapToLong(Long::parseLong).max().orElseThrow();
        long done = recordsSealedWith(String.valueOf(target));
        phases.add(keys().size() == 1 ? "drop" : done == 0 ? "add" : "re-encrypt");
        assertWhole(store);
        SharedEtcd.put(store, "name-0", "value 0 3");
        store.deleteSecret(SharedEtcd.VAULT, "name-0");
        SharedEtcd.put(store, "name-0", "value 0 1");
        SharedEtcd.put(store, "name-0", "value 0 2");
        open().close(); // a process that starts then
        if (isStopped) {
          store.rotateDataKey();
          assertThat(keys()).containsExactly(String.valueOf(target));
          assertWhole(store);
        }
      }
      assertThat(phases).startsWith("add", "re-encrypt").endsWith("drop").hasSizeGreaterThan(3);
    }
  }

  @Test
  void commitThatWasPreparedUnderTheOldKey_isAConflict() {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      assertThatThrownBy(() -> one.inOneCommit(changes -> {
            SharedEtcd.put(changes, "name", "under the old key");
            other.rotateDataKey();
          }))
          .isInstanceOf(SecretConflictException.class);
      assertThat(one.verify().problems()).isEmpty();
    }
  }

  @Test
  void versionsLargerThanOneCommit_areReencryptedInSeveral() throws Exception {
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).versionsKept(20).open();
        SecretValue largest =
            SecretValue.copyOf(OpaqueBytes.random(SecretValue.MAX_SIZE_BYTES).toArray())) {
      for (int i = 0; i < 20; i++) {
        store.put(SharedEtcd.VAULT, "name", largest);
      }
      store.rotateDataKey();
      assertThat(keys()).containsExactly("2");
      try (SecretValue first = store.readVersion(SharedEtcd.VAULT, "name", 1)) {
        assertThat(first.<Integer, RuntimeException>withBytes(bytes -> bytes.length))
            .isEqualTo(SecretValue.MAX_SIZE_BYTES);
      }
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  /** Before, nothing of a batch was committed unless there was time for all of it. */
  @Test
  void whereTheTimeIsTooShortForAWholeBatch_aPartOfItIsCommitted() throws Exception {
    try (EtcdSecretStore store = open()) {
      store.inOneCommit(changes -> {
        for (int i = 0; i < 60; i++) {
          SharedEtcd.put(changes, "name-" + i, "value " + i);
        }
      });
    }
    AtomicInteger steps = new AtomicInteger();
    EtcdSettings.Control control =
        new EtcdSettings.Control(true, true, 10_000, steps::incrementAndGet);
    try (Client client = SlowCalls.client(Duration.ofMillis(20));
        EtcdSecretStore far = EtcdSecretStore.builder(client, prefix, SharedEtcd.key())
            .timeout(Duration.ofSeconds(1))
            .control(control)
            .open()) {
      far.rotateDataKey();
    }
    assertThat(steps.get()).as("more than the two batches of a near etcd").isGreaterThan(3);
    assertThat(keys()).containsExactly("2");
    try (EtcdSecretStore store = open()) {
      assertThat(SharedEtcd.read(store, "name-59")).isEqualTo("value 59");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  /** Before, the ciphertexts alone were counted, and the commit was refused for its size. */
  @Test
  void recordsThatAreLarge_areReencryptedInSeveralCommits() throws Exception {
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).versionsKept(100).open();
        SecretValue value = SecretValue.copyOf(new byte[20_360]);
        SecretValue last = SecretValue.copyOf(new byte[SecretValue.MAX_SIZE_BYTES])) {
      for (int from = 0; from < 50; from += 25) {
        int first = from;
        store.inOneCommit(changes -> {
          for (int i = first; i < first + 25; i++) {
            putWithLargeRecord(changes, "name-" + (10 + i), i == 49 ? last : value);
          }
        });
      }
      assertThat(SharedEtcd.get(prefix + "secret/default/name-10").length).isGreaterThan(7_500);
      store.rotateDataKey();
      assertThat(keys()).containsExactly("2");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  private static void putWithLargeRecord(
      VersionedSecretStore store, String name, SecretValue value) {
    int destroyed = 60;
    for (int version = 1; version <= destroyed; version++) {
      SharedEtcd.put(store, name, "made up " + version);
    }
    store.put(SharedEtcd.VAULT, name, value);
    for (int version = 1; version <= destroyed; version++) {
      store.destroyVersion(SharedEtcd.VAULT, name, version);
    }
    store.setDescription(
        SharedEtcd.VAULT, name, "€".repeat(VersionedSecretStore.MAX_DESCRIPTION_LENGTH));
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < SecretStore.MAX_LABELS; i++) {
      labels.put("k".repeat(43) + i, "v".repeat(63));
    }
    store.setLabels(SharedEtcd.VAULT, name, labels);
  }

  @Test
  void damagedValue_isNamed_andTheRotationGoesOnAfterItIsGone() throws Exception {
    try (EtcdSecretStore store = open()) {
      SharedEtcd.put(store, "name", "value");
      SharedEtcd.write(prefix + "value/default/name/0000000000000001", new byte[50]);
      assertThatThrownBy(store::rotateDataKey)
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("version 1 of the secret default/name");
      store.destroyVersion(SharedEtcd.VAULT, "name", 1);
      store.rotateDataKey();
      assertThat(keys()).containsExactly("2");
    }
  }

  @Test
  void masterKey_isReplaced_andThePreviousOneOpensNothing() throws Exception {
    MasterKey next = MasterKey.copyOf(OpaqueBytes.random(32).toArray());
    try (EtcdSecretStore opened = open();
        EtcdSecretStore store = open()) {
      SharedEtcd.put(store, "name", "value");
      store.rotateMasterKey(next);
      store.rotateMasterKey(next);
      assertThat(SharedEtcd.read(opened, "name")).isEqualTo("value");
      SharedEtcd.put(opened, "name", "of a store that was open");
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("not the master key");
    try (EtcdSecretStore both = SharedEtcd.builder(prefix).previousKey(next).open();
        EtcdSecretStore store =
            EtcdSecretStore.builder(SharedEtcd.client(), prefix, next).open()) {
      assertThat(SharedEtcd.read(both, "name")).isEqualTo("of a store that was open");
      store.rotateDataKey();
      assertThat(SharedEtcd.read(both, "name")).isEqualTo("of a store that was open");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  /**
   * Before, a commit was read and encrypted while others moved the head, and never came through.
   */
  @Test
  void otherWriters_dontHoldARotationUp() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AtomicBoolean isRotating = new AtomicBoolean(true);
    try (EtcdSecretStore store = open();
        EtcdSecretStore other = open()) {
      fill(store);
      Future<Integer> writes = executor.submit(() -> {
        int count = 0;
        while (isRotating.get()) {
          SharedEtcd.put(other, "name-" + count++ % 3, "busy");
        }
        return count;
      });
      try {
        store.rotateDataKey();
      } finally {
        isRotating.set(false);
      }
      System.out.println("a rotation beside " + writes.get() + " commits of another writer");
      assertThat(keys()).containsExactly("2");
      assertThat(recordsSealedWith("2")).isEqualTo(SECRETS);
      assertThat(store.verify().problems()).isEmpty();
      try (SecretValue value = store.readVersion(SharedEtcd.VAULT, "name-69", 1)) {
        assertThat(value.revealString()).isEqualTo("value 69 1");
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
