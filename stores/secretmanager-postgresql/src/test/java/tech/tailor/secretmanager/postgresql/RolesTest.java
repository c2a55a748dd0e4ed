package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretStorageException;

/** What the script of roles lets a login do, also through an injected statement. */
class RolesTest {

  private static final String OTHER = "other";

  @TempDir
  Path directory;

  private TestStore made;
  private String reader;
  private String writer;

  @BeforeEach
  void makeRoles() throws Exception {
    made = TestStore.create(directory);
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "one", "first");
    }
    try (PostgresSecretStore other = PostgresSecretStore.builder(
            made.database().dataSource(), OTHER, made.key())
        .createIfMissing()
        .open()) {
      other.createVault(TestStore.VAULT);
      TestStore.put(other, "foreign", "of another workspace");
    }
    made.database().run(PostgresSchema.rolesScript());
    made.database().run(PostgresSchema.rolesScript()); // it can be run again
    String name = made.database().name(); // roles are of the server, which other tests share
    reader = "reader_" + name;
    writer = "writer_" + name;
    made.database()
        .run("CREATE ROLE " + reader + " LOGIN IN ROLE secretmanager_reader;"
            + " CREATE ROLE " + writer + " LOGIN IN ROLE secretmanager_writer;"
            + " INSERT INTO secretmanager.member VALUES ('" + reader + "', 'orders'),"
            + " ('" + writer + "', 'orders'), ('" + writer + "', 'third')");
  }

  private PGSimpleDataSource login(String role) {
    PGSimpleDataSource dataSource = made.database().dataSource();
    dataSource.setUser(role);
    return dataSource;
  }

  private PostgresSecretStore.Builder store(String role, String workspace) {
    return PostgresSecretStore.builder(login(role), workspace, made.key());
  }

  private String ask(String role, String... statements) throws SQLException {
    try (Connection connection = login(role).getConnection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < statements.length - 1; i++) {
        statement.execute(statements[i]);
      }
      try (ResultSet rows = statement.executeQuery(statements[statements.length - 1])) {
        return rows.next() ? String.valueOf(rows.getString(1)) : "no row";
      }
    }
  }

  private void assertRefused(String role, String statement) {
    assertThatThrownBy(() -> ask(role, statement, "SELECT 1"))
        .as(statement)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
  }

  @Test
  void reader_reads_andChangesNothing() {
    try (PostgresSecretStore store = store(reader, TestStore.WORKSPACE).open()) {
      assertThat(TestStore.read(store, "one")).isEqualTo("first");
      assertThat(store.history(Long.MAX_VALUE, 10)).hasSize(3);
      assertThat(store.verify().problems()).isEmpty();
      assertThatThrownBy(() -> TestStore.put(store, "one", "second"))
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("rolesScript");
    }
    for (String table : List.of("store", "data_key", "vault", "secret", "change", "member")) {
      assertRefused(reader, "DELETE FROM secretmanager." + table);
    }
    assertRefused(reader, "UPDATE secretmanager.secret SET current_version = 1");
    assertRefused(reader, "CREATE TABLE secretmanager.mine (id int)");
  }

  @Test
  void writer_writes_andLeavesTrailAndHead() {
    try (PostgresSecretStore store = store(writer, TestStore.WORKSPACE).open()) {
      assertThat(TestStore.put(store, "one", "second").version()).isEqualTo(2);
      store.rotateDataKey();
      assertThat(store.verify().problems()).isEmpty();
    }
    try (PostgresSecretStore third = store(writer, "third").createIfMissing().open()) {
      third.createVault("new");
    }
    for (String statement : List.of(
        "DELETE FROM secretmanager.change",
        "UPDATE secretmanager.change SET actor = 'another'",
        "DELETE FROM secretmanager.store",
        "INSERT INTO secretmanager.member VALUES ('" + writer + "', 'other')",
        "ALTER TABLE secretmanager.store ADD x int",
        "TRUNCATE secretmanager.secret CASCADE")) {
      assertRefused(writer, statement);
    }
  }

  @Test
  void otherWorkspaces_areNotSeen() throws Exception {
    assertThatThrownBy(() -> store(reader, OTHER).open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("may see");
    for (String table : List.of("data_key", "vault", "secret", "secret_version", "change")) {
      assertThat(ask(reader, "SELECT count(DISTINCT store_id) FROM secretmanager." + table))
          .as(table)
          .isEqualTo("1");
    }
    assertThat(ask(reader, "SELECT string_agg(workspace, ',') FROM secretmanager.store"))
        .isEqualTo("orders");
    assertThat(ask(reader, "SELECT count(*) FROM secretmanager.secrets")).isEqualTo("1");
  }

  /** Also where the id of the other store is known. */
  @Test
  void writer_putsNothingIntoAnotherWorkspace() throws Exception {
    String other = made.database()
        .ask("SELECT encode(store_id, 'hex') FROM secretmanager.store WHERE workspace = '" + OTHER
            + "'");
    String id = "decode('" + other + "', 'hex')";
    assertRefused(
        writer,
        "INSERT INTO secretmanager.vault (store_id, name, vault_id, generation, body, key_id, seal)"
            + " VALUES (" + id + ", 'made-up', 'made-up', 1, '{}', 1, 'made-up')");
    assertRefused(writer, "UPDATE secretmanager.vault SET store_id = " + id);
    assertThat(ask(
            writer,
            "DELETE FROM secretmanager.vault WHERE store_id = " + id,
            "SELECT count(*) FROM secretmanager.vault WHERE store_id = " + id))
        .isEqualTo("0");
    assertThat(
            made.database().ask("SELECT count(*) FROM secretmanager.vault WHERE store_id = " + id))
        .as("the vault of the other one")
        .isEqualTo("1");
  }

  /** Its role lets a writer delete and put back; nothing but the whole is wrong then. */
  @Test
  void writerThatDeletesOrReplays_isSeenByVerify() throws Exception {
    try (PostgresSecretStore store = made.open()) {
      TestStore.put(store, "two", "first");
      String kept = ask(
          writer,
          "SELECT encode(seal, 'hex') || ' ' || generation || ' ' || body"
              + " FROM secretmanager.secret WHERE name = 'two'");
      String[] seal = kept.split(" ", 3);
      TestStore.put(store, "two", "second");
      ask(
          writer,
          "UPDATE secretmanager.secret SET current_version = 1, seal = decode('" + seal[0]
              + "', 'hex'), generation = " + seal[1] + ", body = '" + seal[2].replace("'", "''")
              + "' WHERE name = 'two'",
          "SELECT 1");
      assertThat(TestStore.read(store, "two")).isEqualTo("first");
      assertThat(store.verify().problems().toString()).contains("default/two");

      ask(
          writer,
          "DELETE FROM secretmanager.secret_version WHERE secret_id = (SELECT secret_id FROM"
              + " secretmanager.secret WHERE name = 'one')",
          "DELETE FROM secretmanager.secret WHERE name = 'one'",
          "SELECT 1");
      assertThat(store.describeSecret(TestStore.VAULT, "one")).isEmpty();
      assertThat(store.verify().problems().toString()).contains("default/one");
    }
  }

  /** Keys are symmetric: who has the master key and may write, writes as anybody. */
  @Test
  void writerWithTheMasterKey_writesAsAnotherActor_undetected() {
    try (PostgresSecretStore forger =
        store(writer, TestStore.WORKSPACE).actor("somebody else").open()) {
      TestStore.put(forger, "one", "forged");
    }
    try (PostgresSecretStore store = made.open()) {
      assertThat(TestStore.read(store, "one")).isEqualTo("forged");
      assertThat(store.history(Long.MAX_VALUE, 1).get(0).actor()).isEqualTo("somebody else");
      assertThat(store.verify().problems()).isEmpty();
    }
  }

  /** Every role may notify; a notification is only a reason to look. */
  @Test
  void madeUpNotifications_tellNothing() throws Exception {
    BlockingQueue<Set<SecretRef>> told = new LinkedBlockingQueue<>();
    try (PostgresSecretStore watched = made.builder()
            .pollEvery(Duration.ofHours(1))
            .listenWith(made.database().dataSource())
            .open();
        PostgresSecretStore others = made.open();
        Connection connection = login(reader).getConnection();
        Statement statement = connection.createStatement()) {
      watched.watch(told::add);
      String store = made.database()
          .ask("SELECT encode(store_id, 'hex') FROM secretmanager.store WHERE workspace = '"
              + TestStore.WORKSPACE + "'");
      for (int i = 0; i < 300; i++) {
        statement.execute("NOTIFY secretmanager, '" + store + "'");
        statement.execute("NOTIFY secretmanager, 'default/one'");
      }
      TestStore.put(others, "two", "real");
      assertThat(told.take()).containsExactly(SecretRef.of(TestStore.VAULT, "two"));
      assertThat(told).isEmpty();
    }
  }

  /** An injected statement can set anything, but not who has logged in. */
  @Test
  void injectedSettings_showNoOtherWorkspace() throws Exception {
    String count = "SELECT count(*) FROM secretmanager.secret";
    assertThat(ask(reader, "SELECT set_config('secretmanager.workspace', 'other', false)", count))
        .isEqualTo("1");
    assertThatThrownBy(() -> ask(reader, "SET SESSION AUTHORIZATION postgres", count))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> ask(reader, "SET ROLE " + writer, count))
        .isInstanceOf(SQLException.class);
  }

  /** The control: with a policy that goes by a setting, the same statement shows everything. */
  @Test
  void policyByASetting_wouldFall() throws Exception {
    made.database()
        .run("CREATE TABLE public.by_setting AS SELECT st.workspace, s.name FROM"
            + " secretmanager.secret s JOIN secretmanager.store st USING (store_id);"
            + " ALTER TABLE public.by_setting ENABLE ROW LEVEL SECURITY;"
            + " CREATE POLICY p ON public.by_setting USING (workspace ="
            + " current_setting('secretmanager.workspace', true));"
            + " GRANT SELECT ON public.by_setting TO " + reader);
    String names = "SELECT string_agg(name, ',') FROM public.by_setting";
    assertThat(ask(reader, "SELECT set_config('secretmanager.workspace', 'orders', false)", names))
        .isEqualTo("one");
    assertThat(ask(reader, "SELECT set_config('secretmanager.workspace', 'other', false)", names))
        .isEqualTo("foreign");
  }
}
