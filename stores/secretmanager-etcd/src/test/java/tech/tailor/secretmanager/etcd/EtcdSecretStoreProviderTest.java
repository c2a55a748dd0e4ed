package tech.tailor.secretmanager.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.SecretStores;
import tech.tailor.secretmanager.envelope.EncryptedSecretStore;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.store.SecretStore;

@ExtendWith(SharedEtcd.class)
class EtcdSecretStoreProviderTest {

  private static Map<String, String> environment(String address, Path key) {
    return Map.of(
        "TAILOR_SECRETMANAGER_URL", address, "TAILOR_SECRETMANAGER_KEY_FILE", key.toString());
  }

  @Test
  void address_createsOpensAndReads(@TempDir Path directory) {
    String prefix = SharedEtcd.newPrefix();
    Map<String, String> environment = environment(
        "etcd://127.0.0.1:" + SharedEtcd.server().port() + ",localhost:1"
            + prefix.substring(0, prefix.length() - 1),
        directory.resolve("master.key"));
    try (SecretStore store = SecretStores.create(environment)) {
      assertThat(store).hasToString("EtcdSecretStore[" + prefix + "]");
      store.createVault(SharedEtcd.VAULT);
      SharedEtcd.put(store, "name", "value");
    }
    try (SecretManager secrets = SecretManagers.fromEnvironment(environment)) {
      assertThat(secrets.<String, RuntimeException>withSecret(
              SharedEtcd.VAULT, "name", SecretValue::revealString))
          .isEqualTo("value");
    }
  }

  @Test
  void previousKey_opensTheStore_untilItIsRotated(@TempDir Path directory) {
    String address = "etcd://127.0.0.1:" + SharedEtcd.server().port() + SharedEtcd.newPrefix();
    SecretStores.create(environment(address, directory.resolve("master.key"))).close();
    MasterKey nextKey = MasterKey.createFile(directory.resolve("next"));
    Map<String, String> next = new HashMap<>(environment(address, directory.resolve("next")));
    assertThatThrownBy(() -> SecretStores.open(next)).isInstanceOf(SecretIntegrityException.class);

    next.put(
        "TAILOR_SECRETMANAGER_PREVIOUS_KEY_FILE",
        directory.resolve("master.key").toString());
    try (SecretStore store = SecretStores.open(next)) {
      store.createVault("written-before");
    }
    SecretStores.open(environment(address, directory.resolve("master.key")))
        .close(); // it is of the old key
    for (int run = 0; run < 2; run++) {
      try (SecretStore store = SecretStores.open(next)) {
        ((EncryptedSecretStore) store).rotateMasterKey(nextKey);
      }
    }
  }

  @Test
  void missingStore_isRefused(@TempDir Path directory) {
    Path key = directory.resolve("master.key");
    MasterKey.createFile(key);
    Map<String, String> environment =
        environment("etcd://127.0.0.1:" + SharedEtcd.server().port() + SharedEtcd.newPrefix(), key);
    assertThatThrownBy(() -> SecretStores.open(environment))
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("There is no store at the etcd prefix");
  }

  @Test
  void missingKey_isToldByItsVariables() {
    assertThatThrownBy(() -> new EtcdSecretStoreProvider().open("etcd://host/prefix", Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TAILOR_SECRETMANAGER_KEY_FILE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcd:",
        "etcd://",
        "etcd://host",
        "etcd://host/",
        "etcd:///prefix",
        "etcd://host:70000/prefix",
        "etcd://host:/prefix",
        "etcd://host,/prefix",
        "etcd://user:hunter2@host/prefix",
        "etcd://host/prefix?password=hunter2",
        "etcd://host/with space",
        "etcds://host/prefix"
      })
  void invalidAddress_isRefused_andNotShown(String address) {
    assertThatThrownBy(() -> new EtcdSecretStoreProvider().open(address, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("etcd://host1:2379,host2:2379/secretmanager/orders")
        .hasMessageNotContaining("hunter2");
  }
}
