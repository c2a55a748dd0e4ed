package tech.tailor.secretmanager.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretLimitException;
import tech.tailor.secretmanager.SecretMetadata;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretSupport;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.spi.StoreContent;
import tech.tailor.secretmanager.spi.StoreContent.Secret;
import tech.tailor.secretmanager.spi.StoreContent.Version;
import tech.tailor.secretmanager.spi.StoreEditor;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretVersionInfo.State;
import tech.tailor.secretmanager.store.VaultInfo;

/**
 * What the editor does that the contract of a store doesn't see: limits, the wording of messages,
 * and what it tells its content.
 */
class StoreEditorTest {

  private static final String VAULT = "default";
  private static final String NAME = "api-key";
  private static final SecretRef REF = SecretRef.of(VAULT, NAME);

  private final Texts content = new Texts();
  private final StoreEditor<String> editor = new StoreEditor<>(content, 3);

  @BeforeEach
  void createVault() {
    editor.createVault(VAULT);
  }

  // --- limits

  @Test
  void versionsKept_isAtLeastOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StoreEditor<>(content, 0))
        .withMessage("versionsKept must be at least 1, got 0");
    StoreEditor<String> one = new StoreEditor<>(content, 1);
    create(one, NAME, "first");
    update(one, "second");

    assertThat(one.versionsKept()).isEqualTo(1);
    assertThat(one.listVersions(VAULT, NAME)).hasSize(1);
  }

  @Test
  void vaults_upToTheLimit() {
    editor.createVault("second");
    editor.createVault("third");

    assertThatExceptionOfType(SecretLimitException.class)
        .isThrownBy(() -> editor.createVault("fourth"))
        .withMessage("The store of texts holds 3 vaults, which is the limit; nothing was changed."
            + " Use another store");
    assertThat(editor.listVaults())
        .extracting(VaultInfo::name)
        .containsExactly(VAULT, "second", "third");
    editor.deleteVault("second");
    editor.createVault("fourth");
  }

  @Test
  void secrets_upToTheLimit() {
    create(editor, NAME, "value");
    create(editor, "second", "value");

    assertThatExceptionOfType(SecretLimitException.class)
        .isThrownBy(() -> create(editor, "third", "value"))
        .withMessage(
            "The vault \"default\" holds 2 secrets, which is the limit; use another vault");
    assertThat(editor.listSecrets(VAULT))
        .extracting(SecretInfo::name)
        .containsExactly(NAME, "second");
    assertThat(content.sealed).as("nothing was sealed for nothing").hasSize(2);
    editor.deleteSecret(VAULT, "second");
    create(editor, "third", "value");
  }

  @Test
  void versionNumbers_upToTheLargest() {
    create(editor, NAME, "value");
    Secret<String> secret = content.secret(VAULT, NAME);
    Version<String> last = new Version<>(Long.MAX_VALUE - 1, Instant.EPOCH, State.ENABLED, "value");
    content.putSecret(
        VAULT, new Secret<>(NAME, secret.id(), secret.createTime(), "", Map.of(), List.of(last)));

    assertThat(update(editor, "next").version()).isEqualTo(Long.MAX_VALUE);
    assertThatExceptionOfType(SecretLimitException.class)
        .isThrownBy(() -> update(editor, "one too many"))
        .withMessageContaining(
            "default/api-key was written is 9223372036854775807, which is the limit");
  }

  // --- messages

  @Test
  void versionThatCanNotBeRead_saysWhy_andWhatToDo() {
    create(editor, NAME, "first");
    update(editor, "second");
    update(editor, "third");
    editor.disableVersion(VAULT, NAME, 1);
    editor.destroyVersion(VAULT, NAME, 2);

    String of = " of the secret default/api-key is ";
    assertThat(whyUnreadable(1)).isEqualTo("The version 1" + of + "disabled; enable it");
    assertThat(whyUnreadable(2)).isEqualTo("The version 2" + of + "destroyed; choose another one");
    editor.disableVersion(VAULT, NAME, 3);
    assertThat(whyUnreadable(3))
        .isEqualTo("The current version 3" + of + "disabled; enable it, or write a new version, for"
            + " example by rolling back to an earlier one");
    editor.destroyVersion(VAULT, NAME, 3);
    assertThat(whyUnreadable(3))
        .isEqualTo("The current version 3" + of + "destroyed; write a new version, for example by"
            + " rolling back to an earlier one");
  }

  @Test
  void contentThatThrows_leavesNoOpenValueBehind() {
    create(editor, NAME, "value");
    create(editor, "second", "value");
    content.opensBeforeItFails = 1;

    assertThatThrownBy(() -> editor.fetch(VAULT, Set.of(NAME, "second")))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(content.opened)
        .hasSize(1)
        .allSatisfy(value ->
            assertThatThrownBy(value::revealString).isInstanceOf(IllegalStateException.class));
  }

  @Test
  void valueThatTheContentCanNotOpen_isDamaged() {
    create(editor, NAME, "value");
    content.opens = false;

    assertThat(editor.fetch(VAULT, Set.of(NAME)).get(NAME))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretIntegrityException.class)
                .hasMessage(StoreEditor.damaged("store of texts", REF, 1).getMessage())
                .hasMessage("What stands in the store of texts as version 1 of the secret"
                    + " default/api-key was not written for that place, or was damaged; write the"
                    + " secret again, or restore the store from a backup"));
  }

  @Test
  void toString_namesTheStore() {
    assertThat(editor).hasToString("StoreEditor[store of texts]");
  }

  // --- what the content is told

  @Test
  void values_areSealedForTheVersionThatTheyBecome() {
    create(editor, NAME, "first");
    update(editor, "second");
    editor.rollBack(VAULT, NAME, 1);
    String id = content.secret(VAULT, NAME).id().toHex();
    editor.deleteSecret(VAULT, NAME);
    create(editor, NAME, "again");
    String newId = content.secret(VAULT, NAME).id().toHex();

    assertThat(newId).as("a secret that is created again is another one").isNotEqualTo(id);
    assertThat(content.sealed)
        .containsExactly(
            NAME + id + "1 first",
            NAME + id + "2 second",
            NAME + id + "3 first",
            NAME + newId + "1 again");
  }

  @Test
  void valuesThatGo_areDropped_andNoOthers() {
    create(editor, NAME, "1");
    for (String text : List.of("2", "3")) {
      update(editor, text);
    }
    editor.disableVersion(VAULT, NAME, 1);
    editor.enableVersion(VAULT, NAME, 1);
    assertThat(content.dropped).as("all three are kept").isEmpty();
    update(editor, "4");
    assertThat(content.dropped).as("the oldest is no longer kept").containsExactly("1");
    editor.destroyVersion(VAULT, NAME, 3);
    editor.destroyVersion(VAULT, NAME, 3);
    assertThat(content.dropped).as("destroyed, once").containsExactly("1", "3");
    editor.deleteSecret(VAULT, NAME);
    assertThat(content.dropped).as("deleted; 3 had no value").containsExactly("1", "3", "2", "4");
  }

  @Test
  void labelsAndDescriptions_thatAreSetAlready_areNotWritten() {
    create(editor, NAME, "value");
    editor.setLabels(VAULT, NAME, Map.of("env", "dev"));
    editor.setDescription(VAULT, NAME, "described");
    editor.setVaultLabels(VAULT, Map.of("env", "dev"));
    VaultInfo before = editor.describeVault(VAULT).orElseThrow();
    int puts = content.puts;
    editor.setLabels(VAULT, NAME, Map.of("env", "dev"));
    editor.setDescription(VAULT, NAME, "described");
    editor.setVaultLabels(VAULT, Map.of("env", "dev"));
    editor.enableVersion(VAULT, NAME, 1);

    assertThat(content.puts).isEqualTo(puts);
    assertThat(editor.describeVault(VAULT)).contains(before);
  }

  @Test
  void times_areWholeMilliseconds() {
    content.now = Instant.parse("2026-01-02T03:04:05.006007008Z");
    Instant whole = Instant.parse("2026-01-02T03:04:05.006Z");
    editor.createVault("second");
    create(editor, NAME, "value");

    assertThat(editor.describeVault("second")).contains(VaultInfo.of("second", whole, whole));
    assertThat(editor.describeSecret(VAULT, NAME)).contains(SecretInfo.of(NAME, 1, whole, whole));
  }

  // --- records that are damaged

  @Test
  void damagedRecord_failsItsOwnSecretAlone() {
    create(editor, NAME, "value");
    create(editor, "second", "value");
    content.damaged.add("second");

    Map<String, SecretOutcome> outcomes = editor.fetch(VAULT, Set.of(NAME, "second", "missing"));
    assertThat(outcomes.get("second"))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure()).isInstanceOf(SecretIntegrityException.class));
    assertThat(outcomes.get("missing")).isInstanceOf(SecretOutcome.Missing.class);
    assertThat(outcomes.get(NAME))
        .isInstanceOfSatisfying(
            SecretOutcome.Found.class, found -> found.value().close());
  }

  @Test
  void damagedRecord_isDeleted_byAContentThatCan() {
    create(editor, NAME, "value");
    content.damaged.add(NAME);

    assertThatThrownBy(() -> editor.deleteSecret(VAULT, NAME))
        .isInstanceOf(SecretIntegrityException.class)
        .hasMessage("The record of api-key is damaged");
    content.removesDamaged = true;
    editor.deleteSecret(VAULT, NAME);
    assertThat(editor.describeSecret(VAULT, NAME)).isEmpty();
    assertThat(content.dropped).as("nothing is known of its values").isEmpty();
  }

  private String whyUnreadable(long version) {
    try (SecretValue value = editor.readVersion(VAULT, NAME, version)) {
      throw new AssertionError("It can be read as version " + value.version());
    } catch (SecretPreconditionException e) {
      return e.getMessage();
    }
  }

  private static void create(StoreEditor<String> editor, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      editor.createSecret(VAULT, name, value);
    }
  }

  private static SecretInfo update(StoreEditor<String> editor, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return editor.updateSecret(VAULT, NAME, value);
    }
  }

  /** A small content, of texts, that notes what it is told. */
  private static final class Texts implements StoreContent<String> {

    private final SortedMap<String, Vault> vaults = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, Secret<String>>> secrets = new TreeMap<>();
    private final List<String> sealed = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final Set<String> damaged = new HashSet<>();
    private boolean removesDamaged;
    private Instant now = Instant.EPOCH;
    private boolean opens = true;
    private int opensBeforeItFails = Integer.MAX_VALUE;
    private final List<SecretValue> opened = new ArrayList<>();
    private int puts;

    @Override
    public int maxVaults() {
      return 3;
    }

    @Override
    public int maxSecretsPerVault() {
      return 2;
    }

    @Override
    public String describe() {
      return "store of texts";
    }

    @Override
    public @Nullable Vault vault(String name) {
      return vaults.get(name);
    }

    @Override
    public List<Vault> vaults() {
      return List.copyOf(vaults.values());
    }

    @Override
    public int vaultCount() {
      return vaults.size();
    }

    @Override
    public void putVault(Vault vault) {
      puts++;
      vaults.put(vault.name(), vault);
      secrets.putIfAbsent(vault.name(), new TreeMap<>());
    }

    @Override
    public void removeVault(String name) {
      vaults.remove(name);
      secrets.remove(name);
    }

    @Override
    public @Nullable Secret<String> secret(String vault, String name) {
      if (damaged.contains(name)) {
        throw new SecretIntegrityException("The record of " + name + " is damaged");
      }
      return secrets.getOrDefault(vault, new TreeMap<>()).get(name);
    }

    @Override
    public List<Secret<String>> secrets(String vault) {
      return List.copyOf(secrets.get(vault).values());
    }

    @Override
    public int secretCount(String vault) {
      return secrets.get(vault).size();
    }

    @Override
    public void putSecret(String vault, Secret<String> secret) {
      puts++;
      secrets.get(vault).put(secret.name(), secret);
    }

    @Override
    public void removeSecret(String vault, String name) {
      secrets.get(vault).remove(name);
    }

    @Override
    public void removeDamagedSecret(String vault, String name) {
      if (!removesDamaged) {
        StoreContent.super.removeDamagedSecret(vault, name);
      }
      damaged.remove(name);
      removeSecret(vault, name);
    }

    @Override
    public String seal(Vault vault, SecretId secret, long version, SecretValue value) {
      String text = value.revealString();
      sealed.add(secret.name() + secret.id().toHex() + version + " " + text);
      return text;
    }

    @Override
    public @Nullable SecretValue open(Vault vault, SecretId secret, Version<String> version) {
      if (!opens) {
        return null;
      }
      if (opened.size() >= opensBeforeItFails) {
        throw new UncheckedIOException(new IOException("the connection is gone"));
      }
      byte[] bytes = version.value().getBytes(UTF_8);
      SecretValue value =
          SecretSupport.adopt(bytes, SecretMetadata.of(version.number(), version.createTime()));
      opened.add(value);
      return value;
    }

    @Override
    public void dropped(String value) {
      dropped.add(value);
    }

    @Override
    public Runnable savepoint() {
      throw new UnsupportedOperationException("No test here makes several changes in one commit");
    }

    @Override
    public Instant now() {
      return now;
    }
  }
}
