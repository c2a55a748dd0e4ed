package tech.tailor.secretmanager.testing;

import java.util.Map;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;

/** A fake to which nothing is told keeps the contract that every backend keeps. */
class FakeBackendContractTest extends SecretBackendContract {
  @Override
  protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
    InMemorySecretStore store = InMemorySecretStore.create();
    secrets.keySet().stream().map(SecretRef::vault).distinct().forEach(store::createVault);
    secrets.forEach((ref, value) -> store.createSecret(ref.vault(), ref.name(), value));
    return FakeBackend.over(store);
  }
}
