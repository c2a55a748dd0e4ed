package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.http.MockPlatform.bare;
import static tech.tailor.secretmanager.http.MockPlatform.error;
import static tech.tailor.secretmanager.http.MockPlatform.named;
import static tech.tailor.secretmanager.http.MockPlatform.ok;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretAlreadyExistsException;
import tech.tailor.secretmanager.SecretConflictException;
import tech.tailor.secretmanager.SecretEncodingException;
import tech.tailor.secretmanager.SecretManagerException;
import tech.tailor.secretmanager.SecretNotFoundException;
import tech.tailor.secretmanager.SecretNotFoundException.Missing;
import tech.tailor.secretmanager.SecretOutcomeUnknownException;
import tech.tailor.secretmanager.SecretPreconditionException;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretRateLimitedException;
import tech.tailor.secretmanager.SecretTimeoutException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.VaultInfo;

class HttpSecretStoreTest {

  private static final Instant CREATED = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant UPDATED = Instant.parse("2026-11-02T03:04:05.678Z");

  private final MockPlatform platform = new MockPlatform().start();
  private HttpSecretStore store;

  @BeforeEach
  void open() {
    store = platform.builder().build();
  }

  @AfterEach
  void close() {
    store.close();
    platform.close();
  }

  @Test
  void createVault_sendsWhatTheProtocolSays() {
    platform.next("CreateSecretManagerVault", ok("{\"vault\":" + named("default") + "}"));

    assertThat(store.createVault("default")).isEqualTo(VaultInfo.of("default", CREATED, UPDATED));

    MockPlatform.Call call = platform.calls.get(0);
    assertThat(call.request().getTarget())
        .isEqualTo("/tailor.v1.OperatorService/CreateSecretManagerVault");
    assertThat(call.request().getMethod()).isEqualTo("POST");
    assertThat(call.header("Authorization")).isEqualTo("Bearer " + MockPlatform.TOKEN);
    assertThat(call.header("Connect-Protocol-Version")).isEqualTo("1");
    assertThat(Integer.parseInt(call.header("Connect-Timeout-Ms"))).isBetween(1, 10_000);
    assertThat(call.header("Content-Type")).isEqualTo("application/json");
    assertThat(call.header("Accept-Encoding")).isEqualTo("identity");
    assertThat(call.header("User-Agent")).startsWith("tailor-secretmanager-java");
    assertThat(call.body().toString())
        .isEqualTo("{\"workspaceId\":\"" + MockPlatform.WORKSPACE
            + "\",\"secretmanagerVaultName\":\"default\"}");
  }

  @Test
  void secrets_areWritten_withAnyText() {
    String text = "quotes \" \\ / control \u0001\n umlauts äöü face \uD83D\uDE00 line \u2028";
    platform.next("CreateSecretManagerSecret", ok("{\"secret\":" + named("api-key") + "}"));
    platform.next("UpdateSecretManagerSecret", ok("{\"secret\":" + named("api-key") + "}"));
    SecretInfo expected = SecretInfo.of("api-key", 0, CREATED, UPDATED);

    try (SecretValue value = SecretValue.of(text)) {
      assertThat(store.createSecret("default", "api-key", value)).isEqualTo(expected);
      assertThat(store.updateSecret("default", "api-key", value)).isEqualTo(expected);
    }

    assertThat(platform.calls).hasSize(2).allSatisfy(call -> {
      assertThat(call.body().get("workspaceId").asText()).isEqualTo(MockPlatform.WORKSPACE);
      assertThat(call.body().get("secretmanagerVaultName").asText()).isEqualTo("default");
      assertThat(call.body().get("secretmanagerSecretName").asText()).isEqualTo("api-key");
      assertThat(call.body().get("secretmanagerSecretValue").asText()).isEqualTo(text);
    });
  }

