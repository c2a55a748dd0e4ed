package tech.tailor.secretmanager.examples;

import java.util.Map;
import tech.tailor.secretmanager.SecretRef;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.spi.SecretBackend;
import tech.tailor.secretmanager.testing.contract.SecretBackendContract;

class MyBackendContractTest extends SecretBackendContract {
  @Override
  protected SecretBackend backendWith(Map<SecretRef, SecretValue> secrets) {
    return MyBackend.of(secrets);
  }
}
