package tech.tailor.secretmanager.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.StoreChange;
import tech.tailor.secretmanager.store.StoreVerification;

/**
 * What the database's owner can do to the records, and what is noticed: when they are read, by
 * {@code verify()} alone, or not at all.
 */
class TamperTest {

  @TempDir
  Path directory;

  private TestStore made;
  private PostgresSecretStore store;

  @BeforeEach
  void makeStore() throws Exception {
    made = TestStore.create(directory);
    store = made.open();
    TestStore.put(store, "one", "value of one, first");
    TestStore.put(store, "one", "value of one");
    TestStore.put(store, "two", "value of two");
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void run(String sql) throws SQLException {
    made.database().run(sql);
  }

  private static String idOf(String name) {
    return "(SELECT secret_id FROM secretmanager.secret WHERE name = '" + name + "')";
  }

  /** Fetched together: the damaged one fails, and the other one is read. */
  private void assertDamaged(String name, String other) {
    Map<String, SecretOutcome> outcomes = store.fetch(TestStore.VAULT, Set.of(name, other));
    assertThat(outcomes.get(name))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretIntegrityException.class)
                .hasMessageContaining(name)
                .hasMessageNotContaining("value of"));
    assertThat(outcomes.get(other))
        .isInstanceOfSatisfying(
            SecretOutcome.Found.class, found -> found.value().close());
  }

  private StoreVerification refuted() {
    StoreVerification verification = store.verify();
    assertThat(verification.isVerified()).isFalse();
    return verification;
  }

  @Test
  void untouchedStore_isVerified() {
    StoreVerification verification = store.verify();
    assertThat(verification.problems()).isEmpty();
    assertThat(verification.isVerified()).isTrue();
    assertThat(verification.vaults()).isEqualTo(1);
    assertThat(verification.secrets()).isEqualTo(2);
    assertThat(verification.versions()).isEqualTo(3);
    assertThat(verification.commits()).isEqualTo(5);
  }

  @Test
  void exchangedCiphertexts_areNoticed() throws Exception {
    run("UPDATE secretmanager.secret_version v SET ciphertext = (SELECT ciphertext FROM"
        + " secretmanager.secret_version o WHERE o.secret_id = " + idOf("two") + ")"
        + " WHERE v.secret_id = " + idOf("one"));
    assertDamaged("one", "two");
    assertThat(refuted().problems().toString()).contains("ciphertext of version 2");
  }

  @Test
  void ciphertextOfAnOlderVersion_isNoticed() throws Exception {
    run("UPDATE secretmanager.secret_version v SET ciphertext = (SELECT ciphertext FROM"
        + " secretmanager.secret_version o WHERE o.secret_id = v.secret_id AND o.version = 1)"
        + " WHERE v.version = 2");
    assertDamaged("one", "two");
    refuted();
  }

  @Test
  void ciphertextThatWasDeleted_isNoticed() throws Exception {
    run("DELETE FROM secretmanager.secret_version WHERE secret_id = " + idOf("one"));
    assertDamaged("one", "two");
    assertThat(refuted().problems().toString()).contains("missing");
  }

  @Test
  void renamedSecret_isNoticed() throws Exception {
    run("UPDATE secretmanager.secret SET name = 'three' WHERE name = 'one'");
    assertDamaged("three", "two");
    refuted();
  }

  @Test
  void currentVersionSetBack_isNoticed() throws Exception {
    run("UPDATE secretmanager.secret SET current_version = 1 WHERE name = 'one'");
    assertDamaged("one", "two");
    refuted();
  }

  @Test
  void editedRecords_areNoticed() throws Exception {
    run("UPDATE secretmanager.secret SET body = replace(body, '\"description\":\"\"',"
        + " '\"description\":\"x\"') WHERE name = 'one'");
    assertDamaged("one", "two");
    assertThatThrownBy(() -> store.description(TestStore.VAULT, "one"))
        .isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(() -> TestStore.put(store, "one", "another"))
        .isInstanceOf(SecretIntegrityException.class);
    run("UPDATE secretmanager.vault SET vault_id = '\\x00'");
    assertThatThrownBy(() -> store.listVaults()).isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void editedHead_isNoticed() throws Exception {
    run("UPDATE secretmanager.store SET generation = generation + 1");
    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("head");
    assertThatThrownBy(made::open).isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void editedDataKeys_areNoticed() throws Exception {
    run(
        "UPDATE secretmanager.data_key SET wrapped = overlay(wrapped placing '\\x00'::bytea from 9)");
    assertThat(store.verify().problems())
        .anyMatch(problem -> problem.contains("list of data keys"));
    assertThatThrownBy(made::open)
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("data keys");
  }

  @Test
  void anotherMasterKey_opensNothing() {
    assertThatThrownBy(() -> PostgresSecretStore.builder(
                made.database().dataSource(),
                TestStore.WORKSPACE,
                MasterKey.createFile(directory.resolve("other.key")))
            .open())
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("not the master key");
  }

  /** Seen by verify alone: the record was good once, and a read does not look at the others. */
  @Test
  void wholeOlderRecordPutBack_readsAsItWas_andIsSeenByVerify() throws Exception {
    run("CREATE TABLE kept AS SELECT * FROM secretmanager.secret WHERE name = 'one'");
    run("CREATE TABLE kept_versions AS SELECT * FROM secretmanager.secret_version");
    TestStore.put(store, "one", "value of one, newest");
    run("DELETE FROM secretmanager.secret WHERE name = 'one';"
        + " INSERT INTO secretmanager.secret SELECT * FROM kept;"
        + " DELETE FROM secretmanager.secret_version WHERE version = 3");
    assertThat(TestStore.read(store, "one")).isEqualTo("value of one");
    assertThat(refuted().problems())
        .singleElement()
        .asString()
        .contains("default/one")
        .contains("as it was at generation");
  }

  /** Seen by verify alone. */
  @Test
  void deletedSecret_readsAsMissing_andIsSeenByVerify() throws Exception {
    run("DELETE FROM secretmanager.secret_version WHERE secret_id = " + idOf("one")
        + "; DELETE FROM secretmanager.secret WHERE name = 'one'");
    assertThat(store.describeSecret(TestStore.VAULT, "one")).isEmpty();
    assertThat(refuted().problems())
        .singleElement()
        .asString()
        .contains("default/one")
        .contains("missing");
  }

  /** Seen by verify alone, by the sum: the trail names no vault's generation. */
  @Test
  void olderVaultPutBack_isSeenByVerify() throws Exception {
    run("CREATE TABLE kept AS SELECT * FROM secretmanager.vault");
    store.setVaultLabels(TestStore.VAULT, Map.of("team", "a"));
    run("UPDATE secretmanager.vault v SET body = k.body, seal = k.seal, generation = k.generation"
        + " FROM kept k");
    assertThat(store.vaultLabels(TestStore.VAULT)).isEmpty();
    assertThat(refuted().problems()).singleElement().asString().contains("not those of the last");
  }

  @Test
  void timeOfAChange_isUnderItsSeal() throws Exception {
    run("UPDATE secretmanager.change SET at = at - interval '1 day' WHERE generation = 4");
    assertThatThrownBy(() -> store.history(Long.MAX_VALUE, 100))
        .isInstanceOf(SecretIntegrityException.class);
    assertThat(refuted().problems().toString()).contains("trail");
  }

  @Test
  void trailThatWasEdited_isSeen() throws Exception {
    run("UPDATE secretmanager.change SET actor = 'another' WHERE generation = 4");
    assertThatThrownBy(() -> store.history(Long.MAX_VALUE, 100))
        .isInstanceOf(SecretIntegrityException.class);
    assertThat(refuted().problems().toString()).contains("trail");
    run("DELETE FROM secretmanager.change WHERE generation = 4");
    assertThatThrownBy(() -> store.history(Long.MAX_VALUE, 100))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("missing");
    refuted();
  }

  @Test
  void deletedWorkspace_isSaid() throws Exception {
    run("DELETE FROM secretmanager.change; DELETE FROM secretmanager.data_key;"
        + " DELETE FROM secretmanager.secret_version; DELETE FROM secretmanager.secret;"
        + " DELETE FROM secretmanager.vault; DELETE FROM secretmanager.store");
    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("There is no workspace");
  }

  @Test
  void damagedRecord_isNamed_andCanBeDeletedAndWrittenAgain() throws Exception {
    run("UPDATE secretmanager.secret SET current_version = 1 WHERE name = 'one'");
    assertThatThrownBy(() -> TestStore.put(store, "one", "another"))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("delete the secret and write it again");
    assertThat(refuted().problems().toString()).contains("record of the secret default/one");
    store.deleteSecret(TestStore.VAULT, "one");
    assertThat(store.describeSecret(TestStore.VAULT, "one")).isEmpty();
    assertThat(store.verify().problems()).isEmpty();
    TestStore.put(store, "one", "written again");
    assertThat(TestStore.read(store, "one")).isEqualTo("written again");
    assertThat(store.verify().problems()).isEmpty();
    assertThat(store.history(Long.MAX_VALUE, 2))
        .extracting(StoreChange::what)
        .containsExactly("create", "delete");
  }

  @Test
  void damagedRecord_isDeletedAndWrittenAgain_inOneCommit() throws Exception {
    run("UPDATE secretmanager.secret SET current_version = 1 WHERE name = 'one'");
    store.inOneCommit(changes -> {
      changes.deleteSecret(TestStore.VAULT, "one");
      TestStore.put(changes, "one", "written again");
    });
    assertThat(TestStore.read(store, "one")).isEqualTo("written again");
    assertThat(store.verify().problems()).isEmpty();
    assertThat(store.verify().versions()).isEqualTo(2);
  }

  /** The damaged record claims the values of another secret, which stay. */
  @Test
  void damagedRecordWithTheIdOfAnother_isDeletedAlone() throws Exception {
    run("UPDATE secretmanager.secret SET secret_id = " + idOf("two") + " WHERE name = 'one'");
    store.deleteSecret(TestStore.VAULT, "one");
    assertThat(TestStore.read(store, "two")).isEqualTo("value of two");
    assertThat(store.describeSecret(TestStore.VAULT, "one")).isEmpty();
    assertThat(refuted().problems().toString()).contains("ciphertext of version 1");
  }

  /** The trail names the vault, and not that it is missing: the sum alone does. */
  @Test
  void deletedVaultWhoseSealStandsAtASecret_isStillMissedAfterTheRepair() throws Exception {
    store.createVault("empty");
    run("INSERT INTO secretmanager.secret SELECT store_id, '" + TestStore.VAULT + "', 'zzz',"
        + " vault_id, 1, generation, body, key_id, seal FROM secretmanager.vault"
        + " WHERE name = 'empty'");
    run("DELETE FROM secretmanager.vault WHERE name = 'empty'");
    assertThat(refuted().problems())
        .singleElement()
        .asString()
        .contains("record of the secret default/zzz");
    store.deleteSecret(TestStore.VAULT, "zzz");
    assertThat(store.listVaults()).hasSize(1);
    assertThat(refuted().problems()).singleElement().asString().contains("not those of the last");
  }

  /** What a record without its seal had added to the sum can't be told, as documented. */
  @Test
  void recordWithoutItsSeal_canBeDeleted_andVerifyGoesOnToSayThatOneIsMissing() throws Exception {
    run("UPDATE secretmanager.secret SET seal = '\\x00' WHERE name = 'one'");
    store.deleteSecret(TestStore.VAULT, "one");
    TestStore.put(store, "one", "written again");
    assertThat(TestStore.read(store, "one")).isEqualTo("written again");
    assertThat(refuted().problems()).singleElement().asString().contains("not those of the last");
  }

  /** A key that never was can't be a key that was dropped. */
  @Test
  void trailUnderAKeyThatNeverWas_isSeenByHistory() throws Exception {
    for (int key : new int[] {-1, 0, 2, 999}) {
      run("UPDATE secretmanager.change SET actor = 'another', key_id = " + key
          + " WHERE generation = 4");
      assertThatThrownBy(() -> store.history(Long.MAX_VALUE, 100))
          .isInstanceOf(SecretIntegrityException.class)
          .hasMessageContaining("trail");
    }
    assertThat(store.history(4, 100)).as("those before it").hasSize(3);
  }

  /** Each generation from the one that added the newest key on, and each page that begins there. */
  @Test
  void trailUnderADroppedKey_isSeenByHistory_sinceTheKeyThatThereIsWasAdded() throws Exception {
    store.rotateDataKey();
    store.rotateDataKey();
    TestStore.put(store, "one", "value of one, newest");
    List<StoreChange> history = store.history(Long.MAX_VALUE, 100);
    long newest = history.get(0).generation();
    List<Long> added = history.stream()
        .filter(change -> change.what().equals("data-key"))
        .map(StoreChange::generation)
        .toList();
    assertThat(added).as("both rotations, each with its end").hasSize(4);
    long since = added.get(1);
    run("CREATE TABLE kept AS SELECT * FROM secretmanager.change");
    for (long generation = 1; generation <= newest; generation++) {
      for (int key = 0; key < 3; key++) {
        run("UPDATE secretmanager.change SET actor = 'another', key_id = " + key
            + " WHERE generation " + (generation < since ? "= " : ">= ") + generation);
        for (long before = generation + 1; before <= newest + 1; before++) {
          long from = before;
          if (key == 0 || generation >= since) {
            assertThatThrownBy(() -> store.history(from, 100))
                .as("generation " + generation + " under key " + key + ", before " + before)
                .isInstanceOf(SecretIntegrityException.class)
                .hasMessageContaining("trail");
          }
        }
        run("DELETE FROM secretmanager.change;"
            + " INSERT INTO secretmanager.change SELECT * FROM kept");
      }
    }
    for (long before = 2; before <= newest + 1; before++) {
      assertThat(store.history(before, 100)).as("the control").hasSize((int) before - 1);
    }
  }

  /** The end of a rotation is a change of the keys under the same key, and is no beginning. */
  @Test
  void trailDuringARotation_underTheDroppedKey_isSeenByHistory() throws Exception {
    store.rotateDataKey();
    List<StoreChange> history = store.history(Long.MAX_VALUE, 100);
    assertThat(history).extracting(StoreChange::what).startsWith("data-key", "reencrypt");
    long ended = history.get(0).generation();
    run("UPDATE secretmanager.change SET actor = 'another', key_id = 1 WHERE generation < "
        + ended);
    assertThatThrownBy(() -> store.history(Long.MAX_VALUE, 100))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("trail");
  }

  /** The stated limit: nothing is left that could verify these one by one. */
  @Test
  void trailOfBeforeTheRotation_isSeenByVerifyAlone() throws Exception {
    store.rotateDataKey();
    run("UPDATE secretmanager.change SET actor = 'another' WHERE generation = 4");
    assertThat(store.history(Long.MAX_VALUE, 100))
        .filteredOn(change -> change.actor().equals("another"))
        .hasSize(1);
    assertThat(refuted().problems().toString()).contains("trail");
  }
}