  @Test
  void valueThatIsNoText_isRefused_beforeAnythingIsSent() {
    try (SecretValue value = SecretValue.copyOf(new byte[] {(byte) 0xff})) {
      assertThatThrownBy(() -> store.createSecret("default", "api-key", value))
          .isInstanceOf(SecretEncodingException.class)
          .hasMessageContaining("default/api-key")
          .hasMessageContaining("base64");
    }
    assertThat(platform.calls).isEmpty();
  }

  @Test
  void lists_followPages_andAreSorted() {
    platform.next(
        "ListSecretManagerSecrets",
        ok("{\"secrets\":[" + named("ccc") + "," + named("aaa")
            + "],\"nextPageToken\":\"more\",\"totalCount\":\"3\"}"));
    platform.next("ListSecretManagerSecrets", ok("{\"secrets\":[" + named("bbb") + "]}"));

    assertThat(store.listSecrets("default"))
        .extracting(SecretInfo::name)
        .containsExactly("aaa", "bbb", "ccc");

    assertThat(platform.calls.get(0).body().get("pageSize").asInt()).isEqualTo(100);
    assertThat(platform.calls.get(0).body().has("pageToken")).isFalse();
    assertThat(platform.calls.get(1).body().get("pageToken").asText()).isEqualTo("more");
    platform.next("ListSecretManagerVaults", ok("{}"));
    assertThat(store.listVaults()).isEmpty();
  }

  @Test
  void secretThatIsMadeAnewBetweenTwoPages_isListedOnce() {
    platform.next(
        "ListSecretManagerSecrets",
        ok("{\"secrets\":[" + named("aaa") + "," + named("bbb") + "],\"nextPageToken\":\"more\"}"));
    platform.next("ListSecretManagerSecrets", ok("{\"secrets\":[" + named("aaa") + "]}"));

    assertThat(store.listSecrets("default"))
        .extracting(SecretInfo::name)
        .containsExactly("aaa", "bbb");
  }

  @Test
  void pageTokenThatComesAgain_endsTheList() {
    platform.always("ListSecretManagerVaults", ok("{\"nextPageToken\":\"again\"}"));

    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("a second time");
    assertThat(platform.calls).hasSize(2);
  }

  @Test
  void listWithoutEnd_isCutOff() {
    StringBuilder page = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      page.append(i == 0 ? "" : ",").append(named("vault-" + i));
    }
    for (int i = 0; i < 20; i++) {
      platform.next(
          "ListSecretManagerVaults",
          ok("{\"vaults\":[" + page + "],\"nextPageToken\":\"page-" + i + "\"}"));
    }

