package tech.tailor.secretmanager.http;

/** The contract over HTTP, values read by the runtime service. */
class RuntimeServiceContractTest extends HttpSecretStoreContractTest {

  @Override
  ReadMode readMode() {
    return ReadMode.RUNTIME_SERVICE;
  }
}
