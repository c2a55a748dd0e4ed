package tech.tailor.secretmanager.examples;

import io.etcd.jetcd.Client;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.client.tls.SecretTls;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.etcd.EtcdSecretStore;
import tech.tailor.secretmanager.logging.SecretMask;
import tech.tailor.secretmanager.postgresql.PostgresSchema;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.SharedSecretStore;

/**
 * The samples of the documents on PostgreSQL, etcd, TLS and logs; {@link SamplesTest} looks for
 * them here.
 */
final class IntegrationSamples {

  private IntegrationSamples() {}

  static void etcd() {
    Client client =
        Client.builder().endpoints("http://etcd1:2379", "http://etcd2:2379").build();
    MasterKey key = MasterKey.fromFile(Path.of("master.key"));
    try (SecretManager secrets = SecretManagers.open(
        EtcdSecretStore.builder(client, "/secretmanager/orders", key).open())) {
      String password = secrets.withSecret("default", "db-password", SecretValue::revealString);
    }
  }

  static void schema(DataSource ownerDataSource) {
    PostgresSchema.createOrUpgrade(ownerDataSource);
  }

  static void afterAFailover(SharedSecretStore store, String mark) {
    store.acceptRewind(mark);
  }

  static SecretManager masking(SecretStore store) {
    SecretMask mask = SecretMask.create();
    SecretManager secrets = SecretManagers.open(mask.watching(store));
    mask.installInLogback(); // or installInLog4j(), installInJul()
    return secrets;
  }

  static SSLContext tls(SecretStore store) {
    SecretTls tls = SecretTls.of(SecretRef.of("web", "tls"));
    SecretManager secrets = SecretManagers.builder(store)
        .keepWarm(tls.refs())
        .listener(tls.listener())
        .build();
    tls.load(secrets);
    SSLContext context = tls.sslContext();
    return context;
  }
}
