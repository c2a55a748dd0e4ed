package tech.tailor.secretmanager.testing;

import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretStore;
import tech.tailor.secretmanager.testing.contract.SecretStoreContract;

/** In another package than the contract, as a user's is. */
class InMemorySecretStoreContractTest extends SecretStoreContract {
  @Override
  protected SecretStore emptyStore() {
    return InMemorySecretStore.create();
  }
}
