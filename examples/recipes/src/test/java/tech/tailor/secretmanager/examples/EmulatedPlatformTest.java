package tech.tailor.secretmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tech.tailor.secretmanager.testing.emulator.EmulatorRole;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * How do I test what talks to the platform over HTTP, outages and missing rights included? Against
 * the emulator, with any client; here the JDK's.
 */
class EmulatedPlatformTest {

  @Test
  void outageAndMissingRight_areSeen() throws IOException, InterruptedException {
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      emulator.put("default", "greeting", "hello");
      String viewer =
          emulator.tokenFor(EmulatorRole.VIEWER).lifetime(Duration.ofMinutes(5)).issue();
      emulator
          .faults()
          .next("ListSecretManagerSecrets", 1, Fault.rateLimited(Duration.ofSeconds(3)));

      HttpResponse<String> limited = call(emulator, viewer, "ListSecretManagerSecrets");
      HttpResponse<String> listed = call(emulator, viewer, "ListSecretManagerSecrets");
      HttpResponse<String> denied = call(emulator, viewer, "DeleteSecretManagerVault");

      assertThat(limited.statusCode()).isEqualTo(429);
      assertThat(limited.headers().firstValue("Retry-After")).hasValue("3");
      assertThat(listed.body()).contains("\"name\":\"greeting\"");
      assertThat(denied.body()).contains("permission_denied");
      assertThat(emulator.requests())
          .extracting(RequestRecord::outcome)
          .containsExactly("resource_exhausted", "ok", "permission_denied");
    }
  }

  private static HttpResponse<String> call(
      SecretManagerEmulator emulator, String token, String method)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(
            emulator.endpoint().resolve("/tailor.v1.OperatorService/" + method))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{\"workspaceId\":\"" + emulator.workspaceId()
            + "\",\"secretmanagerVaultName\":\"default\"}"))
        .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
