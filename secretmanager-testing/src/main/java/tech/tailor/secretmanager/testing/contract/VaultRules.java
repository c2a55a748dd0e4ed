package tech.tailor.secretmanager.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.spi.SecretOutcome;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;

/** The rules of managing vaults, and what the rules of a store share. */
abstract class VaultRules extends SecretBackendContract {

  VaultRules() {}

  protected abstract SecretStore emptyStore() throws Exception;

  /** An {@link #emptyStore()} into which the given secrets were put by the store's own methods. */
  @Override
  protected final SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) throws Exception {
    SecretStore store = emptyStore();
    secrets.keySet().stream().map(SecretRef::vault).distinct().forEach(store::createVault);
    secrets.forEach((ref, value) -> store.createSecret(ref.vault(), ref.name(), value));
    return store;
  }

  // --- vaults

  @Test
  void createVault_isSeenByAll() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    VaultInfo created = store.createVault(VAULT);
    assertThat(created.name()).as("createVault tells the vault it created").isEqualTo(VAULT);
    assertThat(created.updateTime())
        .as("a vault that was never changed was last changed when it was created")
        .isEqualTo(created.createTime());
    assertThat(store.describeVault(VAULT))
        .as("what was created can be described, in the same words")
        .contains(created);
    assertThat(store.listVaults())
        .as("what was created is listed, in the same words")
        .containsExactly(created);
    assertThat(store.listSecrets(VAULT)).as("a new vault is empty").isEmpty();
    assertThat(outcomeOf(store, GREETING))
        .as("in a new vault a secret is missing, the vault is not")
        .isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
  }

  @Test
  void createVault_ofExistingName_isRefused() throws Exception {
    SecretStore store = filledStore();
    VaultInfo before = store.describeVault(VAULT).orElseThrow();
    assertThatThrownBy(() -> store.createVault(VAULT))
        .as("there is a vault of that name already")
        .isInstanceOf(SecretAlreadyExistsException.class);
    assertThat(store.describeVault(VAULT))
        .as("a refused createVault leaves the existing vault as it was")
        .contains(before);
    assertThat(textOf(store, GREETING))
        .as("a refused createVault leaves what the existing vault holds")
        .isEqualTo(CANARY);
  }

  @Test
  void listVaults_isSortedByName() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    assertThat(store.listVaults()).as("an empty store has no vaults").isEmpty();
    List<String> names = List.of("vault-b", "vault-10", "vault-a", "vault-2", "0-vault");
    names.forEach(store::createVault);
    assertThat(store.listVaults())
        .as("vaults are listed by name in ascending order")
        .extracting(VaultInfo::name)
        .containsExactly("0-vault", "vault-10", "vault-2", "vault-a", "vault-b");
  }

  @Test
  void describeVault_ofMissingVault_isEmpty() throws Exception {
    assertThat(filledStore().describeVault(MISSING_VAULT.vault()))
        .as("to describe what does not exist is no error: the answer is empty")
        .isEmpty();
  }

  @Test
  void deleteVault_removesEmptyVault() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    store.deleteVault(VAULT);
    assertThat(store.describeVault(VAULT)).as("a deleted vault is gone").isEmpty();
    assertThat(store.listVaults()).as("a deleted vault is not listed").isEmpty();
    assertThat(outcomeOf(store, GREETING))
        .as("after its deletion it is the vault that is missing")
        .isEqualTo(new SecretOutcome.Missing(Missing.VAULT));
  }

  @Test
  void deleteVault_thatHoldsSecrets_isRefused() throws Exception {
    SecretStore store = filledStore();
    assertThatThrownBy(() -> store.deleteVault(VAULT))
        .as("a vault must be empty to be deleted: SecretPreconditionException")
        .isInstanceOf(SecretPreconditionException.class)
        .hasMessageNotContaining(CANARY);
    assertThat(store.describeVault(VAULT))
        .as("a refused deleteVault leaves the vault")
        .isPresent();
    assertThat(textOf(store, GREETING))
        .as("a refused deleteVault leaves what the vault holds")
        .isEqualTo(CANARY);
  }

  @Test
  void deleteVault_ofMissingVault_isNotFound() throws Exception {
    SecretStore store = filledStore();
    assertNotFound(() -> store.deleteVault(MISSING_VAULT.vault()), Missing.VAULT);
  }

  @Test
  void vault_createdAgain_isEmpty() throws Exception {
    SecretStore store = filledStore();
    store.deleteSecret(VAULT, GREETING.name());
    store.deleteVault(VAULT);
    store.createVault(VAULT);
    assertThat(store.listSecrets(VAULT))
        .as("a vault that is created again is another one, and empty")
        .isEmpty();
    assertThat(outcomeOf(store, GREETING)).isEqualTo(new SecretOutcome.Missing(Missing.SECRET));
  }

  @Test
  void vault_isNotChangedByItsSecrets() throws Exception {
    SecretStore store = filledStore();
    VaultInfo before = store.describeVault(VAULT).orElseThrow();
    update(store, GREETING, "new");
    create(store, TOKEN, "new");
    store.deleteSecret(VAULT, GREETING.name());
    assertThat(store.describeVault(VAULT))
        .as("a change of a secret does not count as a change of its vault")
        .contains(before);
  }

  // --- tools of the rules

  /** A store with {@link #GREETING} alone. */
  final SecretStore filledStore() throws Exception {
    SecretStore store = closedAfterTest(emptyStore());
    store.createVault(VAULT);
    create(store, GREETING, CANARY);
    return store;
  }

  static SecretInfo create(SecretStore store, SecretRef ref, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.createSecret(ref.vault(), ref.name(), value);
    }
  }

  static SecretInfo update(SecretStore store, SecretRef ref, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      return store.updateSecret(ref.vault(), ref.name(), value);
    }
  }

  static void assertNotFound(ThrowingCallable call, Missing missing) {
    assertThatThrownBy(call)
        .as(
            "what must exist and does not is SecretNotFoundException, which says which of the two"
                + " is missing: here the %s",
            missing)
        .isInstanceOfSatisfying(
            SecretNotFoundException.class,
            notFound -> assertThat(notFound.missing()).isEqualTo(missing));
  }
}
