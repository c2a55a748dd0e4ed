package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.etcd.jetcd.KeyValue;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.envelope.FileAnchor;

/** A store that is older than what was seen of it: the whole of it was put back. */
@ExtendWith(SharedEtcd.class)
class RewindTest {

  private final String prefix = SharedEtcd.newStore();

  private EtcdSecretStore open() {
    return SharedEtcd.builder(prefix).open();
  }

  @Test
  void rewoundStore_isRefused_untilOneProcessAccepts() throws Exception {
    try (EtcdSecretStore one = open();
        EtcdSecretStore other = open()) {
      SharedEtcd.put(one, "name", "kept");
      List<KeyValue> kept = SharedEtcd.dump(prefix);
      SharedEtcd.put(one, "name", "lost");
      assertThat(SharedEtcd.read(other, "name")).isEqualTo("lost");
      SharedEtcd.putBack(prefix, kept);

      SecretStoreRewoundException refused = catchThrowableOfType(
          SecretStoreRewoundException.class, () -> SharedEtcd.read(one, "name"));
      assertThat(refused).hasMessageContaining("acceptRewind(\"" + refused.mark() + "\")");
      assertThatThrownBy(() -> SharedEtcd.put(other, "name", "another"))
          .isInstanceOf(SecretStoreRewoundException.class);
      assertThatThrownBy(other::verify).isInstanceOf(SecretStoreRewoundException.class);

      assertThatThrownBy(() -> one.acceptRewind("1-" + "0".repeat(32)))
          .isInstanceOf(SecretConflictException.class);
      assertThatThrownBy(() -> one.acceptRewind("this one"))
          .isInstanceOf(IllegalArgumentException.class);
      one.acceptRewind(refused.mark());
      assertThat(SharedEtcd.read(one, "name")).isEqualTo("kept");
      assertThat(SharedEtcd.read(other, "name"))
          .as("it learns through the store")
          .isEqualTo("kept");
      assertThat(SharedEtcd.put(other, "name", "new").version()).isEqualTo(2);
      assertThat(one.verify().problems()).isEmpty();
    }
  }

  /** The generation alone would forget the fork. */
  @Test
  void forkThatWasOvertaken_isRefused() throws Exception {
    try (EtcdSecretStore witness = open()) {
      SharedEtcd.put(witness, "name", "kept");
      List<KeyValue> kept = SharedEtcd.dump(prefix);
      SharedEtcd.put(witness, "name", "lost");
      byte[] lost = SharedEtcd.get(prefix + "log/0000000000000004");
      SharedEtcd.putBack(prefix, kept);
      try (EtcdSecretStore fresh = open()) {
        for (int i = 0; i < 5; i++) {
          SharedEtcd.put(fresh, "name", "of a process that has seen nothing");
        }
      }
      assertThatThrownBy(witness::listVaults)
          .isInstanceOf(SecretStoreRewoundException.class)
          .hasMessageContaining("is not in its past");
      SharedEtcd.write(prefix + "log/0000000000000004", lost);
      assertThatThrownBy(witness::listVaults)
          .as("the lost entry is not part of the chain")
          .isInstanceOf(SecretStoreRewoundException.class);
    }
  }

  /** Both pasts have a second data key, and these are two. */
  @Test
  void rewindOfARotation_isRefused_andCanBeAccepted() throws Exception {
    try (EtcdSecretStore witness = open();
        EtcdSecretStore fresh = open()) {
      SharedEtcd.put(witness, "name", "kept");
      List<KeyValue> kept = SharedEtcd.dump(prefix);
      witness.rotateDataKey();
      SharedEtcd.putBack(prefix, kept);
      fresh.rotateDataKey();
      SecretStoreRewoundException refused = catchThrowableOfType(
          SecretStoreRewoundException.class, () -> SharedEtcd.read(witness, "name"));
      witness.acceptRewind(refused.mark());
      assertThat(SharedEtcd.read(witness, "name")).isEqualTo("kept");
    }
  }

  /** Not noticed, as documented: nothing tells a process that has seen nothing. */
  @Test
  void freshProcessWithoutAnchor_doesNotNotice() throws Exception {
    List<KeyValue> kept;
    try (EtcdSecretStore store = open()) {
      SharedEtcd.put(store, "name", "kept");
      kept = SharedEtcd.dump(prefix);
      SharedEtcd.put(store, "name", "lost");
    }
    SharedEtcd.putBack(prefix, kept);
    try (EtcdSecretStore fresh = open()) {
      assertThat(SharedEtcd.read(fresh, "name")).isEqualTo("kept");
      assertThat(fresh.verify().isVerified()).isTrue();
    }
  }

  @Test
  void freshProcessWithAnchor_notices_andCanAccept(@TempDir Path directory) throws Exception {
    FileAnchor anchor = FileAnchor.create(directory.resolve("anchor"));
    List<KeyValue> kept;
    try (EtcdSecretStore store = SharedEtcd.builder(prefix).anchor(anchor).open()) {
      SharedEtcd.put(store, "name", "kept");
      kept = SharedEtcd.dump(prefix);
      SharedEtcd.put(store, "name", "lost");
    }
    SharedEtcd.putBack(prefix, kept);
    try (EtcdSecretStore fresh = SharedEtcd.builder(prefix).anchor(anchor).open()) {
      SecretStoreRewoundException refused =
          catchThrowableOfType(SecretStoreRewoundException.class, fresh::listVaults);
      assertThat(refused).hasMessageContaining("its anchor remembers");
      fresh.acceptRewind(refused.mark());
      assertThat(SharedEtcd.read(fresh, "name")).isEqualTo("kept");
    }
    try (EtcdSecretStore next = SharedEtcd.builder(prefix).anchor(anchor).open()) {
      assertThat(SharedEtcd.read(next, "name")).isEqualTo("kept");
    }
  }

  @Test
  void anotherStoreInItsPlace_isRefused() throws Exception {
    String other = SharedEtcd.newStore();
    try (EtcdSecretStore store = open()) {
      SharedEtcd.put(store, "name", "mine");
      SharedEtcd.write(prefix + "head", SharedEtcd.get(other + "head"));
      SharedEtcd.write(prefix + "keys", SharedEtcd.get(other + "keys"));
      assertThatThrownBy(store::listVaults)
          .as("a head is bound to its prefix")
          .isInstanceOf(SecretIntegrityException.class);
    }
  }
}
