package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ways to read values. */
class ValueReadsTest {

  private static final String SCRIPT =
      "// tailor.secretmanager sealed reader, protocol 1\nexport async function main() {}\n";
  private static final List<String> NAMES =
      List.of("test-secret-2", "no-such-key", "test-secret-1");

  private static SecretManagerEmulator emulator;
  private static Connect admin;

  @BeforeAll
  static void start() {
    emulator = SecretManagerEmulator.builder().runningPolls(2).start();
    emulator.put("default", "test-secret-1", "secret-value-1");
    emulator.put("default", "test-secret-2", "an older value");
    emulator.put("default", "test-secret-2", "secret-value-2");
    emulator.put("large", "key-1", "x".repeat(131_072));
    IntStream.rangeClosed(2, 9).forEach(i -> emulator.put("large", "key-" + i, "y".repeat(65_000)));
    admin = Connect.to(emulator);
  }

  @AfterAll
  static void stop() {
    emulator.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"KEM_X25519", "KEM_P256"})
  void getSecrets_sealsWhatIsThere(String kem) {
    Reader reader = new Reader(kem);

    Connect.Reply reply = admin.call("GetSecrets", reader.request("default", NAMES));

    assertThat(reader.open(reply.body(), emulator.workspaceId(), "default", NAMES))
        .containsExactly(
            Map.entry("test-secret-1", "secret-value-1"),
            Map.entry("test-secret-2", "secret-value-2"));
    assertThat(reply.body().path("secrets").findValuesAsText("name"))
        .containsExactly("test-secret-2", "test-secret-1");
    assertThat(reply.at("/secrets/0/version").asText()).isEqualTo("2");
    assertThat(reply.at("/secrets/0/updateTime").asText()).endsWith("Z");
    assertThat(reply.at("/missingNames").toString()).isEqualTo("[\"no-such-key\"]");
    assertThat(new String(reply.response().body(), UTF_8)).doesNotContain("secret-value");
  }

  @Test
  void seal_isBoundToTheQuestion() {
    Reader reader = new Reader("KEM_X25519");
    JsonNode answer = admin.call("GetSecrets", reader.request("default", NAMES)).body();

    for (List<String> others : List.of(
        List.of("test-secret-1", "no-such-key", "test-secret-2"), List.of("test-secret-1"))) {
      assertThatThrownBy(() -> reader.open(answer, emulator.workspaceId(), "default", others))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> reader.open(answer, emulator.workspaceId(), "another", NAMES))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> reader.open(answer, "another", "default", NAMES))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nothingFound_isSealedAllTheSame() {
    Reader reader = new Reader("KEM_X25519");
    List<String> names = List.of("no-such-key");

    Connect.Reply reply = admin.call("GetSecrets", reader.request("default", names));

    assertThat(reader.open(reply.body(), emulator.workspaceId(), "default", names))
        .isEmpty();
  }

  @Test
  void missingVault_isNotFound() {
    Reader reader = new Reader("KEM_X25519");

    assertThat(admin.call("GetSecrets", reader.request("no-such-vault", NAMES)).code())
        .isEqualTo("not_found");
  }

  @Test
  void tooMuchAtOnce_isOutOfRange() {
    List<String> eight = IntStream.rangeClosed(2, 9).mapToObj(i -> "key-" + i).toList();
    List<String> nine = IntStream.rangeClosed(1, 9).mapToObj(i -> "key-" + i).toList();
    Reader reader = new Reader("KEM_X25519");

    Connect.Reply fits = admin.call("GetSecrets", reader.request("large", eight));
    Connect.Reply tooMuch = admin.call("GetSecrets", reader.request("large", nine));

    assertThat(Connect.expectOk(fits).body().path("secrets")).hasSize(8);
    assertThat(tooMuch.code()).isEqualTo("out_of_range");
  }

  @Test
  void malformedQuestion_isRefused() {
    Reader reader = new Reader("KEM_X25519");
    String key = Base64.getEncoder().encodeToString(reader.publicKey());
    String zeros = Base64.getEncoder().encodeToString(new byte[32]);

    assertThat(refusal(reader, Map.of("secretNames", List.of()))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, Map.of("secretNames", List.of("api-key", "api-key"))))
        .isEqualTo("invalid_argument");
    assertThat(refusal(reader, Map.of("secretNames", List.of("Bad Name"))))
        .isEqualTo("invalid_argument");
    assertThat(refusal(reader, Map.of("nonce", "AAAA"))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, Map.of("recipients", List.of()))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, recipient("KEM_X25519", "AAAA"))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, recipient("KEM_X25519", zeros))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, recipient("KEM_P256", key))).isEqualTo("invalid_argument");
    assertThat(refusal(reader, recipient("KEM_UNSPECIFIED", key))).isEqualTo("failed_precondition");
  }

  private static Map<String, ?> recipient(String kem, String publicKey) {
    return Map.of("recipients", List.of(Map.of("kem", kem, "publicKey", publicKey)));
  }

  private static String refusal(Reader reader, Map<String, ?> changed) {
    Map<String, Object> fields = new HashMap<>(reader.request("default", NAMES));
    fields.putAll(changed);
    return admin.call("GetSecrets", fields).code();
  }

  @ParameterizedTest
  @ValueSource(strings = {"KEM_X25519", "KEM_P256"})
  void readerScript_runs(String kem) throws JsonProcessingException {
    Reader reader = new Reader(kem);
    String id = run(reader.argument(emulator.workspaceId(), "default", NAMES));

    JsonNode first = poll(admin, id).body().path("execution");
    JsonNode second = poll(admin, id).body().path("execution");
    JsonNode third = poll(admin, id).body().path("execution");

    assertThat(List.of(first, second)).allSatisfy(execution -> {
      assertThat(execution.path("status").asText()).isEqualTo("STATUS_RUNNING");
      assertThat(execution.path("startedAt").asText()).isNotEmpty();
      assertThat(execution.has("finishedAt")).isFalse();
      assertThat(execution.has("result")).isFalse();
    });
    assertThat(Instant.parse(third.path("finishedAt").asText()))
        .isAfterOrEqualTo(Instant.parse(third.path("startedAt").asText()));
    assertThat(third.path("status").asText()).isEqualTo("STATUS_SUCCESS");
    assertThat(third.path("id").asText()).isEqualTo(id);
    JsonNode result = Connect.MAPPER.readTree(third.path("result").asText());
    assertThat(result.path("protocol").asInt()).isEqualTo(1);
    assertThat(reader.open(result, emulator.workspaceId(), "default", NAMES))
        .isEqualTo(Map.of("test-secret-1", "secret-value-1", "test-secret-2", "secret-value-2"));
  }

  @Test
  void readerScript_tellsWhatIsWrong() {
    Reader reader = new Reader("KEM_X25519");
    String workspace = emulator.workspaceId();
    String good = reader.argument(workspace, "default", NAMES);
    List<String> nine = IntStream.rangeClosed(1, 9).mapToObj(i -> "key-" + i).toList();

    assertThat(resultOf(reader.argument(workspace, "no-such-vault", NAMES)))
        .isEqualTo("{\"protocol\":1,\"error\":\"read_failed\"}");
    assertThat(resultOf(reader.argument(workspace, "large", nine))).contains("\"too_large\"");
    assertThat(resultOf(good.replace("KEM_X25519", "KEM_NEW"))).contains("\"no_kem\"");
    assertThat(resultOf(good.replace("\"protocol\":1", "\"protocol\":2")))
        .contains("\"invalid_request\"");
    assertThat(resultOf(good + "x")).contains("\"invalid_request\"");
    assertThat(resultOf("")).contains("\"invalid_request\"");
  }

  @Test
  void otherCode_isNotRun() {
    Connect.Reply reply = admin.call(
        "TestExecScript",
        Map.of("name", "other.js", "code", "export async function main() {}", "arg", "{}"));

    assertThat(reply.status()).isEqualTo(501);
    assertThat(reply.code()).isEqualTo("unimplemented");
  }

  @Test
  void execution_isThereForWhoMayReadTheVault() {
    Reader reader = new Reader("KEM_X25519");
    String id = run(reader.argument(emulator.workspaceId(), "default", NAMES));
    Connect limited = Connect.to(
        emulator, emulator.tokenFor(EmulatorRole.EDITOR).vaults("large").issue());

    assertThat(poll(limited, id).code()).isEqualTo("not_found");
    assertThat(poll(limited, "no-such-id").code()).isEqualTo("not_found");
    assertThat(poll(admin, id).status()).isEqualTo(200);
    assertThat(limited
            .call(
                "TestExecScript",
                Map.of(
                    "code",
                    SCRIPT,
                    "arg",
                    reader.argument(emulator.workspaceId(), "default", NAMES)))
            .code())
        .isEqualTo("permission_denied");
  }

  private static String resultOf(String argument) {
    String id = run(argument);
    poll(admin, id);
    poll(admin, id);
    return poll(admin, id).at("/execution/result").asText();
  }

  private static String run(String argument) {
    return Connect.expectOk(admin.call(
            "TestExecScript",
            Map.of("name", "tailor-secretmanager-sealed-read.js", "code", SCRIPT, "arg", argument)))
        .at("/executionId")
        .asText();
  }

  private static Connect.Reply poll(Connect client, String id) {
    return client.call("GetFunctionExecution", Map.of("executionId", id));
  }
}
