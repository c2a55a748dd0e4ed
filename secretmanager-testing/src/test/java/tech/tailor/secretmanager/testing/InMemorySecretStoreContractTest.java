package tech.tailor.secretmanager.testing;

import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

/** In another package than the contract, as a user's is. */
class InMemorySecretStoreContractTest extends VersionedSecretStoreContract {
  @Override
  protected VersionedSecretStore emptyStore() {
    return InMemorySecretStore.create();
  }
}
