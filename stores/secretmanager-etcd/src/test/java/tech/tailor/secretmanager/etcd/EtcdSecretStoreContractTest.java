package tech.tailor.secretmanager.etcd;

import org.junit.jupiter.api.extension.ExtendWith;
import tech.tailor.secretmanager.store.VersionedSecretStore;
import tech.tailor.secretmanager.testing.contract.VersionedSecretStoreContract;

@ExtendWith(SharedEtcd.class)
class EtcdSecretStoreContractTest extends VersionedSecretStoreContract {

  @Override
  protected VersionedSecretStore emptyStore() {
    return SharedEtcd.builder(SharedEtcd.newPrefix()).createIfMissing().open();
  }
}
