package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DynamicMessage;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmulatorFaultsTest {

  private static SecretManagerEmulator emulator;
  private static Connect admin;

  @BeforeAll
  static void start() {
    emulator = SecretManagerEmulator.start();
    admin = Connect.to(emulator);
  }

  @AfterAll
  static void stop() {
    emulator.close();
  }

  @BeforeEach
  void reset() {
    emulator.faults().clear();
    emulator.clearRequests();
  }

  @Test
  void faults_happenInOrder_thenItWorksAgain() {
    emulator.faults().next("ListSecretManagerVaults", 2, Fault.error("unavailable"));
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.httpStatus(502));

    assertThat(List.of(list(), list(), list(), list()))
        .extracting(Connect.Reply::status)
        .containsExactly(503, 503, 502, 200);
  }

  @Test
  void faultsOfAMethod_comeBeforeThoseOfAny_andTouchNoOther() {
    emulator.faults().nextOfAny(1, Fault.error("internal"));
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.error("aborted"));
    emulator.faults().next("GetSecrets", 1, Fault.error("data_loss"));

    assertThat(List.of(list(), list(), list()))
        .extracting(reply -> reply.status() == 200 ? "ok" : reply.code())
        .containsExactly("aborted", "internal", "ok");
  }

  @Test
  void lastingFaults_comeAfterThoseOfNextCalls_andLastUntilTheyAreCleared() {
    emulator.faults().alwaysOfAny(Fault.error("unavailable"));
    emulator.faults().always("ListSecretManagerVaults", Fault.httpStatus(502));
    emulator.faults().nextOfAny(1, Fault.error("aborted"));

    assertThat(List.of(list(), list(), list()))
        .extracting(Connect.Reply::status)
        .containsExactly(409, 502, 502);
    assertThat(create("in-vain").status()).isEqualTo(503);
    emulator.faults().clear();
    assertThat(list().status()).isEqualTo(200);
    assertThatThrownBy(() -> emulator.faults().always("NoSuchMethod", Fault.reset()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void clear_forgetsThem() {
    emulator.faults().nextOfAny(5, Fault.error("internal"));
    emulator.faults().clear();

    assertThat(list().status()).isEqualTo(200);
  }

  @Test
  void whoHasNoToken_usesNoneUp() {
    emulator.faults().nextOfAny(1, Fault.error("aborted"));
    Connect.to(emulator, "wrong-token-wrong-token").call("ListSecretManagerVaults", Map.of());

    assertThat(list().code()).isEqualTo("aborted");
  }

  @Test
  void rateLimit_saysWhenToTryAgain() {
    emulator.faults().nextOfAny(1, Fault.rateLimited(Duration.ofSeconds(7)));

    Connect.Reply reply = list();

    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.code()).isEqualTo("resource_exhausted");
    assertThat(reply.response().headers().firstValue("Retry-After")).hasValue("7");
  }

  @Test
  void proxysPage_isNoErrorOfConnect() {
    emulator.faults().nextOfAny(1, Fault.httpStatus(404));

    Connect.Reply reply = list();

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.response().headers().firstValue("Content-Type")).hasValue("text/html");
  }

  @Test
  void whatTakesThePlaceOfACall_leavesItUndone() {
    emulator.faults().nextOfAny(1, Fault.error("unavailable"));
    create("undone");

    assertThat(exists("undone")).isFalse();
  }

  @Test
  void whatHappensToTheAnswer_leavesItDone() {
    emulator.faults().next("CreateSecretManagerVault", 1, Fault.reset());
    assertThatThrownBy(() -> create("after-reset")).isInstanceOf(UncheckedIOException.class);
    emulator.faults().next("CreateSecretManagerVault", 1, Fault.latency(Duration.ofMillis(50)));
    assertThat(create("after-latency").status()).isEqualTo(200);
    emulator.faults().next("CreateSecretManagerVault", 1, Fault.slowBody(Duration.ofMillis(50)));
    assertThat(create("after-slow-body").at("/vault/name").asText()).isEqualTo("after-slow-body");

    assertThat(List.of("after-reset", "after-latency", "after-slow-body"))
        .allMatch(EmulatorFaultsTest::exists);
  }

  @Test
  void emptyAnswer_isSlowToo() {
    create("empty-answer");
    emulator.faults().next("DeleteSecretManagerVault", 1, Fault.slowBody(Duration.ofMillis(50)));

    Rpc rpc = Rpc.named("DeleteSecretManagerVault");
    byte[] request = DynamicMessage.newBuilder(rpc.request())
        .setField(Fields.field(rpc.request(), "workspace_id"), emulator.workspaceId())
        .setField(Fields.field(rpc.request(), "secretmanager_vault_name"), "empty-answer")
        .build()
        .toByteArray();

    Connect.Reply reply = Connect.send(admin
        .request(rpc.path(), request)
        .setHeader("Content-Type", "application/proto")
        .build());

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.response().body()).isEmpty();
  }

  @Test
  void hundredLateAnswers_keepNobodyElseWaiting() throws Exception {
    int late = 100;
    emulator.faults().next("ListSecretManagerVaults", late, Fault.latency(Duration.ofMinutes(1)));
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < late; i++) {
      client.sendAsync(
          admin
              .request(
                  "/tailor.v1.OperatorService/ListSecretManagerVaults",
                  ("{\"workspaceId\":\"" + emulator.workspaceId() + "\"}").getBytes(UTF_8))
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
    while (emulator.requests().size() < late) {
      Thread.onSpinWait();
    }

    // With fewer threads this would wait for a minute, and time out.
    assertThat(exists("no-such-vault")).isFalse();
  }

  @Test
  void reset_letsLateAnswersGo_andLaterOnesAreLateAgain() throws Exception {
    try (SecretManagerEmulator late = SecretManagerEmulator.start()) {
      CompletableFuture<HttpResponse<String>> first = lateAnswer(late);
      late.reset();
      first.get(1, TimeUnit.MINUTES);

      CompletableFuture<HttpResponse<String>> second = lateAnswer(late);
      assertThat(second).isNotDone();
    }
  }

  /** An answer that is late by now. */
  private static CompletableFuture<HttpResponse<String>> lateAnswer(SecretManagerEmulator late) {
    late.faults().nextOfAny(1, Fault.latency(Duration.ofHours(1)));
    CompletableFuture<HttpResponse<String>> answer = HttpClient.newHttpClient()
        .sendAsync(
            Connect.to(late)
                .request("/tailor.v1.OperatorService/GetMetadata", "{}".getBytes(UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    while (late.requests().isEmpty()) {
      Thread.onSpinWait();
    }
    return answer;
  }

  @Test
  void slowBody_beginsAtOnce_andTakesItsTime() throws Exception {
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.slowBody(Duration.ofSeconds(3)));
    HttpResponse<InputStream> response = HttpClient.newHttpClient()
        .send(
            admin
                .request(
                    "/tailor.v1.OperatorService/ListSecretManagerVaults",
                    ("{\"workspaceId\":\"" + emulator.workspaceId() + "\"}").getBytes(UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());

    try (InputStream body = response.body()) {
      int pieces = 0;
      byte[] buffer = new byte[4_096];
      while (body.read(buffer) >= 0) {
        pieces++;
      }
      assertThat(pieces).as("pieces, which arrive apart").isGreaterThan(1);
    }
  }

  @Test
  void close_letsLateAnswersGo_andEndsEveryThread() throws Exception {
    Set<String> othersPools = threadsByPool().keySet();
    SecretManagerEmulator late = SecretManagerEmulator.start();
    late.faults().nextOfAny(1, Fault.latency(Duration.ofHours(1)));
    CompletableFuture<?> answer = HttpClient.newHttpClient()
        .sendAsync(
            Connect.to(late)
                .request("/tailor.v1.OperatorService/GetMetadata", "{}".getBytes(UTF_8))
                .build(),
            HttpResponse.BodyHandlers.discarding());
    while (late.requests().isEmpty()) {
      Thread.onSpinWait();
    }

    late.close();

    Map<String, List<Thread>> left = threadsByPool();
    left.keySet().removeAll(othersPools);
    for (Thread thread : left.values().stream().flatMap(List::stream).toList()) {
      thread.join(TimeUnit.MINUTES.toMillis(1));
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
    // It was answered, or its connection closed; either way the caller has not to wait.
    answer.handle((response, failure) -> "ended").get(1, TimeUnit.MINUTES);
  }

  /** The threads of servers in this process, which Jetty names after their pool. */
  private static Map<String, List<Thread>> threadsByPool() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("qtp"))
        .collect(Collectors.groupingBy(
            thread -> thread.getName().replaceFirst("-.*", ""), HashMap::new, Collectors.toList()));
  }

  @Test
  void badFaults_areRefused() {
    EmulatorFaults faults = emulator.faults();

    assertThatThrownBy(() -> faults.next("NoSuchMethod", 1, Fault.reset()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("GetSecrets");
    assertThatThrownBy(() -> faults.nextOfAny(0, Fault.reset())).hasMessageContaining("got 0");
    assertThatThrownBy(() -> Fault.error("no_such_code"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fault.httpStatus(99)).hasMessageContaining("99");
    assertThatThrownBy(() -> Fault.latency(Duration.ofSeconds(-1))).hasMessageContaining("latency");
    assertThat(Fault.rateLimited(Duration.ofSeconds(7))).hasToString("Fault[error 429 PT7S]");
  }

  private static Connect.Reply list() {
    return admin.call("ListSecretManagerVaults", Map.of());
  }

  private static Connect.Reply create(String vault) {
    return admin.call("CreateSecretManagerVault", Map.of("secretmanagerVaultName", vault));
  }

  private static boolean exists(String vault) {
    return admin
            .call("GetSecretManagerVault", Map.of("secretmanagerVaultName", vault))
            .status()
        == 200;
  }
}
