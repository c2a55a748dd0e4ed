package tech.tailor.secretmanager.examples;

import java.nio.file.Path;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.postgresql.PostgresSchema;
import tech.tailor.secretmanager.postgresql.PostgresSecretStore;
import tech.tailor.secretmanager.store.StoreChange;
import tech.tailor.secretmanager.store.StoreVerification;

/**
 * How do several machines share one store? In PostgreSQL: a value is encrypted before it leaves the
 * process. Shows who changed what, and a verification of the whole. Arguments: a JDBC URL, a key
 * file.
 */
public final class ShareAStore {

  private ShareAStore() {}

  public static void main(String[] args) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource(); // for load, a pool
    dataSource.setUrl(args[0]);
    MasterKey key = MasterKey.createFile(Path.of(args[1]));
    PostgresSchema.createOrUpgrade(dataSource); // by the owner of the tables, once

    try (PostgresSecretStore store = PostgresSecretStore.builder(dataSource, "orders", key)
            .actor("Ada")
            .createIfMissing()
            .open();
        SecretValue password = SecretValue.of("correct horse")) {
      store.createVault("default");
      store.put("default", "db-password", password);
      for (StoreChange change : store.history(Long.MAX_VALUE, 2)) {
        System.out.println(change.actor() + ": " + change.what() + " "
            + change.vault().orElse("") + "/" + change.name().orElse(""));
      }
      StoreVerification verified = store.verify();
      System.out.println("verified: " + verified.isVerified() + ", secrets: " + verified.secrets());
    }
  }
}
