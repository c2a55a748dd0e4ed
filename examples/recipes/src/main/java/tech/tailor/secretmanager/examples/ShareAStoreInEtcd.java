package tech.tailor.secretmanager.examples;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.store.StoreVerification;

/**
 * How do several machines share one store that survives the loss of a machine? In etcd: a value is
 * encrypted before it leaves the process. Writes a secret, verifies the whole, and reads as an
 * application does. Arguments: an endpoint, a key file.
 */
public final class ShareAStoreInEtcd {

  private ShareAStoreInEtcd() {}

  public static void main(String[] args) {
    MasterKey key = MasterKey.createFile(Path.of(args[1]));
    try (Client client = Client.builder().endpoints(args[0]).build()) { // with TLS and a user
      try (EtcdSecretStore store = EtcdSecretStore.builder(client, "/secretmanager/orders", key)
              .createIfMissing()
              .open();
          SecretValue password = SecretValue.of("correct horse")) {
        store.createVault("default");
        store.put("default", "db-password", password);
        StoreVerification verified = store.verify();
        System.out.println(
            "verified: " + verified.isVerified() + ", secrets: " + verified.secrets());
      }
      try (SecretManager secrets = SecretManagers.open(
          EtcdSecretStore.builder(client, "/secretmanager/orders", key).open())) {
        System.out.println(
            "version: " + secrets.withSecret("default", "db-password", SecretValue::version));
      }
    }
  }
}
