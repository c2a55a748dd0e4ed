package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;

/** What the tests of this module share: a database with the tables, a key, and stores on both. */
final class TestStore {

  static final String WORKSPACE = "orders";
  static final String VAULT = "default";

  private final TestDatabase database;
  private final MasterKey key;

  private TestStore(TestDatabase database, MasterKey key) {
    this.database = database;
    this.key = key;
  }

  /** A new database, with the tables and an empty workspace with one vault. */
  static TestStore create(Path directory) throws SQLException {
    TestDatabase database = withTables();
    TestStore made = new TestStore(database, MasterKey.createFile(directory.resolve("master.key")));
    try (PostgresSecretStore store = made.builder().createIfMissing().open()) {
      store.createVault(VAULT);
    }
    return made;
  }

  /** A new database with the tables. */
  static TestDatabase withTables() throws SQLException {
    TestDatabase database = TestDatabase.empty();
    PostgresSchema.createOrUpgrade(database.dataSource());
    return database;
  }

  TestDatabase database() {
    return database;
  }

  MasterKey key() {
    return key;
  }

  PostgresSecretStore.Builder builder() {
    return PostgresSecretStore.builder(database.dataSource(), WORKSPACE, key);
  }

  PostgresSecretStore open() {
    return builder().open();
  }

  /** Holds the counter against the updates that were made. */
  void requireCount(int updates) {
    try (PostgresSecretStore store = open()) {
      assertThat(read(store, CounterProgram.NAME)).isEqualTo(String.valueOf(updates));
      assertThat(store.describeSecret(VAULT, CounterProgram.NAME).orElseThrow().version())
          .isEqualTo(1 + updates);
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  static SecretInfo put(SecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.put(VAULT, name, value);
    }
  }

  static String read(PostgresSecretStore store, String name) {
    try (SecretValue value = store.readVersion(
        VAULT, name, store.describeSecret(VAULT, name).orElseThrow().version())) {
      return value.revealString();
    }
  }
}
