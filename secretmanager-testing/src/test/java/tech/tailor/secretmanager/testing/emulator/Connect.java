package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** A client as plain as it gets: the JDK's, with JSON, and nothing of the library's. */
public final class Connect {

  static final ObjectMapper MAPPER = new ObjectMapper();

  private static final HttpClient HTTP = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(10))
      .build();

  private final URI endpoint;
  private final String workspaceId;
  private final String token;

  private Connect(URI endpoint, String workspaceId, String token) {
    this.endpoint = endpoint;
    this.workspaceId = workspaceId;
    this.token = token;
  }

  /**
   * What came back.
   *
   * @param code of Connect; empty if the body is no error
   */
  public record Reply(int status, String code, JsonNode body, HttpResponse<byte[]> response) {

    JsonNode at(String pointer) {
      return body.at(pointer);
    }
  }

  public static Connect to(SecretManagerEmulator emulator) {
    return to(emulator, emulator.adminToken());
  }

  public static Connect to(SecretManagerEmulator emulator, String token) {
    return new Connect(emulator.endpoint(), emulator.workspaceId(), token);
  }

  /** Calls a method with fields; the workspace id is added. */
  public Reply call(String method, Map<String, ?> fields) {
    ObjectNode body = MAPPER.valueToTree(fields);
    if (!body.has("trn") && !body.has("workspaceId")) {
      body.put("workspaceId", workspaceId);
    }
    return send(
        request(Rpc.named(method).path(), body.toString().getBytes(UTF_8)).build());
  }

  HttpRequest.Builder request(String path, byte[] body) {
    return HttpRequest.newBuilder(endpoint.resolve(path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + token)
        .header("Connect-Protocol-Version", "1")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  static Reply send(HttpRequest request) {
    try {
      HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
      JsonNode body = response
                  .headers()
                  .firstValue("Content-Type")
                  .filter("application/json"::equals)
                  .isPresent()
              && response.headers().firstValue("Content-Encoding").isEmpty()
          ? MAPPER.readTree(response.body())
          : MAPPER.missingNode();
      return new Reply(response.statusCode(), body.path("code").asText(), body, response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  void createVault(String vault) {
    expectOk(call("CreateSecretManagerVault", Map.of("secretmanagerVaultName", vault)));
  }

  void createSecret(String vault, String name, String value) {
    expectOk(call(
        "CreateSecretManagerSecret",
        Map.of(
            "secretmanagerVaultName", vault,
            "secretmanagerSecretName", name,
            "secretmanagerSecretValue", value)));
  }

  static Reply expectOk(Reply reply) {
    if (reply.status() != 200) {
      throw new AssertionError("Answered " + reply.status() + " " + reply.code());
    }
    return reply;
  }
}
