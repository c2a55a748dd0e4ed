package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reader script, run by Node with its WebCrypto, and what it seals opened by Tink. */
class SealedReaderScriptTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WORKSPACE = "01234567-89ab-cdef-0123-456789abcdef";

  /** Stands in for the platform: gives the values it is given, and shows what else was done. */
  private static final String RUNTIME = """
      import { readFileSync } from "node:fs";
      const { secrets, fails, input, withoutX25519 } = JSON.parse(readFileSync(0, "utf8"));
      const asked = [];
      globalThis.tailor = { secretmanager: { getSecrets: async (vault, names) => {
        asked.push([vault, names]);
        if (fails) throw new Error("canary-in-an-error");
        return Object.fromEntries(names.filter((n) => n in secrets).map((n) => [n, secrets[n]]));
      } } };
      if (withoutX25519) {
        const generateKey = crypto.subtle.generateKey.bind(crypto.subtle);
        crypto.subtle.generateKey = async (algorithm, ...rest) => {
          if (algorithm.name === "X25519") throw new DOMException("unknown", "NotSupportedError");
          return generateKey(algorithm, ...rest);
        };
      }
      const { main } = await import("./sealed-reader.mjs");
      console.log(JSON.stringify({ result: await main(input), asked }));
      """;

  @TempDir
  Path directory;

  private final ReadKeys.Pairs keys = ReadKeys.Pairs.generate();

  @BeforeEach
  void node() throws Exception {
    assumeTrue(hasNode(), "SKIPPED: no node");
    Files.writeString(directory.resolve("runtime.mjs"), RUNTIME);
    Files.write(directory.resolve("sealed-reader.mjs"), script());
  }

  @ParameterizedTest
  @EnumSource(Kem.class)
  void script_sealsWhatTinkOpens(Kem kem) throws Exception {
    SealedRequest request = request("test-secret-1", "test-secret-2", "no-such-secret");
    Map<String, String> secrets = new LinkedHashMap<>();
    secrets.put("test-secret-2", "quotes \" and \\, umlauts äöü, a face \uD83D\uDE00\n");
    secrets.put("test-secret-1", "secret-value-1");

    JsonNode answer = run(argument(request, List.of(kem)), secrets, false, false);

    Map<String, byte[]> values = open(request, answer.get("result"));
    assertThat(values).containsOnlyKeys("test-secret-1", "test-secret-2");
    values.forEach(
        (name, value) -> assertThat(new String(value, UTF_8)).isEqualTo(secrets.get(name)));
    assertThat(answer.get("result").get("kem").asText()).isEqualTo(kem.wireName());
    assertThat(answer.get("asked").toString())
        .isEqualTo("[[\"default\",[\"test-secret-1\",\"test-secret-2\",\"no-such-secret\"]]]");
    assertThat(answer.toString()).doesNotContain("secret-value-1");
  }

  @Test
  void script_takesTheFirstKemThatItsRuntimeCanDo() throws Exception {
    SealedRequest request = request("test-secret-1");
    Map<String, String> secrets = Map.of("test-secret-1", "value");

    assertThat(kem(run(argument(request, List.of(Kem.values())), secrets, false, false)))
        .isEqualTo("KEM_X25519");
    JsonNode without = run(argument(request, List.of(Kem.values())), secrets, false, true);
    assertThat(kem(without)).isEqualTo("KEM_P256");
    assertThat(open(request, without.get("result"))).containsOnlyKeys("test-secret-1");
  }

  @Test
  void noKemInCommon_isSaid() throws Exception {
    SealedRequest request = request("test-secret-1");

    JsonNode answer = run(argument(request, List.of(Kem.X25519)), Map.of(), false, true);

    assertThat(answer.get("result").toString()).isEqualTo("{\"protocol\":1,\"error\":\"no_kem\"}");
  }

  @Test
  void nothingFound_isSealedToo() throws Exception {
    SealedRequest request = request("no-such-secret");

    JsonNode answer =
        run(argument(request, List.of(Kem.X25519)), Map.of("other", "x"), false, false);

    assertThat(open(request, answer.get("result"))).isEmpty();
  }

  @Test
  void seal_ofAnotherRequest_doesNotOpen() throws Exception {
    SealedRequest request = request("test-secret-1");
    JsonNode answer =
        run(argument(request, List.of(Kem.X25519)), Map.of("test-secret-1", "value"), false, false);
    SealedRequest sameAgain = request("test-secret-1"); // but for the nonce

    assertThatThrownBy(() -> open(sameAgain, answer.get("result")))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void failure_isReportedWithoutItsMessage() throws Exception {
    JsonNode answer =
        run(argument(request("test-secret-1"), List.of(Kem.X25519)), Map.of(), true, false);

    assertThat(answer.get("result").toString())
        .isEqualTo("{\"protocol\":1,\"error\":\"read_failed\"}");
  }

  @Test
  void largestAnswer_isSealed_aLargerOneIsNot() throws Exception {
    Map<String, String> secrets = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      secrets.put("large-" + i, "x".repeat(131_072));
    }
    SealedRequest request = request(secrets.keySet().toArray(String[]::new));
    JsonNode fits = run(argument(request, List.of(Kem.X25519)), secrets, false, false);
    assertThat(open(request, fits.get("result"))).hasSize(3);

    secrets.put("large-3", "x".repeat(131_072));
    SealedRequest larger = request(secrets.keySet().toArray(String[]::new));
    JsonNode refused = run(argument(larger, List.of(Kem.X25519)), secrets, false, false);
    assertThat(refused.get("result").get("error").asText()).isEqualTo("too_large");

    SealedRequest single = request("large-0");
    JsonNode tooLong = run(
        argument(single, List.of(Kem.X25519)),
        Map.of("large-0", "x".repeat(131_073)),
        false,
        false);
    assertThat(tooLong.get("result").get("error").asText()).isEqualTo("too_large");
  }

  @Test
  void malformedRequest_isRefused_andNothingIsRead() throws Exception {
    ObjectNode good = argument(request("test-secret-1"), List.of(Kem.X25519));
    List<JsonNode> bad = new ArrayList<>();
    bad.add(JSON.nullNode());
    bad.add(JSON.getNodeFactory().textNode("text"));
    bad.add(good.deepCopy().put("protocol", 2));
    bad.add(good.deepCopy().put("nonce", "AAAA"));
    bad.add(good.deepCopy().put("nonce", "not base64"));
    bad.add(good.deepCopy().set("names", JSON.createArrayNode()));
    bad.add(good.deepCopy().set("names", JSON.createArrayNode().add("a-name").add("a-name")));
    bad.add(good.deepCopy().set("names", JSON.createArrayNode().add(1)));
    bad.add(good.deepCopy().remove(List.of("recipients")));
    ObjectNode shortKey = good.deepCopy();
    ((ObjectNode) shortKey.get("recipients").get(0)).put("publicKey", "AAAA");
    bad.add(shortKey);

    for (JsonNode input : bad) {
      JsonNode answer = run(input, Map.of("test-secret-1", "value"), false, false);
      assertThat(answer.toString())
          .isEqualTo("{\"result\":{\"protocol\":1,\"error\":\"invalid_request\"},\"asked\":[]}");
    }
  }

  @Test
  void firstLine_isTheOneServersKnowItBy() throws Exception {
    assertThat(new String(script(), UTF_8).lines().findFirst())
        .contains("// tailor.secretmanager sealed reader, protocol 1");
  }

  private SealedRequest request(String... names) {
    return SealedRequest.of(WORKSPACE, "default", List.of(names), keys);
  }

  private static Map<String, byte[]> open(SealedRequest request, JsonNode result) throws Exception {
    assertThat(result.get("error")).isNull();
    byte[] info =
        Sealer.info(request.workspaceId(), request.vault(), request.names(), request.nonce());
    byte[] message = request
        .keys()
        .open(
            Kem.ofWire(result.get("kem").asText()),
            Base64.getDecoder().decode(result.get("sealed").asText()),
            info);
    return SealedMessage.read(message, Set.copyOf(request.names()));
  }

  private static String kem(JsonNode answer) {
    return answer.get("result").get("kem").asText();
  }

  private ObjectNode argument(SealedRequest request, List<Kem> kems) {
    ArrayNode recipients = JSON.createArrayNode();
    for (Kem kem : kems) {
      recipients.addObject().put("kem", kem.wireName()).put("publicKey", keys.publicKey(kem));
    }
    ObjectNode argument = JSON.createObjectNode()
        .put("protocol", 1)
        .put("workspaceId", request.workspaceId())
        .put("vault", request.vault())
        .put("nonce", request.nonce());
    argument.set("names", JSON.valueToTree(request.names()));
    argument.set("recipients", recipients);
    return argument;
  }

  private JsonNode run(
      JsonNode input, Map<String, String> secrets, boolean fails, boolean withoutX25519)
      throws Exception {
    ObjectNode given =
        JSON.createObjectNode().put("fails", fails).put("withoutX25519", withoutX25519);
    given.set("secrets", JSON.valueToTree(secrets));
    given.set("input", input);
    Path in = directory.resolve("in.json");
    Path out = directory.resolve("out.json");
    Path err = directory.resolve("err.txt");
    JSON.writeValue(in.toFile(), given);
    Process node = new ProcessBuilder("node", "--no-warnings", "runtime.mjs")
        .directory(directory.toFile())
        .redirectInput(in.toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile())
        .start();
    assertThat(node.waitFor(5, TimeUnit.MINUTES)).as("node ends").isTrue();
    assertThat(Files.readString(err)).isEmpty();
    assertThat(node.exitValue()).isZero();
    return JSON.readTree(out.toFile());
  }

  private static byte[] script() throws IOException {
    try (var in = FunctionRuntimeReads.class.getResourceAsStream(
        "/META-INF/tech.tailor.secretmanager/sealed-reader.js")) {
      return in.readAllBytes();
    }
  }

  private static boolean hasNode() throws InterruptedException {
    try {
      return new ProcessBuilder("node", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
