package tech.tailor.secretmanager.http;

/** The contract over HTTP, values read by the runtime service. */
class RuntimeServiceContractTest extends HttpSecretStoreContractTest {

  @Override
  ReadMode road() {
    return ReadMode.RUNTIME_SERVICE;
  }
}
