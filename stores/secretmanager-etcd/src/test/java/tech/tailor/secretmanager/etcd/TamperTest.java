package tech.tailor.secretmanager.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.KeyValue;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretStorageException;
import tech.tailor.secretmanager.SecretStoreRewoundException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** What an operator with etcdctl can do, and what notices it. */
@ExtendWith(SharedEtcd.class)
class TamperTest {

  private static final String FIRST = "/0000000000000001";
  private static final String SECOND = "/0000000000000002";

  private final String prefix = SharedEtcd.newStore();
  private EtcdSecretStore store;

  @BeforeEach
  void fill() {
    store = SharedEtcd.builder(prefix).open();
    SharedEtcd.put(store, "one", "first of one");
    SharedEtcd.put(store, "one", "second of one");
    SharedEtcd.put(store, "two", "first of two");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private String secret(String name) {
    return prefix + "secret/" + SharedEtcd.VAULT + "/" + name;
  }

  private String value(String name, String version) {
    return prefix + "value/" + SharedEtcd.VAULT + "/" + name + version;
  }

  private void edit(String key, String from, String to) throws Exception {
    String text = new String(SharedEtcd.get(key), UTF_8);
    assertThat(text).contains(from);
    SharedEtcd.write(key, text.replace(from, to).getBytes(UTF_8));
  }

  private void assertDamaged(String name) {
    assertThatThrownBy(() -> SharedEtcd.read(store, name))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageNotContaining("of one")
        .hasMessageNotContaining("of two");
    assertThat(store.verify().isVerified()).isFalse();
  }

  @Test
  void nothingIsInClear() throws Exception {
    for (KeyValue found : SharedEtcd.dump(prefix)) {
      assertThat(new String(found.getValue().getBytes(), UTF_8)).doesNotContain("of one");
    }
    assertThat(store.verify().problems()).isEmpty();
    assertThat(store.verify().secrets()).isEqualTo(2);
    assertThat(store.verify().versions()).isEqualTo(3);
  }

  @Test
  void swappedCiphertexts_areRefused() throws Exception {
    byte[] one = SharedEtcd.get(value("one", SECOND));
    SharedEtcd.write(value("one", SECOND), SharedEtcd.get(value("two", FIRST)));
    SharedEtcd.write(value("two", FIRST), one);
    assertDamaged("one");
    assertDamaged("two");
  }

  @Test
  void olderCiphertextOfTheSameSecret_isRefused() throws Exception {
    SharedEtcd.write(value("one", SECOND), SharedEtcd.get(value("one", FIRST)));
    assertDamaged("one");
  }

  @Test
  void deletedCiphertext_isRefused() throws Exception {
    SharedEtcd.delete(value("two", FIRST));
    assertDamaged("two");
  }

  @Test
  void renamedSecret_isRefused() throws Exception {
    SharedEtcd.write(secret("two"), SharedEtcd.get(secret("one")));
    SharedEtcd.write(value("two", FIRST), SharedEtcd.get(value("one", FIRST)));
    SharedEtcd.write(value("two", SECOND), SharedEtcd.get(value("one", SECOND)));
    assertDamaged("two");
  }

  @Test
  void editedDescriptionStateAndTime_areRefused() throws Exception {
    edit(secret("one"), "description ", "description edited");
    assertDamaged("one");
    edit(secret("two"), "ENABLED", "DISABLED");
    assertDamaged("two");
  }

  @Test
  void currentVersionSetBack_isRefused() throws Exception {
    String text = new String(SharedEtcd.get(secret("one")), UTF_8);
    int from = text.indexOf("version 2 ");
    SharedEtcd.write(
        secret("one"),
        (text.substring(0, from) + text.substring(text.indexOf('\n', from) + 1)).getBytes(UTF_8));
    assertDamaged("one");
  }

  @Test
  void editedHead_isRefusedForEveryCall() throws Exception {
    edit(prefix + "head", "epoch 0", "epoch 1");
    assertThatThrownBy(store::listVaults).isInstanceOf(SecretIntegrityException.class);
    assertThatThrownBy(() -> SharedEtcd.put(store, "one", "x"))
        .isInstanceOf(SecretIntegrityException.class);
  }

  @Test
  void headOfALaterFormat_isNoDamage() throws Exception {
    edit(prefix + "head", "store 1", "store 2");
    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("a newer version of this library");
  }

  /** A store that is open knows them already, and reads them no more. */
  @Test
  void editedDataKeys_areSeenByVerify_andRefusedWhereTheyAreOpened() throws Exception {
    edit(prefix + "keys", "key 1 ", "key 2 ");
    assertThat(store.verify().problems())
        .anyMatch(problem -> problem.contains("list of data keys"));
    assertThatThrownBy(() -> SharedEtcd.builder(prefix).open())
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("list of data keys");
  }

  @Test
  void deletedDataKeys_areSeenByVerify_andRefusedWhereTheyAreOpened() throws Exception {
    SharedEtcd.delete(prefix + "keys");
    assertThat(store.verify().problems())
        .anyMatch(problem -> problem.contains("list of data keys"));
    assertThatThrownBy(() -> SharedEtcd.builder(prefix).open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("was deleted");
  }

  @Test
  void deletedHead_isRefused_andNoStoreIsMadeInItsPlace() throws Exception {
    SharedEtcd.delete(prefix + "head");
    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("was deleted");
    assertThatThrownBy(() -> SharedEtcd.builder(prefix).createIfMissing().open())
        .isInstanceOf(SecretStorageException.class)
        .hasMessageContaining("was deleted");
  }

  @Test
  void editedLog_isSeenByVerify_andByAProcessThatNeedsIt() throws Exception {
    try (EtcdSecretStore witness = SharedEtcd.builder(prefix).open()) {
      witness.listVaults();
      SharedEtcd.put(store, "one", "third of one");
      edit(prefix + "log/0000000000000006", "value default/one", "value default/two");
      assertThatThrownBy(witness::listVaults).isInstanceOf(SecretStoreRewoundException.class);
    }
    assertThat(store.verify().problems()).anyMatch(problem -> problem.contains("log"));
  }

  @Test
  void logThatIsShortened_isSeenByVerify() throws Exception {
    assertThat(store.verify().isVerified()).as("the control").isTrue();
    SharedEtcd.delete(prefix + "log/0000000000000001");
    assertThat(store.verify().problems()).anyMatch(problem -> problem.contains("log"));
  }

  /** Not noticed when it is read, as documented. */
  @Test
  void wholeOlderRecordPutBack_readsAsItWas_andIsSeenByVerify() throws Exception {
    byte[] record = SharedEtcd.get(secret("two"));
    SharedEtcd.put(store, "two", "second of two");
    SharedEtcd.write(secret("two"), record);
    SharedEtcd.delete(value("two", SECOND));
    assertThat(SharedEtcd.read(store, "two")).isEqualTo("first of two");
    assertThat(store.verify().problems()).anyMatch(problem -> problem.contains("put back"));
  }

  /** Not noticed when it is read, as documented. */
  @Test
  void deletedSecret_readsAsMissing_andIsSeenByVerify() throws Exception {
    SharedEtcd.delete(secret("two"));
    SharedEtcd.delete(value("two", FIRST));
    assertThat(store.describeSecret(SharedEtcd.VAULT, "two")).isEmpty();
    assertThat(store.verify().problems()).anyMatch(problem -> problem.contains("deleted"));
  }

  @Test
  void otherSecretsOfAFetch_areReadAllTheSame() throws Exception {
    edit(secret("one"), "ENABLED", "DISABLED");
    var found = store.fetch(SharedEtcd.VAULT, Set.of("one", "two"));
    assertThat(found.get("one")).isInstanceOf(SecretOutcome.Failed.class);
    var two = (SecretOutcome.Found) found.get("two");
    assertThat(two.value().revealString()).isEqualTo("first of two");
    two.value().close();
  }

  @Test
  void damagedRecord_isNamed_andCanBeDeletedAndWrittenAgain() throws Exception {
    edit(secret("one"), "ENABLED", "DISABLED");
    assertThatThrownBy(() -> SharedEtcd.put(store, "one", "x"))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessageContaining("delete the secret and write it again");
    assertThat(store.verify().problems())
        .anyMatch(problem -> problem.contains("record of the secret default/one"));
    store.deleteSecret(SharedEtcd.VAULT, "one");
    assertThat(store.describeSecret(SharedEtcd.VAULT, "one")).isEmpty();
    assertThat(store.verify().problems()).isEmpty();
    SharedEtcd.put(store, "one", "written again");
    assertThat(SharedEtcd.read(store, "one")).isEqualTo("written again");
    assertThat(store.verify().problems()).isEmpty();
  }

  @Test
  void damagedRecord_isDeletedAndWrittenAgain_inOneCommit() throws Exception {
    SharedEtcd.put(store, "one", "third of one");
    edit(secret("one"), "ENABLED", "DISABLED");
    store.inOneCommit(changes -> {
      changes.deleteSecret(SharedEtcd.VAULT, "one");
      SharedEtcd.put(changes, "one", "written again");
    });
    assertThat(SharedEtcd.read(store, "one")).isEqualTo("written again");
    assertThat(store.verify().problems()).isEmpty();
    assertThat(store.verify().versions()).isEqualTo(2);
  }

  /** Before, the repair of the second place took the deleted record off the sum. */
  @Test
  void deletedSecretWhoseSealStandsElsewhere_isStillMissedAfterTheRepair() throws Exception {
    String seal = new String(SharedEtcd.get(secret("two")), UTF_8)
        .lines()
        .filter(line -> line.startsWith("seal "))
        .findFirst()
        .orElseThrow();
    SharedEtcd.delete(secret("two"));
    SharedEtcd.delete(value("two", FIRST));
    SharedEtcd.write(secret("zzz"), ("anything\n" + seal + "\n").getBytes(UTF_8));
    assertThat(store.verify().problems())
        .singleElement()
        .asString()
        .contains("record of the secret default/zzz");
    store.deleteSecret(SharedEtcd.VAULT, "zzz");
    assertThat(store.verify().problems()).singleElement().asString().contains("not those of");
  }

  /** What a record without its seal had added to the sum can't be told, as documented. */
  @Test
  void recordWithoutItsSeal_canBeDeleted_andVerifyGoesOnToSayThatOneIsMissing() throws Exception {
    SharedEtcd.write(secret("one"), "anything".getBytes(UTF_8));
    store.deleteSecret(SharedEtcd.VAULT, "one");
    SharedEtcd.put(store, "one", "written again");
    assertThat(SharedEtcd.read(store, "one")).isEqualTo("written again");
    assertThat(store.verify().problems()).singleElement().asString().contains("not those of");
  }
}
