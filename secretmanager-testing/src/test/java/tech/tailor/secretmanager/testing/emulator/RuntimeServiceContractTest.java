package tech.tailor.secretmanager.testing.emulator;

import tech.tailor.secretmanager.client.http.ReadRoad;

/** The contract over HTTP, values read by the runtime service. */
class RuntimeServiceContractTest extends HttpSecretStoreContractTest {

  @Override
  ReadRoad road() {
    return ReadRoad.RUNTIME_SERVICE;
  }
}
