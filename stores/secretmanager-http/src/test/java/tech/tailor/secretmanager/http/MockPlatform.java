package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;

/**
 * A server on loopback that answers what a test tells it, method by method, and can seal values for
 * reads in either mode.
 */
final class MockPlatform implements AutoCloseable {

  static final String WORKSPACE = "01234567-89ab-cdef-0123-456789abcdef";
  static final String TOKEN = "canary-token-0b8c1f";
  static final ObjectMapper JSON = new ObjectMapper();

  final MockWebServer server = new MockWebServer();
  final List<Call> calls = new CopyOnWriteArrayList<>();
  final Map<String, String> values = new TreeMap<>();

  private final Map<String, Deque<Function<Call, MockResponse>>> next = new LinkedHashMap<>();
  private final Map<String, Function<Call, MockResponse>> always = new LinkedHashMap<>();
  private final Map<String, String> results = new LinkedHashMap<>();

  /** A call that arrived. */
  record Call(String method, JsonNode body, RecordedRequest request) {
    String header(String name) {
      return request.getHeaders().get(name);
    }
  }

  MockPlatform() {
    always.put("GetSecrets", this::getSecrets);
    always.put("TestExecScript", this::testExecScript);
    always.put("GetFunctionExecution", this::getFunctionExecution);
    server.setDispatcher(new Dispatcher() {
      @Override
      public MockResponse dispatch(RecordedRequest request) {
        return answer(request);
      }
    });
  }

  MockPlatform start() {
    try {
      server.start();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpSecretStore.Builder builder() {
    return HttpSecretStore.builder()
        .endpoint(server.url("/").uri())
        .workspaceId(WORKSPACE)
        .accessToken(AccessTokenSource.of(TOKEN));
  }

  /** Answers the next call of a method; the calls after it too, in the order given. */
  synchronized MockPlatform next(String method, MockResponse response) {
    return next(method, call -> response);
  }

  synchronized MockPlatform next(String method, Function<Call, MockResponse> response) {
    next.computeIfAbsent(method, key -> new ArrayDeque<>()).add(response);
    return this;
  }

  synchronized MockPlatform always(String method, MockResponse response) {
    always.put(method, call -> response);
    return this;
  }

  List<Call> calls(String method) {
    return calls.stream().filter(call -> call.method().equals(method)).toList();
  }

  static MockResponse ok(String json) {
    return new MockResponse.Builder()
        .addHeader("Content-Type", "application/json")
        .body(json)
        .build();
  }

  static MockResponse error(int status, String code) {
    return new MockResponse.Builder()
        .code(status)
        .addHeader("Content-Type", "application/json")
        .body("{\"code\":\"" + code + "\",\"message\":\"said with canary-in-a-message\"}")
        .build();
  }

  static MockResponse bare(int status) {
    return new MockResponse.Builder()
        .code(status)
        .addHeader("Content-Type", "text/html")
        .body("<html>canary-in-a-body</html>")
        .build();
  }

  static String named(String name) {
    return "{\"name\":\"" + name + "\",\"createTime\":\"2026-11-01T00:00:00Z\","
        + "\"updateTime\":\"2026-11-02T03:04:05.678Z\"}";
  }

  /** What the runtime service answers to a request, from {@link #values}. */
  MockResponse getSecrets(Call call) {
    JsonNode body = call.body();
    List<String> names = texts(body.get("secretNames"));
    ObjectNode answer = sealed(
        body.get("workspaceId"),
        body.get("vaultName"),
        names,
        body.get("nonce"),
        body.get("recipients"));
    ArrayNode secrets = answer.putArray("secrets");
    ArrayNode missing = answer.putArray("missingNames");
    for (String name : names) {
      if (values.containsKey(name)) {
        secrets
            .addObject()
            .put("name", name)
            .put("version", "3")
            .put("updateTime", "2026-11-02T03:04:05.678Z");
      } else {
        missing.add(name);
      }
    }
    return ok(answer.toString());
  }

  MockResponse testExecScript(Call call) {
    JsonNode arg = read(call.body().get("arg").asText());
    ObjectNode result = sealed(
        arg.get("workspaceId"),
        arg.get("vault"),
        texts(arg.get("names")),
        arg.get("nonce"),
        arg.get("recipients"));
    String id = "execution-" + results.size();
    results.put(id, result.put("protocol", 1).toString());
    return ok("{\"executionId\":\"" + id + "\"}");
  }

  MockResponse getFunctionExecution(Call call) {
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putObject("execution")
        .put("status", "STATUS_SUCCESS")
        .put("logs", "canary-in-the-logs")
        .put("result", results.get(call.body().get("executionId").asText()));
    return ok(answer.toString());
  }

  @Override
  public void close() {
    server.close();
  }

  private ObjectNode sealed(
      JsonNode workspace, JsonNode vault, List<String> names, JsonNode nonce, JsonNode recipients) {
    Map<String, byte[]> found = new TreeMap<>();
    for (String name : names) {
      String value = values.get(name);
      if (value != null) {
        found.put(name, value.getBytes(UTF_8));
      }
    }
    JsonNode recipient = recipients.get(0);
    Kem kem = Kem.ofWire(recipient.get("kem").asText());
    byte[] info = Sealer.info(
        workspace.asText(), vault.asText(), names, Base64.getDecoder().decode(nonce.asText()));
    byte[] publicKey = Base64.getDecoder().decode(recipient.get("publicKey").asText());
    return JSON.createObjectNode()
        .put("kem", kem.wireName())
        .put("sealed", Sealer.seal(kem, publicKey, info, Sealer.message(found)));
  }

  private synchronized MockResponse answer(RecordedRequest request) {
    String target = request.getTarget();
    String method = target.substring(target.lastIndexOf('/') + 1);
    String body = request.getBody() == null ? "" : request.getBody().utf8();
    boolean json = body.startsWith("{");
    Call call = new Call(method, json ? read(body) : JSON.createObjectNode(), request);
    calls.add(call);
    Deque<Function<Call, MockResponse>> queue = next.get(method);
    if (queue != null && !queue.isEmpty()) {
      return queue.remove().apply(call);
    }
    Function<Call, MockResponse> response = always.get(method);
    return response == null ? error(501, "unimplemented") : response.apply(call);
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
