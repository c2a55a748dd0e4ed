package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.envelope.StoreAnchor;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.StoreChange;

class HistoryAndKeysTest {

  @TempDir
  Path directory;

  private TestStore made;

  @BeforeEach
  void makeStore() throws Exception {
    made = TestStore.create(directory);
  }

  /** The driver sends several INSERTs as one then, and doesn't count their rows. */
  @Test
  void rewrittenBatches_areNoTampering() throws Exception {
    PGSimpleDataSource rewriting = made.database().dataSource();
    rewriting.setReWriteBatchedInserts(true);
    Map<String, SecretValue> values = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      values.put("name-" + i, SecretValue.of("made-up-value-" + i));
    }
    try (PostgresSecretStore store =
        PostgresSecretStore.builder(rewriting, TestStore.WORKSPACE, made.key()).open()) {
      store.putAll(TestStore.VAULT, values);
      assertThat(store.listSecrets(TestStore.VAULT)).hasSize(40);
      assertThat(store.verify().problems()).isEmpty();
    } finally {
      values.values().forEach(SecretValue::close);
    }
  }

  @Test
  void history_tellsWhoChangedWhat_newestFirst() {
    try (PostgresSecretStore store = made.builder().actor("Ada").open()) {
      store.inOneCommit(changes -> {
        TestStore.put(changes, "one", "first");
        changes.setLabels(TestStore.VAULT, "one", Map.of("team", "a"));
        changes.setDescription(TestStore.VAULT, "one", "told");
      });
      TestStore.put(store, "one", "second");
      store.disableVersion(TestStore.VAULT, "one", 1);
      store.deleteSecret(TestStore.VAULT, "one");

      List<StoreChange> history = store.history(Long.MAX_VALUE, 100);
      assertThat(history)
          .extracting(change -> change.generation() + " " + change.what() + " "
              + change.vault().orElse("-") + " " + change.name().orElse("-") + " "
              + change.version().orElse(0))
          .containsExactly(
              "6 delete default one 2",
              "5 disable default one 1",
              "4 update default one 2",
              "3 description default one 0",
              "3 labels default one 0",
              "3 create default one 1",
              "2 create default - 0",
              "1 create - - 0");
      assertThat(history.get(0).actor()).isEqualTo("Ada");
      assertThat(history.get(7).actor()).isEmpty();
      assertThat(store.history(4, 2))
          .extracting(StoreChange::what)
          .containsExactly("description", "labels");
      assertThatThrownBy(() -> store.history(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void changeThatChangesNothing_isNoCommit() {
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "one", "first");
      long before = store.history(Long.MAX_VALUE, 1).get(0).generation();
      store.setLabels(TestStore.VAULT, "one", Map.of());
      store.inOneCommit(changes -> {});
      assertThat(store.history(Long.MAX_VALUE, 1).get(0).generation()).isEqualTo(before);
    }
  }

  @Test
  void dataKey_isReplaced_whileOthersReadAndWrite() throws Exception {
    try (PostgresSecretStore store = made.open();
        PostgresSecretStore other = made.open()) {
      for (int i = 0; i < 3; i++) {
        TestStore.put(store, "one", "value " + i);
      }
      TestStore.put(store, "two", "destroyed");
      store.destroyVersion(TestStore.VAULT, "two", 1);
      assertThat(TestStore.read(other, "one")).isEqualTo("value 2");
      store.rotateDataKey();
      assertThat(TestStore.read(other, "one")).isEqualTo("value 2");
      assertThat(TestStore.put(other, "one", "value 3").version()).isEqualTo(4);
      try (SecretValue old = store.readVersion(TestStore.VAULT, "one", 1)) {
        assertThat(old.revealString()).isEqualTo("value 0");
      }
      assertThat(made.database()
              .ask("SELECT string_agg(key_id::text, ',') FROM" + " secretmanager.data_key"))
          .isEqualTo("2");
      assertThat(made.database()
              .ask("SELECT count(*) FROM secretmanager.secret WHERE key_id < 2"
                  + " OR body LIKE '%\"key\":1,%'"))
          .isEqualTo("0");
      assertThat(store.verify().problems()).isEmpty();
      assertThat(store.history(Long.MAX_VALUE, 100)).isNotEmpty();
    }
    made.open().close();
  }

  @Test
  void masterKey_isReplaced_whileInUse() {
    MasterKey next = MasterKey.createFile(directory.resolve("next.key"));
    try (PostgresSecretStore store = made.open();
        PostgresSecretStore other = made.open()) {
      TestStore.put(store, "one", "first");
      store.rotateMasterKey(next);
      store.rotateMasterKey(next);
      assertThat(TestStore.read(other, "one")).isEqualTo("first");
      TestStore.put(other, "one", "second");
      store.rotateDataKey();
    }
    assertThatThrownBy(made::open)
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("not the master key");
    try (PostgresSecretStore both = made.builder().previousKey(next).open()) {
      assertThat(TestStore.read(both, "one")).isEqualTo("second");
    }
    try (PostgresSecretStore newer = PostgresSecretStore.builder(
            made.database().dataSource(), TestStore.WORKSPACE, next)
        .open()) {
      assertThat(TestStore.read(newer, "one")).isEqualTo("second");
    }
  }

  /** The new key is there, and the store goes on with it. */
  @Test
  void masterKeyRotation_thatCanNotBeTold_isNotForgotten() {
    AtomicBoolean isFull = new AtomicBoolean();
    StoreAnchor flaky = new StoreAnchor() {
      @Override
      public Optional<Mark> read() {
        return Optional.empty();
      }

      @Override
      public void advance(Mark mark) {
        if (isFull.get()) {
          throw new SecretStorageException("full");
        }
      }
    };
    MasterKey next = MasterKey.createFile(directory.resolve("next.key"));
    try (PostgresSecretStore store = made.builder().anchor(flaky).open()) {
      TestStore.put(store, "one", "first");
      isFull.set(true);
      assertThatThrownBy(() -> store.rotateMasterKey(next))
          .isExactlyInstanceOf(SecretOutcomeUnknownException.class);
      isFull.set(false);
      store.rotateDataKey();
      try (PostgresSecretStore other = PostgresSecretStore.builder(
              made.database().dataSource(), TestStore.WORKSPACE, next)
          .open()) {
        other.rotateDataKey();
      }
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
    }
  }

  @Test
  void putAll_andPages() throws Exception {
    Map<String, SecretValue> values = new LinkedHashMap<>();
    for (int i = 0; i < 1_203; i++) {
      values.put(String.format("name-%04d", i), SecretValue.of("value " + i));
    }
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "name-0007", "old");
      store.putAll(TestStore.VAULT, values);
      assertThat(
              store.describeSecret(TestStore.VAULT, "name-0007").orElseThrow().version())
          .isEqualTo(2);
      String after = "";
      int listed = 0;
      List<SecretInfo> page;
      do {
        page = store.listSecrets(TestStore.VAULT, after, 500);
        for (SecretInfo secret : page) {
          assertThat(secret.name()).isEqualTo(String.format("name-%04d", listed++));
          after = secret.name();
        }
      } while (page.size() == 500);
      assertThat(listed).isEqualTo(1_203);
      assertThat(TestStore.read(store, "name-1202")).isEqualTo("value 1202");
      assertThat(made.database().ask("SELECT count(DISTINCT generation) FROM secretmanager.change"))
          .isEqualTo("5");
      assertThatThrownBy(() -> store.putAll("missing", values))
          .isInstanceOf(SecretNotFoundException.class);
      assertThat(store.verify().problems()).isEmpty();
    }
    values.values().forEach(SecretValue::close);
  }

  /** As many rows as there are, a few times, and not once for each commit of the rotation. */
  @Test
  void dataKeyOfManySecrets_isReplaced_byReadingEachAFewTimes() throws Exception {
    int count = 3_000;
    Map<String, SecretValue> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      values.put("name-" + i, SecretValue.of("made-up"));
    }
    try (PostgresSecretStore store = made.open()) {
      store.putAll(TestStore.VAULT, values);
      made.database().run("ANALYZE secretmanager.secret"); // as the server does by itself, in time
      long before = rowsRead(count);
      store.rotateDataKey();
      long read = rowsRead(2L * count) - before;
      System.out.println("a rotation of " + count + " secrets read " + read + " of their rows");
      assertThat(read).isLessThan(6L * count);
      assertThat(store.verify().problems()).isEmpty();
    }
    values.values().forEach(SecretValue::close);
  }

  /** Sessions count what they read, and tell it when they end: by then their writes are there. */
  private long rowsRead(long writes) throws Exception {
    String of = " FROM pg_stat_user_tables WHERE relname = 'secret'";
    while (Long.parseLong(made.database().ask("SELECT n_tup_ins + n_tup_upd" + of)) < writes) {
      Thread.onSpinWait();
    }
    return Long.parseLong(
        made.database().ask("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0)" + of));
  }
}
