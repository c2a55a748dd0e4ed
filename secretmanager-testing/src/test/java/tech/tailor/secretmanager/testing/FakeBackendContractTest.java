package tech.tailor.secretmanager.testing;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;

/**
 * A fake to which nothing is told keeps the contract that every backend keeps, and so does one that
 * was told what changes no answer: to take its time, to pass a gate, to have something happen in
 * the middle.
 */
class FakeBackendContractTest extends SecretBackendContract {
  @Override
  protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
    InMemorySecretStore store = InMemorySecretStore.create();
    secrets.keySet().stream().map(SecretRef::vault).distinct().forEach(store::createVault);
    secrets.forEach((ref, value) -> store.createSecret(ref.vault(), ref.name(), value));
    return FakeBackend.over(store);
  }

  @Nested
  class Scripted extends SecretBackendContract {
    @Override
    protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
      FakeBackend backend =
          FakeBackend.over(FakeBackendContractTest.this.backendWith(secrets), duration -> {});
      backend.slow(Duration.ofSeconds(1));
      backend.hold().open();
      for (int i = 0; i < 1_000; i++) {
        backend.duringNext(() -> {});
      }
      return backend;
    }
  }
}
