package tech.tailor.secretmanager.http;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.contract.SecretStoreContract;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/** The contract over HTTP, values read by the function runtime. */
class HttpSecretStoreContractTest extends SecretStoreContract {

  private static SecretManagerEmulator emulator;

  @BeforeAll
  static void start() {
    emulator =
        SecretManagerEmulator.builder().callsPerSecond(100_000).runningPolls(1).start();
  }

  @AfterEach
  void reset() {
    emulator.reset();
  }

  @AfterAll
  static void stop() {
    emulator.close();
  }

  @Override
  protected SecretStore emptyStore() {
    return HttpSecretStore.builder()
        .endpoint(emulator.endpoint())
        .workspaceId(emulator.workspaceId())
        .accessToken(AccessTokenSource.of(emulator.adminToken()))
        .readMode(readMode())
        .build();
  }

  ReadMode readMode() {
    return ReadMode.FUNCTION_RUNTIME;
  }

  /** The platform's management tells no versions. */
  @Override
  protected boolean numbersVersions() {
    return false;
  }

  /** The platform's values are text. */
  @Override
  protected boolean takesAnyBytes() {
    return false;
  }
}
