package tech.tailor.secretmanager.examples.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.client.SecretManagers;
import tech.tailor.secretmanager.http.AccessTokenSource;
import tech.tailor.secretmanager.http.HttpSecretStore;
import tech.tailor.secretmanager.testing.emulator.EmulatorRole;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;
import tech.tailor.secretmanager.testing.junit5.WithEmulator;
import tech.tailor.secretmanager.testing.junit5.WithSecrets;

/**
 * How do I test the way over HTTP? Against an emulator, which is started, filled and reset for each
 * test.
 */
@WithEmulator
@WithSecrets("webhook-secrets.properties")
class WebhooksOverHttpTest {

  @Test
  void signature_isThatOfTheKeyOnTheServer(SecretManagerEmulator emulator)
      throws GeneralSecurityException {
    assertThat(sign(emulator, emulator.adminToken())).hasSize(64);
    assertThat(emulator.requests()).extracting(RequestRecord::outcome).containsOnly("ok");
  }

  @Test
  void faultsOfTheWay_areOvercome(SecretManagerEmulator emulator) throws GeneralSecurityException {
    for (Fault fault : new Fault[] {
      Fault.rateLimited(Duration.ZERO),
      Fault.httpStatus(503),
      Fault.reset(),
      Fault.slowBody(Duration.ofMillis(20)),
      Fault.latency(Duration.ofMillis(20))
    }) {
      emulator.clearRequests();
      emulator.faults().nextOfAny(1, fault);
      assertThat(sign(emulator, emulator.adminToken())).as("%s", fault).hasSize(64);
    }
  }

  @Test
  void tokenWithoutTheRight_isDenied(SecretManagerEmulator emulator) {
    String viewer = emulator.tokenFor(EmulatorRole.VIEWER).issue();
    assertThatThrownBy(() -> sign(emulator, viewer))
        .isInstanceOf(SecretAccessDeniedException.class);
    assertThat(emulator.requests())
        .extracting(RequestRecord::outcome)
        .containsOnly("permission_denied");
  }

  private static String sign(SecretManagerEmulator emulator, String token)
      throws GeneralSecurityException {
    HttpSecretStore store = HttpSecretStore.builder()
        .endpoint(emulator.endpoint())
        .workspaceId(emulator.workspaceId())
        .accessToken(AccessTokenSource.of(token))
        .build();
    try (SecretManager secretManager = SecretManagers.open(store)) {
      return new Webhooks(secretManager, (body, signature, unused) -> {}).sign("{}");
    }
  }
}
