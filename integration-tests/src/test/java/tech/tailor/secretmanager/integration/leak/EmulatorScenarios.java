package tech.tailor.secretmanager.integration.leak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tech.tailor.secretmanager.testing.emulator.Fault;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * What is sent to an emulator, rightly and wrongly, with the secret as value, as token, as name and
 * as anything else; what it answers, and what it tells of its requests.
 */
final class EmulatorScenarios {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SERVICE = "/tailor.v1.OperatorService/";
  private static final List<String> WRITES =
      List.of("CreateSecretManagerSecret", "UpdateSecretManagerSecret");

  private final String secret;
  private final List<Scenarios.Scenario> scenarios = new ArrayList<>();

  private EmulatorScenarios(String secret) {
    this.secret = secret;
  }

  static List<Scenarios.Scenario> around(String secret) {
    EmulatorScenarios scenarios = new EmulatorScenarios(secret);
    scenarios.addWrites();
    scenarios.addOddRequests();
    scenarios.addFaults();
    return scenarios.scenarios;
  }

  /** What goes to the emulator, with what it needs to know of it. */
  private interface Exchange {
    String with(SecretManagerEmulator emulator) throws IOException;
  }

  private void addWrites() {
    for (String method : WRITES) {
      add("emulator, " + method, emulator -> post(emulator, method, write(emulator, secret)));
      add(
          "emulator, " + method + " of a value that is too large",
          emulator -> post(emulator, method, write(emulator, secret.repeat(2_000))));
      add("emulator, " + method + " in broken JSON", emulator -> {
        String body = write(emulator, secret);
        return post(emulator, method, body.substring(0, body.length() - 2));
      });
      add(
          "emulator, " + method + " of bare text",
          emulator -> post(emulator, method, "{\"secretmanagerSecretValue\":" + secret + "}"));
      add(
          "emulator, " + method + " as invalid protobuf",
          emulator -> post(emulator, method, "application/proto", bearer(emulator), secret));
      add(
          "emulator, " + method + " as a form",
          emulator -> post(
              emulator, method, "application/x-www-form-urlencoded", bearer(emulator), secret));
    }
  }

  private void addOddRequests() {
    for (String field :
        List.of("workspaceId", "secretmanagerVaultName", "pageToken", "pageDirection", "trn")) {
      String body = json(Map.of(field, secret));
      for (String method : List.of(
          "GetSecretManagerVault", "ListSecretManagerVaults", "GetMetadata", "TestExecScript")) {
        add(
            "emulator, the secret as " + field + " of " + method,
            emulator -> post(emulator, method, body));
      }
    }
    add(
        "emulator, the secret as a label",
        emulator -> post(
            emulator,
            "SetMetadata",
            json(Map.of(
                "trn",
                "trn:v1:workspace:" + emulator.workspaceId() + ":vault:default",
                "labels",
                Map.of(secret, secret)))));
    add(
        "emulator, the secret as a label to look for",
        emulator -> post(
            emulator,
            "ListMetadata",
            json(Map.of("workspaceId", emulator.workspaceId(), "labels", Map.of(secret, secret)))));
    add(
        "emulator, the secret as a resource name of several",
        emulator -> post(
            emulator,
            "BulkSetMetadata",
            json(Map.of("requests", List.of(Map.of("trn", secret, "labels", Map.of()))))));
    add(
        "emulator, the secret as a script",
        emulator -> post(
            emulator,
            "TestExecScript",
            json(Map.of("workspaceId", emulator.workspaceId(), "code", secret, "arg", secret))));
    add(
        "emulator, the secret as a token",
        emulator -> post(
            emulator,
            "ListSecretManagerVaults",
            "application/json",
            "Authorization: Bearer " + secret + "\r\n",
            "{}"));
    add(
        "emulator, the secret as a method",
        emulator -> post(emulator, secret.replaceAll("[^A-Za-z0-9+/=]", "x"), "{}"));
    add(
        "emulator, the secret as a header",
        emulator -> post(
            emulator,
            "ListSecretManagerVaults",
            "application/json",
            bearer(emulator) + "Connect-Protocol-Version: " + secret + "\r\n",
            "{}"));
  }

  private void addFaults() {
    for (Fault fault : List.of(
        Fault.error("internal"),
        Fault.rateLimited(Duration.ofSeconds(1)),
        Fault.httpStatus(502),
        Fault.reset(),
        Fault.latency(Duration.ofMillis(1)),
        Fault.slowBody(Duration.ofMillis(1)))) {
      add("emulator, " + fault, emulator -> {
        emulator.faults().nextOfAny(1, fault);
        return post(emulator, "UpdateSecretManagerSecret", write(emulator, secret));
      });
    }
  }

  private void add(String name, Exchange exchange) {
    scenarios.add(new Scenarios.Scenario(name, () -> {
      try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
        emulator.put("default", "api-key", secret);
        List<Object> told = new ArrayList<>();
        told.add(exchange.with(emulator));
        told.add(emulator.requests());
        told.add(emulator.faults());
        told.add(emulator.toString());
        return told;
      }
    }));
  }

  private static String write(SecretManagerEmulator emulator, String value) {
    return json(Map.of(
        "workspaceId",
        emulator.workspaceId(),
        "secretmanagerVaultName",
        "default",
        "secretmanagerSecretName",
        "api-key",
        "secretmanagerSecretValue",
        value));
  }

  private static String json(Map<String, ?> fields) {
    return MAPPER.valueToTree(fields).toString();
  }

  private static String bearer(SecretManagerEmulator emulator) {
    return "Authorization: Bearer " + emulator.adminToken() + "\r\n";
  }

  private static String post(SecretManagerEmulator emulator, String method, String body)
      throws IOException {
    return post(emulator, method, "application/json", bearer(emulator), body);
  }

  /** The whole answer, as it came. */
  private static String post(
      SecretManagerEmulator emulator, String method, String type, String headers, String body)
      throws IOException {
    byte[] content = body.getBytes(UTF_8);
    String head = "POST " + SERVICE + method + " HTTP/1.1\r\nHost: localhost\r\n" + headers
        + "Content-Type: " + type + "\r\nContent-Length: " + content.length
        + "\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", emulator.endpoint().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().write(content);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
