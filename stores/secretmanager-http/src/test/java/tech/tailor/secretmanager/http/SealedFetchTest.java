package tech.tailor.secretmanager.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.http.MockPlatform.error;
import static tech.tailor.secretmanager.http.MockPlatform.named;
import static tech.tailor.secretmanager.http.MockPlatform.ok;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretIntegrityException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.spi.SecretOutcome;

/** Reads in both modes, against a server that seals with code of its own. */
class SealedFetchTest {

  private final MockPlatform platform = new MockPlatform().start();
  private final AtomicLong now = new AtomicLong();
  private final List<Long> slept = new ArrayList<>();
  private final Pauses pauses = new Pauses(
      now::get,
      nanos -> {
        slept.add(nanos);
        now.addAndGet(nanos);
      },
      () -> 0.5);
  private HttpSecretStore store;

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
    platform.close();
  }

  @ParameterizedTest
  @EnumSource(ReadMode.class)
  void values_areReadSealed(ReadMode readMode) {
    open(readMode);
    platform.values.put("test-secret-1", "secret-value-1");
    platform.values.put("test-secret-2", "äöü \uD83D\uDE00");
    platform.always("GetSecretManagerVault", ok("{\"vault\":" + named("default") + "}"));

    Map<String, SecretOutcome> outcomes =
        store.fetch("default", Set.of("test-secret-1", "test-secret-2", "no-such-secret"));

    assertThat(texts(outcomes))
        .isEqualTo(Map.of(
            "test-secret-1",
            "secret-value-1",
            "test-secret-2",
            "äöü \uD83D\uDE00",
            "no-such-secret",
            "missing SECRET"));
    assertThat(platform.calls("GetSecretManagerVault")).isEmpty();
  }

  @Test
  void runtimeService_tellsVersionAndTime_functionRuntimeNeither() {
    platform.values.put("test-secret-1", "value");
    open(ReadMode.RUNTIME_SERVICE);
    SecretOutcome.Found found =
        (SecretOutcome.Found) store.fetch("default", Set.of("test-secret-1")).get("test-secret-1");
    assertThat(found.value().version()).isEqualTo(3);
    assertThat(found.value().updateTime()).contains(Instant.parse("2026-11-02T03:04:05.678Z"));
    assertThat(platform.calls.get(0).request().getTarget())
        .isEqualTo("/tailor.secretmanager.v1.RuntimeService/GetSecrets");
    store.close();

    open(ReadMode.FUNCTION_RUNTIME);
    found =
        (SecretOutcome.Found) store.fetch("default", Set.of("test-secret-1")).get("test-secret-1");
    assertThat(found.value().version()).isZero();
    assertThat(found.value().updateTime()).isEmpty();
    JsonNode started = platform.calls("TestExecScript").get(0).body();
    assertThat(started.get("name").asText()).isEqualTo("tailor-secretmanager-sealed-read.js");
    assertThat(started.get("code").asText())
        .startsWith("// tailor.secretmanager sealed reader, protocol 1\n");
    assertThat(started.has("invoker")).isFalse();
  }

  @Test
  void invoker_isPassedOn() {
    platform.values.put("test-secret-1", "value");
    store = platform.builder().invoker("my-auth", "reader").build();

    store.fetch("default", Set.of("test-secret-1"));

    assertThat(platform.calls("TestExecScript").get(0).body().get("invoker").toString())
        .isEqualTo("{\"namespace\":\"my-auth\",\"machineUserName\":\"reader\"}");
  }

  @Test
  void missingVault_isToldByTheRuntimeService() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.always("GetSecrets", error(404, "not_found"));

    assertThat(texts(store.fetch("default", Set.of("aaa", "bbb"))))
        .isEqualTo(Map.of("aaa", "missing VAULT", "bbb", "missing VAULT"));
    assertThat(platform.calls).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void missingVault_isAskedForByTheFunctionRuntime(boolean exists) {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.always(
        "GetSecretManagerVault",
        exists ? ok("{\"vault\":" + named("default") + "}") : error(404, "not_found"));

    assertThat(texts(store.fetch("default", Set.of("aaa"))))
        .isEqualTo(Map.of("aaa", exists ? "missing SECRET" : "missing VAULT"));

    platform.always("GetFunctionExecution", result("{\"protocol\":1,\"error\":\"read_failed\"}"));
    if (exists) {
      assertFailure(SecretUnavailableException.class, "which exists");
    } else {
      assertThat(texts(store.fetch("default", Set.of("aaa"))))
          .isEqualTo(Map.of("aaa", "missing VAULT"));
    }
  }

  @Test
  void execution_isPolled_withBackOff() {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.values.put("test-secret-1", "value");
    platform.next("GetFunctionExecution", error(404, "not_found"));
    for (String status :
        List.of("\"STATUS_RUNNING\"", "\"STATUS_UNSPECIFIED\"", "3", "0", "null")) {
      platform.next("GetFunctionExecution", ok("{\"execution\":{\"status\":" + status + "}}"));
    }
    platform.next("GetFunctionExecution", ok("{\"execution\":{}}"));

    assertThat(texts(store.fetch("default", Set.of("test-secret-1")))).containsValue("value");

    assertThat(platform.calls("GetFunctionExecution")).hasSize(8);
    assertThat(slept)
        .containsExactly(
            22_500_000L,
            45_000_000L,
            90_000_000L,
            180_000_000L,
            360_000_000L,
            720_000_000L,
            900_000_000L);
  }

  @Test
  void execution_thatNeverEnds_isATimeout() {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.always("GetFunctionExecution", ok("{\"execution\":{\"status\":\"STATUS_RUNNING\"}}"));

    assertFailure(SecretTimeoutException.class, "did not finish");
    assertThat(Duration.ofNanos(now.get())).isLessThanOrEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void failedExecution_isAProtocolError_withoutItsResult() {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.always(
        "GetFunctionExecution",
        ok("{\"execution\":{\"status\":\"STATUS_FAILED\",\"result\":\"canary-result\","
            + "\"logs\":\"canary-logs\"}}"));

    assertFailure(SecretProtocolException.class, "failed in the function runtime");
  }

  /** So a stale value may answer meanwhile. */
  @ParameterizedTest
  @ValueSource(strings = {"\"errorKind\":\"FUNCTION_ERROR_KIND_PLATFORM\"", "\"error_kind\":4"})
  void executionThatThePlatformFailed_isUnavailable(String errorKind) {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.always(
        "GetFunctionExecution",
        ok("{\"execution\":{\"status\":\"STATUS_FAILED\"," + errorKind
            + ",\"error\":{\"name\":\"canary-name\",\"message\":\"canary-message\"}}}"));

    assertFailure(SecretUnavailableException.class, "the function runtime failed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"protocol\":2,\"kem\":\"KEM_X25519\",\"sealed\":\"AAAA\"}",
        "{\"protocol\":1,\"kem\":\"KEM_X25519\"}",
        "{\"protocol\":1,\"sealed\":\"AAAA\"}",
        "{\"protocol\":1,\"kem\":\"KEM_OTHER\",\"sealed\":\"AAAA\"}",
        "{\"protocol\":1,\"kem\":\"KEM_X25519\",\"sealed\":\"canary!\"}",
        "{\"protocol\":1,\"error\":\"no_kem\"}",
        "{\"protocol\":1,\"error\":\"canary-error\"}",
        "{\"canary\":1,\"canary\":2}"
      })
  void strangeResult_isAProtocolError(String result) {
    open(ReadMode.FUNCTION_RUNTIME);
    platform.always("GetFunctionExecution", result(result));

    assertFailure(SecretProtocolException.class, "can't be read");
  }

  @Test
  void sealOfAnotherRequest_isAnIntegrityError() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.values.put("aaa", "value");
    MockResponse[] first = new MockResponse[1];
    platform.next("GetSecrets", call -> {
      first[0] = platform.getSecrets(call);
      return first[0];
    });
    platform.next("GetSecrets", call -> first[0]); // replayed

    assertThat(texts(store.fetch("default", Set.of("aaa")))).containsValue("value");
    assertFailure(SecretIntegrityException.class, "was not sealed for this request");
  }

  @Test
  void everyFlippedBitOfASeal_isAnIntegrityError() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.values.put("aaa", "v");
    int[] accepted = new int[1];
    int mutations = 0;
    for (int bit = 0; bit < 8 * 60; bit += 7) {
      int flipped = bit;
      platform.next("GetSecrets", call -> {
        ObjectNode answer = json(platform.getSecrets(call));
        byte[] sealed = Base64.getDecoder().decode(answer.get("sealed").asText());
        sealed[flipped / 8] ^= (byte) (1 << (flipped % 8));
        return ok(answer.put("sealed", sealed).toString());
      });
      mutations++;
      try {
        store.fetch("default", Set.of("aaa"));
        // X25519 ignores the highest bit of a public key (RFC 7748); the seal binds the bytes sent.
        accepted[0]++;
      } catch (SecretIntegrityException e) {
        assertThat(e).hasNoCause();
      }
    }
    System.out.println("flipped bits of a seal: " + mutations + ", accepted: " + accepted[0]);
    assertThat(accepted[0]).isZero();
  }

  @Test
  void namesThatDisagree_areAProtocolError() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.values.put("aaa", "value");
    List<String> wrong = List.of(
        "{\"secrets\":[],\"missingNames\":[]}",
        "{\"secrets\":[],\"missingNames\":[\"aaa\"]}",
        "{\"secrets\":[{\"name\":\"aaa\"}],\"missingNames\":[\"aaa\"]}",
        "{\"secrets\":[{\"name\":\"aaa\"},{\"name\":\"bbb\"}],\"missingNames\":[]}",
        "{\"secrets\":[{\"name\":\"bbb\"}],\"missingNames\":[]}",
        "{\"secrets\":[{\"name\":\"aaa\"}],\"missingNames\":[\"bbb\"]}");
    for (String told : wrong) {
      platform.next("GetSecrets", call -> {
        ObjectNode answer = json(platform.getSecrets(call));
        answer.setAll(json(ok(told)));
        return ok(answer.toString());
      });
      assertFailure(SecretProtocolException.class, "the names in clear");
    }
  }

  @ParameterizedTest
  @EnumSource(ReadMode.class)
  void moreThanOneAnswerTakes_isAskedForInHalves(ReadMode readMode) {
    open(readMode);
    List<String> names = List.of("aaa", "bbb", "ccc");
    names.forEach(name -> platform.values.put(name, "value of " + name));
    if (readMode == ReadMode.RUNTIME_SERVICE) {
      platform.next("GetSecrets", error(400, "out_of_range"));
    } else {
      platform.next("GetFunctionExecution", result("{\"protocol\":1,\"error\":\"too_large\"}"));
    }

    assertThat(texts(store.fetch("default", new HashSet<>(names))))
        .isEqualTo(Map.of("aaa", "value of aaa", "bbb", "value of bbb", "ccc", "value of ccc"));
    assertThat(
            platform.calls(readMode == ReadMode.RUNTIME_SERVICE ? "GetSecrets" : "TestExecScript"))
        .hasSize(3);
  }

  @Test
  void answerThatFails_afterAnother_isTheFailureOfItsNamesOnly() {
    open(ReadMode.RUNTIME_SERVICE);
    List<String> names = List.of("aaa", "bbb", "ccc", "ddd");
    names.forEach(name -> platform.values.put(name, "value of " + name));
    platform.next("GetSecrets", error(400, "out_of_range"));
    platform.next("GetSecrets", platform::getSecrets);
    platform.next("GetSecrets", error(403, "permission_denied"));

    Map<String, SecretOutcome> outcomes = store.fetch("default", new HashSet<>(names));

    assertThat(outcomes.values().stream().filter(SecretOutcome.Found.class::isInstance))
        .hasSize(2);
    assertThat(outcomes.values().stream().filter(SecretOutcome.Failed.class::isInstance))
        .hasSize(2)
        .allSatisfy(outcome -> assertThat(((SecretOutcome.Failed) outcome).failure())
            .isInstanceOf(SecretAccessDeniedException.class));
    assertThat(outcomes).containsOnlyKeys(names);
  }

  @Test
  void oneValueThatIsTooLarge_failsAlone() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.always("GetSecrets", error(400, "out_of_range"));

    Map<String, SecretOutcome> outcomes = store.fetch("default", Set.of("aaa"));

    assertThat(outcomes.get("aaa"))
        .isInstanceOfSatisfying(
            SecretOutcome.Failed.class,
            failed -> assertThat(failed.failure())
                .isInstanceOf(SecretProtocolException.class)
                .hasMessageContaining("larger than 131072 bytes"));
  }

  @Test
  void manyNames_areAskedForAThousandAtATime() {
    open(ReadMode.RUNTIME_SERVICE);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 1_001; i++) {
      names.add("name-" + i);
    }
    platform.values.put("name-7", "value");

    assertThat(texts(store.fetch("default", names)))
        .hasSize(1_001)
        .containsEntry("name-7", "value");
    assertThat(platform.calls("GetSecrets"))
        .extracting(call -> call.body().get("secretNames").size())
        .containsExactly(1_000, 1);
  }

  @Test
  void keys_areReplacedAfterTenMinutes_andNonceEachTime() {
    open(ReadMode.RUNTIME_SERVICE);
    platform.values.put("aaa", "value");

    store.fetch("default", Set.of("aaa"));
    now.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
    store.fetch("default", Set.of("aaa"));
    now.addAndGet(1);
    store.fetch("default", Set.of("aaa"));

    List<MockPlatform.Call> calls = platform.calls("GetSecrets");
    assertThat(calls).extracting(call -> call.body().get("nonce").asText()).doesNotHaveDuplicates();
    assertThat(key(calls.get(0))).isEqualTo(key(calls.get(1))).isNotEqualTo(key(calls.get(2)));
    assertThat(calls.get(0).body().get("recipients"))
        .extracting(recipient -> recipient.get("kem").asText())
        .containsExactly("KEM_X25519", "KEM_P256");
  }

  private void open(ReadMode readMode) {
    store =
        platform.builder().readMode(readMode).pauses(pauses, Clock.systemUTC()).build();
  }

  private void assertFailure(Class<? extends SecretManagerException> type, String text) {
    assertThatThrownBy(() -> store.fetch("default", Set.of("aaa")))
        .isExactlyInstanceOf(type)
        .hasMessageContaining(text)
        .hasMessageNotContaining("canary")
        .hasNoCause();
  }

  private static Map<String, String> texts(Map<String, SecretOutcome> outcomes) {
    Map<String, String> texts = new java.util.HashMap<>();
    outcomes.forEach((name, outcome) -> texts.put(name, text(outcome)));
    return texts;
  }

  private static String text(SecretOutcome outcome) {
    if (outcome instanceof SecretOutcome.Found found) {
      return found.value().revealString();
    }
    return outcome instanceof SecretOutcome.Missing missing
        ? "missing " + missing.missing()
        : outcome.toString();
  }

  private static String key(MockPlatform.Call call) {
    return call.body().get("recipients").get(0).get("publicKey").asText();
  }

  private static MockResponse result(String result) {
    ObjectNode answer = MockPlatform.JSON.createObjectNode();
    answer.putObject("execution").put("status", "STATUS_SUCCESS").put("result", result);
    return ok(answer.toString());
  }

  private static ObjectNode json(MockResponse response) {
    try {
      okio.Buffer body = new okio.Buffer();
      response.getBody().writeTo(body);
      return (ObjectNode) MockPlatform.JSON.readTree(body.readString(UTF_8));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
