package tech.tailor.secretmanager.examples;

import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

class MyVersionedStoreContractTest extends VersionedSecretStoreContract {
  @Override
  protected VersionedSecretStore emptyStore() {
    return new MyVersionedStore();
  }
}