    assertThatThrownBy(store::listVaults)
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("more than 10000");
    assertThat(platform.calls).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_049, 900_000, 4_000_000})
  void pageTokenThatIsTooLong_isRefused(int length) {
    platform.always(
        "ListSecretManagerVaults", ok("{\"nextPageToken\":\"" + "x".repeat(length) + "\"}"));

    assertThatThrownBy(store::listVaults).isInstanceOf(SecretProtocolException.class);
    assertThat(platform.calls).hasSize(1);
  }

  @Test
  void whatIsNotThere_isEmpty() {
    platform.always("GetSecretManagerVault", error(404, "not_found"));
    platform.always("GetSecretManagerSecret", error(404, "not_found"));

    assertThat(store.describeVault("default")).isEmpty();
    assertThat(store.describeSecret("default", "api-key")).isEmpty();
  }

  @Test
  void whatIsMissing_isFoundOut() {
    platform.always("UpdateSecretManagerSecret", error(404, "not_found"));
    platform.always("DeleteSecretManagerSecret", error(404, "not_found"));
    platform.next("GetSecretManagerVault", ok("{\"vault\":" + named("default") + "}"));
    platform.next("GetSecretManagerVault", error(404, "not_found"));

    try (SecretValue value = SecretValue.of("x")) {
      assertMissing(Missing.SECRET, () -> store.updateSecret("default", "api-key", value));
    }
    assertMissing(Missing.VAULT, () -> store.deleteSecret("default", "api-key"));
  }

  @Test
  void whatCanOnlyBeTheVault_isNotAskedFor() {
    platform.always("CreateSecretManagerSecret", error(404, "not_found"));
    platform.always("DeleteSecretManagerVault", error(404, "not_found"));
    platform.always("ListSecretManagerSecrets", error(404, "not_found"));

    try (SecretValue value = SecretValue.of("x")) {
      assertMissing(Missing.VAULT, () -> store.createSecret("default", "api-key", value));
    }
    assertMissing(Missing.VAULT, () -> store.deleteVault("default"));
    assertMissing(Missing.VAULT, () -> store.listSecrets("default"));
    assertThat(platform.calls).hasSize(3);
  }

  @Test
  void deletion_ofAVaultThatHoldsSecrets_saysSo() {
    platform.always("ListSecretManagerSecrets", ok("{}"));
    platform.always("DeleteSecretManagerVault", error(400, "failed_precondition"));

    assertThatThrownBy(() -> store.deleteVault("default"))
        .isInstanceOf(SecretPreconditionException.class)
        .hasMessageContaining("still holds secrets");
  }

  /** Some servers delete the secrets with the vault. */
  @Test
  void deletion_ofAVaultThatHoldsSecrets_isRefusedBeforeTheServerIsAsked() {
    platform.always("DeleteSecretManagerVault", ok("{}"));
    platform.next("ListSecretManagerSecrets", ok("{\"nextPageToken\":\"more\"}"));
    platform.next("ListSecretManagerSecrets", ok("{\"secrets\":[" + named("api-key") + "]}"));

    assertThatThrownBy(() -> store.deleteVault("default"))
        .isInstanceOf(SecretPreconditionException.class)
        .hasMessageContaining("still holds secrets");
    assertThat(platform.calls("DeleteSecretManagerVault")).isEmpty();

    platform.next("ListSecretManagerSecrets", error(403, "permission_denied"));
    assertThatThrownBy(() -> store.deleteVault("default"))
        .isInstanceOf(SecretAccessDeniedException.class);
    assertThat(platform.calls("DeleteSecretManagerVault")).isEmpty();

    platform.next("ListSecretManagerSecrets", ok("{}"));
    store.deleteVault("default");
    assertThat(platform.calls("DeleteSecretManagerVault")).hasSize(1);
  }

  /** Vaults can hold more secrets than a list may have. */
  @Test
  void deletion_ofAVaultThatHoldsManySecrets_isRefusedAtTheFirstOne() {
    platform.next(
        "ListSecretManagerSecrets",
        ok("{\"secrets\":[" + named("api-key") + "],\"nextPageToken\":\"more\"}"));

    assertThatThrownBy(() -> store.deleteVault("default"))
        .isInstanceOf(SecretPreconditionException.class)
        .hasMessageContaining("still holds secrets");
    assertThat(platform.calls).hasSize(1);
  }

  @Test
  void answerAboutAnotherName_isNotBelieved() {
    for (String method : List.of("GetSecretManagerVault", "CreateSecretManagerVault")) {
      platform.always(method, ok("{\"vault\":" + named("canary") + "}"));
    }
    for (String method : List.of(
        "GetSecretManagerSecret", "CreateSecretManagerSecret", "UpdateSecretManagerSecret")) {
      platform.always(method, ok("{\"secret\":" + named("canary") + "}"));
    }

    assertFailure(SecretProtocolException.class, () -> store.describeVault("default"));
    assertFailure(SecretProtocolException.class, () -> store.describeSecret("default", "api-key"));
    // The server said that it changed something; what, is open.
    assertFailure(SecretOutcomeUnknownException.class, () -> store.createVault("default"));
    try (SecretValue value = SecretValue.of("x")) {
      assertFailure(
          SecretOutcomeUnknownException.class,
          () -> store.createSecret("default", "api-key", value));
      assertFailure(
          SecretOutcomeUnknownException.class,
          () -> store.updateSecret("default", "api-key", value));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"own\\u0000er\":\"me\"",
        "\"owner\":\"canary\\n\"",
        "\"owner\":\"\\u001b[31mcanary\"",
        "\"owner\":\"\\u202ecanary\"",
        "\"owner\":\"\\u0085canary\"",
        "\"\":\"canary\"",
        "\"owner\":5"
      })
  void labelsThatAreNotValid_areNotBelieved(String labels) {
    platform.always("GetMetadata", ok("{\"metadata\":{\"labels\":{" + labels + "}}}"));

    assertFailure(SecretProtocolException.class, () -> store.vaultLabels("default"));
    assertFailure(SecretProtocolException.class, () -> store.labels("default", "api-key"));
  }

  @Test
  void moreLabelsThanAllowed_areNotBelieved() {
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < 21; i++) {
      labels.append(i == 0 ? "" : ",").append("\"label-" + i + "\":\"x\"");
    }
    platform.always("GetMetadata", ok("{\"metadata\":{\"labels\":{" + labels + "}}}"));

    assertFailure(SecretProtocolException.class, () -> store.vaultLabels("default"));
  }

  @Test
  void labels_goByResourceName() {
    platform.next(
        "GetMetadata", ok("{\"metadata\":{\"trn\":\"x\",\"labels\":{\"owner\":\"me\"}}}"));
    platform.next("GetMetadata", ok("{}"));
    platform.always("SetMetadata", ok("{\"metadata\":{}}"));

    assertThat(store.labels("default", "api-key")).isEqualTo(Map.of("owner", "me"));
    assertThat(store.vaultLabels("default")).isEmpty();
    store.setLabels("default", "api-key", Map.of("owner", "me"));
    store.setVaultLabels("default", Map.of());

    String vault = "trn:v1:workspace:" + MockPlatform.WORKSPACE + ":vault:default";
    assertThat(platform.calls)
        .extracting(call -> call.body().get("trn").asText())
        .containsExactly(vault + ":secret:api-key", vault, vault + ":secret:api-key", vault);
    assertThat(platform.calls.get(2).body().get("labels").toString())
        .isEqualTo("{\"owner\":\"me\"}");
    assertThat(platform.calls.get(3).body().get("labels").toString()).isEqualTo("{}");
  }

  @Test
  void labels_ofWhatWasNeverLabelled_areNone() {
    platform.always("GetMetadata", error(404, "not_found"));
    platform.next("GetSecretManagerSecret", ok("{\"secret\":" + named("api-key") + "}"));
    platform.next("GetSecretManagerVault", ok("{\"vault\":" + named("default") + "}"));

    assertThat(store.labels("default", "api-key")).isEmpty();
    assertThat(store.vaultLabels("default")).isEmpty();

    platform.always("GetSecretManagerSecret", error(404, "not_found"));
    platform.always("GetSecretManagerVault", error(404, "not_found"));
    assertMissing(Missing.VAULT, () -> store.labels("default", "api-key"));
    assertMissing(Missing.VAULT, () -> store.vaultLabels("default"));
  }

  @Test
  void badLabel_isRefused() {
    for (Map<String, String> bad :
        List.of(Map.of("Upper", "x"), Map.of("", "x"), Map.of("1x", "x"), Map.of("x", "a b"))) {
      assertThatThrownBy(() -> store.setVaultLabels("default", bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("^[a-z][a-z0-9_-]{0,62}$");
    }
    assertThat(platform.calls).isEmpty();
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(401, "unauthenticated", SecretAccessDeniedException.class, null),
        Arguments.of(403, "permission_denied", SecretAccessDeniedException.class, null),
        Arguments.of(409, "already_exists", SecretAlreadyExistsException.class, null),
        Arguments.of(400, "failed_precondition", SecretPreconditionException.class, null),
        Arguments.of(400, "invalid_argument", SecretPreconditionException.class, null),
        Arguments.of(400, "out_of_range", SecretPreconditionException.class, null),
        Arguments.of(409, "aborted", SecretConflictException.class, null),
        Arguments.of(429, "resource_exhausted", SecretRateLimitedException.class, null),
        Arguments.of(503, "unavailable", SecretUnavailableException.class, null),
        Arguments.of(
            504,
            "deadline_exceeded",
            SecretTimeoutException.class,
            SecretOutcomeUnknownException.class),
        Arguments.of(
            499, "canceled", SecretTimeoutException.class, SecretOutcomeUnknownException.class),
        Arguments.of(501, "unimplemented", SecretProtocolException.class, null),
        Arguments.of(
            500, "internal", SecretProtocolException.class, SecretOutcomeUnknownException.class),
        Arguments.of(
            500, "unknown", SecretProtocolException.class, SecretOutcomeUnknownException.class),
        Arguments.of(
            500, "data_loss", SecretProtocolException.class, SecretOutcomeUnknownException.class),
        // The code decides, not the status.
        Arguments.of(500, "permission_denied", SecretAccessDeniedException.class, null),
        Arguments.of(404, "unavailable", SecretUnavailableException.class, null));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void connectError_isMapped(
      int status,
      String code,
      Class<? extends SecretManagerException> read,
      Class<? extends SecretManagerException> write) {
    store.close();
    store = platform
        .builder()
        .pauses(new Pauses(System::nanoTime, nanos -> {}, () -> 0), java.time.Clock.systemUTC())
        .build();
    platform.always("GetSecretManagerVault", error(status, code));
    platform.always("UpdateSecretManagerSecret", error(status, code));

    assertFailure(read, () -> store.describeVault("default"));
    int reads = platform.calls.size();
    try (SecretValue value = SecretValue.of("canary-value")) {
      assertFailure(
          write == null ? read : write, () -> store.updateSecret("default", "api-key", value));
    }
    boolean repeated = code.equals("unavailable") || code.equals("resource_exhausted");
    assertThat(reads).isEqualTo(repeated ? 3 : 1);
    assertThat(platform.calls("UpdateSecretManagerSecret")).hasSize(1);
  }

  @Test
  void bare404_isNoMissingSecret() {
    platform.always("GetSecretManagerSecret", bare(404));

    assertThatThrownBy(() -> store.describeSecret("default", "api-key"))
        .isInstanceOf(SecretProtocolException.class)
        .hasMessageContaining("unimplemented (HTTP 404)")
        .hasMessageNotContaining("canary");
  }

  @Test
  void message_saysWhatWasTriedAndWhatToDo() {
    platform.always("GetSecretManagerVault", error(403, "permission_denied"));

    assertThatThrownBy(() -> store.describeVault("default"))
        .hasMessageMatching("Could not describe the vault \"default\": the server answered"
            + " permission_denied \\(HTTP 403\\); .*check the workspace id"
            + " \\[GetSecretManagerVault, request [0-9a-f-]{36}, 1 attempt\\]");
  }

  @Test
  void closedStore_refuses_andToStringShowsNoToken() {
    assertThat(store)
        .hasToString(
            "HttpSecretStore[" + platform.server.url("").uri().toString().replaceAll("/$", "")
                + ", workspace " + MockPlatform.WORKSPACE + "]");
    store.close();
    store.close();

    assertThatThrownBy(() -> store.listVaults()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.fetch("default", java.util.Set.of("api-key")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(platform.calls).isEmpty();
  }

  private static void assertMissing(
      Missing missing, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SecretNotFoundException.class, e -> assertThat(e.missing()).isEqualTo(missing));
  }

  private static void assertFailure(
      Class<? extends SecretManagerException> type,
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isExactlyInstanceOf(type)
        .hasNoCause()
        .hasMessageNotContaining("canary");
  }
}
