package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.client.memory.InMemorySecretStore;
import tech.tailor.secretmanager.store.SecretInfo;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.store.VaultInfo;
import tech.tailor.secretmanager.store.VersionedSecretStore;

class SecretManagerEmulatorTest {

  private static SecretManagerEmulator emulator;
  private static Connect admin;

  @BeforeAll
  static void start() {
    emulator = SecretManagerEmulator.start();
    admin = Connect.to(emulator);
    for (String vault : List.of("vault-a", "vault-b", "vault-c")) {
      admin.createVault(vault);
    }
  }

  @AfterAll
  static void stop() {
    emulator.close();
  }

  @Test
  void endpoint_isOnLoopback() {
    assertThat(emulator.endpoint().toString()).matches("http://127\\.0\\.0\\.1:[0-9]+");
  }

  @Test
  void vault_livesAndDies() {
    Map<String, String> vault = Map.of("secretmanagerVaultName", "short-lived");

    Connect.Reply created = admin.call("CreateSecretManagerVault", vault);
    Connect.Reply again = admin.call("CreateSecretManagerVault", vault);
    Connect.Reply found = admin.call("GetSecretManagerVault", vault);
    Connect.Reply deleted = admin.call("DeleteSecretManagerVault", vault);
    Connect.Reply deletedAgain = admin.call("DeleteSecretManagerVault", vault);

    assertThat(created.at("/vault/name").asText()).isEqualTo("short-lived");
    assertThat(Instant.parse(created.at("/vault/createTime").asText()))
        .isAfter(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.code()).isEqualTo("already_exists");
    assertThat(found.at("/vault")).isEqualTo(created.at("/vault"));
    assertThat(deleted.body().isEmpty()).isTrue();
    assertThat(deletedAgain.code()).isEqualTo("not_found");
    assertThat(admin.call("GetSecretManagerVault", vault).code()).isEqualTo("not_found");
  }

  @Test
  void secret_livesAndDies_andItsValueIsInNoAnswer() {
    Map<String, String> secret = Map.of(
        "secretmanagerVaultName", "vault-a",
        "secretmanagerSecretName", "short-lived",
        "secretmanagerSecretValue", "a made-up value");
    List<Connect.Reply> replies = new ArrayList<>();
    for (String method : List.of(
        "UpdateSecretManagerSecret",
        "CreateSecretManagerSecret",
        "CreateSecretManagerSecret",
        "UpdateSecretManagerSecret",
        "GetSecretManagerSecret",
        "DeleteSecretManagerSecret",
        "GetSecretManagerSecret",
        "DeleteSecretManagerSecret")) {
      replies.add(admin.call(method, secret));
    }

    assertThat(replies)
        .extracting(reply -> reply.status() == 200 ? "ok" : reply.code())
        .containsExactly(
            "not_found", "ok", "already_exists", "ok", "ok", "ok", "not_found", "not_found");
    assertThat(replies)
        .allSatisfy(reply -> assertThat(reply.body().toString()).doesNotContain("made-up"));
  }

  @Test
  void reset_leavesWhatWasThereAtTheStart_andNothingElse() {
    String given = "given-at-the-start-0123456789";
    try (SecretManagerEmulator used =
        SecretManagerEmulator.builder().token(given, EmulatorRole.ADMIN).start()) {
      URI endpoint = used.endpoint();
      used.put("default", "api-key", "a made-up value");
      String issued = used.tokenFor(EmulatorRole.ADMIN).issue();
      String workspace = used.addWorkspace();
      String elsewhere =
          used.tokenFor(EmulatorRole.ADMIN).workspaceId(workspace).issue();
      used.faults().alwaysOfAny(Fault.error("unavailable"));
      used.revokeToken(given);
      assertThat(Connect.to(used).call("ListSecretManagerVaults", Map.of()).status())
          .isEqualTo(503);

      used.reset();

      assertThat(used.requests()).isEmpty();
      assertThat(used.endpoint()).isEqualTo(endpoint);
      for (String token : List.of(used.adminToken(), given)) {
        Connect.Reply vaults = Connect.to(used, token).call("ListSecretManagerVaults", Map.of());
        assertThat(vaults.status()).isEqualTo(200);
        assertThat(vaults.at("/vaults")).isEmpty();
      }
      for (String token : List.of(issued, elsewhere)) {
        assertThat(Connect.to(used, token)
                .call("ListSecretManagerVaults", Map.of())
                .status())
            .isEqualTo(401);
      }
    }
  }

  @Test
  void fullVault_isNotDeleted() {
    admin.createSecret("vault-b", "api-key", "a value");

    Connect.Reply reply =
        admin.call("DeleteSecretManagerVault", Map.of("secretmanagerVaultName", "vault-b"));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("failed_precondition");
  }

  @Test
  void secretOfNoVault_isNotFound() {
    Connect.Reply reply = admin.call(
        "CreateSecretManagerSecret",
        Map.of(
            "secretmanagerVaultName", "no-such-vault",
            "secretmanagerSecretName", "api-key",
            "secretmanagerSecretValue", "a value"));

    assertThat(reply.code()).isEqualTo("not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ab", "Upper", "under_score", "-begin", "end-", "a/b", "ünicode"})
  void badName_isRefused_andNotRepeated(String name) {
    Connect.Reply reply =
        admin.call("CreateSecretManagerVault", Map.of("secretmanagerVaultName", name));

    assertThat(reply.code()).isEqualTo("invalid_argument");
    assertThat(reply.at("/message").asText())
        .startsWith("secretmanager_vault_name must match ^")
        .doesNotContain("\"");
  }

  @Test
  void valueThatIsTooLarge_isRefused() {
    Map<String, String> request = Map.of(
        "secretmanagerVaultName", "vault-a",
        "secretmanagerSecretName", "large-key",
        "secretmanagerSecretValue", "x".repeat(131_073));

    assertThat(admin.call("CreateSecretManagerSecret", request).code())
        .isEqualTo("invalid_argument");
    admin.createSecret("vault-a", "large-key", "x".repeat(131_072));
  }

  @Test
  void pages_coverTheListOnce_inEitherDirection() {
    admin.createVault("paged");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      names.add("key-" + (100 + i));
      admin.createSecret("paged", names.get(i), "a value");
    }

    assertThat(pages("PAGE_DIRECTION_ASC")).isEqualTo(names);
    List<String> newestFirst = new ArrayList<>(names);
    Collections.reverse(newestFirst);
    assertThat(pages("PAGE_DIRECTION_UNSPECIFIED")).isEqualTo(newestFirst);
    assertThat(pages("PAGE_DIRECTION_DESC")).isEqualTo(newestFirst);
  }

  private static List<String> pages(String direction) {
    List<String> names = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      Connect.Reply reply = Connect.expectOk(admin.call(
          "ListSecretManagerSecrets",
          Map.of(
              "secretmanagerVaultName",
              "paged",
              "pageSize",
              10,
              "pageToken",
              token,
              "pageDirection",
              direction)));
      reply
          .body()
          .path("secrets")
          .forEach(secret -> names.add(secret.path("name").asText()));
      assertThat(reply.at("/totalCount").asText()).isEqualTo("25");
      token = reply.body().path("nextPageToken").asText();
      pages++;
    } while (!token.isEmpty());
    assertThat(pages).isEqualTo(3);
    return names;
  }

  @Test
  void listOfVaults_hasThem() {
    Connect.Reply reply = admin.call(
        "ListSecretManagerVaults", Map.of("pageSize", 1, "pageDirection", "PAGE_DIRECTION_ASC"));

    assertThat(reply.body().path("vaults")).hasSize(1);
    assertThat(reply.at("/vaults/0/name").asText()).isEqualTo("vault-a");
    assertThat(reply.body().path("nextPageToken").asText()).isNotEmpty();
  }

  @Test
  void lists_areByTimeOfCreation_newestFirstByDefault() {
    Instant older = Instant.parse("2026-11-01T00:00:00Z");
    Instant newer = older.plusNanos(1);
    SecretStore dated = (SecretStore) Proxy.newProxyInstance(
        getClass().getClassLoader(),
        new Class<?>[] {SecretStore.class},
        (proxy, called, args) -> switch (called.getName()) {
          case "listVaults" ->
            List.of(
                VaultInfo.of("aaa", newer, newer),
                VaultInfo.of("bbb", older, newer),
                VaultInfo.of("ccc", older, newer));
          case "listSecrets" ->
            List.of(
                SecretInfo.of("aaa", 1, older, newer),
                SecretInfo.of("bbb", 1, newer, newer),
                SecretInfo.of("ccc", 1, older, newer));
          default -> null;
        });
    try (SecretManagerEmulator filled =
        SecretManagerEmulator.builder().store(dated).start()) {
      Connect client = Connect.to(filled);

      assertThat(names(client, "ListSecretManagerVaults", "PAGE_DIRECTION_UNSPECIFIED"))
          .containsExactly("aaa", "ccc", "bbb");
      assertThat(names(client, "ListSecretManagerVaults", "PAGE_DIRECTION_ASC"))
          .containsExactly("bbb", "ccc", "aaa");
      assertThat(names(client, "ListSecretManagerSecrets", "PAGE_DIRECTION_UNSPECIFIED"))
          .containsExactly("bbb", "ccc", "aaa");
      assertThat(names(client, "ListSecretManagerSecrets", "PAGE_DIRECTION_ASC"))
          .containsExactly("aaa", "ccc", "bbb");
    }
  }

  /** The names of a list, read in pages of one. */
  private static List<String> names(Connect client, String method, String direction) {
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      Map<String, Object> request =
          new HashMap<>(Map.of("pageSize", 1, "pageToken", token, "pageDirection", direction));
      if (method.equals("ListSecretManagerSecrets")) {
        request.put("secretmanagerVaultName", "default");
      }
      Connect.Reply reply = Connect.expectOk(client.call(method, request));
      names.addAll(reply.body().findValuesAsText("name"));
      token = reply.body().path("nextPageToken").asText();
    } while (!token.isEmpty());
    return names;
  }

  @Test
  void foreignPageToken_isRefused() {
    assertThat(admin.call("ListSecretManagerVaults", Map.of("pageToken", "!!")).code())
        .isEqualTo("invalid_argument");
    assertThat(admin
            .call("ListSecretManagerVaults", Map.of("pageToken", "dmF1bHQ"))
            .code())
        .isEqualTo("invalid_argument");
  }

  @Test
  void labels_areSetReplacedAndForgotten() {
    admin.createVault("labelled");
    String trn = "trn:v1:workspace:" + emulator.workspaceId() + ":vault:labelled";

    Connect.Reply none = admin.call("GetMetadata", Map.of("trn", trn));
    Connect.Reply set =
        admin.call("SetMetadata", Map.of("trn", trn, "labels", Map.of("owner", "team-a")));
    admin.call("SetMetadata", Map.of("trn", trn, "labels", Map.of("stage", "test")));
    Connect.Reply replaced = admin.call("GetMetadata", Map.of("trn", trn));
    admin.call("DeleteSecretManagerVault", Map.of("secretmanagerVaultName", "labelled"));
    Connect.Reply deleted = admin.call("GetMetadata", Map.of("trn", trn));
    admin.createVault("labelled");
    Connect.Reply createdAgain = admin.call("GetMetadata", Map.of("trn", trn));

    assertThat(none.at("/metadata/labels").isEmpty()).isTrue();
    assertThat(set.at("/metadata/labels/owner").asText()).isEqualTo("team-a");
    assertThat(replaced.at("/metadata/labels").toString()).isEqualTo("{\"stage\":\"test\"}");
    assertThat(deleted.code()).isEqualTo("not_found");
    assertThat(createdAgain.at("/metadata/labels").isEmpty()).isTrue();
  }

  @Test
  void badLabels_areRefused() {
    String trn = "trn:v1:workspace:" + emulator.workspaceId() + ":vault:vault-a";

    assertThat(admin
            .call("SetMetadata", Map.of("trn", trn, "labels", Map.of("Bad", "x")))
            .code())
        .isEqualTo("invalid_argument");
    assertThat(admin
            .call("SetMetadata", Map.of("trn", trn, "labels", Map.of("good", "9")))
            .code())
        .isEqualTo("invalid_argument");
    assertThat(admin.call("SetMetadata", Map.of("trn", "vault-a")).code())
        .isEqualTo("invalid_argument");
    Map<String, String> tooMany = new HashMap<>();
    for (int i = 0; i <= 20; i++) {
      tooMany.put("key-" + i, "x");
    }
    assertThat(admin.call("SetMetadata", Map.of("trn", trn, "labels", tooMany)).code())
        .isEqualTo("invalid_argument");
    tooMany.remove("key-0");
    tooMany.put("key-1", "");
    assertThat(admin
            .call("SetMetadata", Map.of("trn", trn, "labels", tooMany))
            .at("/metadata/labels/key-1")
            .isTextual())
        .as("20 are taken, and empty values")
        .isTrue();
  }

  @Test
  void resourceNames_ofOtherKinds_areWellFormed_andNotThere() {
    String workspace = "trn:v1:workspace:" + emulator.workspaceId();

    for (String trn : List.of(workspace, workspace + ":tailordb:main", workspace + ":vault:A")) {
      assertThat(admin.call("GetMetadata", Map.of("trn", trn)).code()).isEqualTo("not_found");
    }
    for (String trn : List.of(workspace + ":", workspace + ":a b", "trn:v1:workspace:x:vault:a")) {
      assertThat(admin.call("GetMetadata", Map.of("trn", trn)).code())
          .isEqualTo("invalid_argument");
    }
  }

  @Test
  void labelsOfSeveral_areSetTogether_andFound() {
    String vault = "trn:v1:workspace:" + emulator.workspaceId() + ":vault:vault-";
    emulator.put("vault-a", "api-key", "a made-up value");
    Map<String, Object> wanted =
        Map.of("trn", vault + "b", "labels", Map.of("owner", "team-a", "stage", "test"));

    Connect.Reply set = admin.call(
        "BulkSetMetadata",
        Map.of(
            "requests",
            List.of(
                Map.of("trn", vault + "a:secret:api-key", "labels", Map.of("owner", "team-a")),
                wanted)));
    Connect.Reply refused = admin.call(
        "BulkSetMetadata",
        Map.of("requests", List.of(Map.of("trn", vault + "b"), Map.of("trn", vault + "missing"))));

    assertThat(set.body().findValuesAsText("trn"))
        .containsExactly(vault + "a:secret:api-key", vault + "b");
    assertThat(set.at("/results/1/metadata/labels").toString())
        .isEqualTo("{\"owner\":\"team-a\",\"stage\":\"test\"}");
    assertThat(refused.code()).isEqualTo("not_found");
    assertThat(labelled(admin, Map.of("owner", "team-a")))
        .as("also after one that was refused as a whole")
        .containsExactly(vault + "a:secret:api-key", vault + "b");
    assertThat(labelled(admin, Map.of("owner", "team-a", "stage", "test")))
        .containsExactly(vault + "b");
    assertThat(labelled(admin, Map.of("owner", "team-b"))).isEmpty();
    assertThat(labelled(
            Connect.to(
                emulator,
                emulator.tokenFor(EmulatorRole.VIEWER).vaults("vault-b").issue()),
            Map.of("owner", "team-a")))
        .as("only what a token may touch")
        .containsExactly(vault + "b");
    assertThat(admin.call("ListMetadata", Map.of()).code()).isEqualTo("invalid_argument");
    assertThat(admin.call("BulkSetMetadata", Map.of()).code()).isEqualTo("invalid_argument");
  }

  private static List<String> labelled(Connect client, Map<String, String> labels) {
    List<String> found = new ArrayList<>();
    String pageToken = "";
    do {
      Connect.Reply page = client.call(
          "ListMetadata", Map.of("labels", labels, "pageSize", 1, "pageToken", pageToken));
      found.addAll(page.body().findValuesAsText("trn"));
      pageToken = page.at("/nextPageToken").asText();
    } while (!pageToken.isEmpty());
    return found;
  }

  @Test
  void labelsOfAll_areFound_whileASecretIsDeleted() {
    InMemorySecretStore real = InMemorySecretStore.create();
    VersionedSecretStore deleting = after("listSecrets", real, () -> {
      if (real.describeSecret("vault-a", "going").isPresent()) {
        real.deleteSecret("vault-a", "going");
      }
    });
    try (SecretManagerEmulator filled =
        SecretManagerEmulator.builder().store(deleting).start()) {
      filled.put("vault-a", "going", "a made-up value").put("vault-a", "staying", "another one");
      real.setVaultLabels("vault-a", Map.of("owner", "team-a"));
      real.setLabels("vault-a", "staying", Map.of("owner", "team-a"));

      assertThat(labelled(Connect.to(filled), Map.of("owner", "team-a")))
          .extracting(trn -> trn.substring(trn.indexOf(":vault:")))
          .containsExactly(":vault:vault-a", ":vault:vault-a:secret:staying");
    }
  }

  @Test
  void labelsOfSeveral_ofWhichOneIsDeletedMeanwhile_areAllLeft() {
    InMemorySecretStore real = InMemorySecretStore.create();
    VersionedSecretStore deleting = after("describeVault", real, () -> {
      if (real.describeVault("vault-b").isPresent()) {
        real.deleteVault("vault-b");
      }
    });
    try (SecretManagerEmulator filled =
        SecretManagerEmulator.builder().store(deleting).start()) {
      String vault = "trn:v1:workspace:" + filled.workspaceId() + ":vault:vault-";
      real.createVault("vault-b");
      real.createVault("vault-a");
      Map<String, String> labels = Map.of("owner", "team-a");

      Connect.Reply reply = Connect.to(filled)
          .call(
              "BulkSetMetadata",
              Map.of(
                  "requests",
                  List.of(
                      Map.of("trn", vault + "a", "labels", labels),
                      Map.of("trn", vault + "b", "labels", labels))));

      assertThat(reply.code()).isEqualTo("not_found");
      assertThat(real.vaultLabels("vault-a")).isEmpty();
    }
  }

  /** The store, where something happens after each call of a method. */
  private static VersionedSecretStore after(
      String method, VersionedSecretStore store, Runnable happens) {
    return (VersionedSecretStore) Proxy.newProxyInstance(
        SecretManagerEmulatorTest.class.getClassLoader(),
        new Class<?>[] {VersionedSecretStore.class},
        (proxy, called, arguments) -> {
          try {
            Object result = called.invoke(store, arguments);
            if (called.getName().equals(method)) {
              happens.run();
            }
            return result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void pageTokenOfAnotherList_isRefused() {
    String token = Connect.expectOk(admin.call("ListSecretManagerVaults", Map.of("pageSize", 1)))
        .at("/nextPageToken")
        .asText();

    assertThat(admin.call("ListSecretManagerVaults", Map.of("pageToken", token)).status())
        .isEqualTo(200);
    assertThat(admin
            .call(
                "ListSecretManagerVaults",
                Map.of("pageToken", token, "pageDirection", "PAGE_DIRECTION_ASC"))
            .code())
        .isEqualTo("invalid_argument");
    assertThat(admin
            .call(
                "ListSecretManagerSecrets",
                Map.of("secretmanagerVaultName", "vault-a", "pageToken", token))
            .code())
        .isEqualTo("invalid_argument");
  }

  @Test
  void workspaceThatIsNoUuid_isRefused() {
    assertThat(admin.call("ListSecretManagerVaults", Map.of("workspaceId", "x")).code())
        .isEqualTo("invalid_argument");
  }

  @Test
  void token_expiresAndIsRevoked() {
    TurnedClock clock = new TurnedClock();
    try (SecretManagerEmulator timed =
        SecretManagerEmulator.builder().clock(clock).start()) {
      String brief =
          timed.tokenFor(EmulatorRole.VIEWER).lifetime(Duration.ofMinutes(5)).issue();
      String revoked = timed.tokenFor(EmulatorRole.VIEWER).issue();

      clock.now = clock.now.plus(Duration.ofMinutes(5)).minusNanos(1);
      assertThat(list(timed, brief)).isEqualTo(200);
      assertThat(list(timed, revoked)).isEqualTo(200);
      clock.now = clock.now.plusNanos(1);
      assertThat(timed.revokeToken(revoked)).isTrue();
      assertThat(timed.revokeToken(revoked)).isFalse();
      assertThat(list(timed, brief)).isEqualTo(401);
      assertThat(list(timed, revoked)).isEqualTo(401);
    }
  }

  @Test
  void rate_isLimitedForEachToken() {
    try (SecretManagerEmulator slow =
        SecretManagerEmulator.builder().callsPerSecond(1).start()) {
      String one = slow.tokenFor(EmulatorRole.VIEWER).issue();
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        statuses.add(list(slow, one));
      }

      assertThat(statuses.get(0)).isEqualTo(200);
      assertThat(statuses).contains(429);
      assertThat(list(slow, slow.adminToken())).isEqualTo(200);
    }
  }

  private static int list(SecretManagerEmulator emulator, String token) {
    return Connect.to(emulator, token).call("ListSecretManagerVaults", Map.of()).status();
  }

  @Test
  void store_withoutItsArtifact_saysWhatToAdd() {
    assertThatThrownBy(emulator::store)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("secretmanager-http");
  }

  @Test
  void takenPort_isTold() {
    assertThatThrownBy(() ->
            SecretManagerEmulator.builder().port(emulator.endpoint().getPort()).start())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(String.valueOf(emulator.endpoint().getPort()));
  }

  @Test
  void close_stopsEverything_andFreesThePort() {
    SecretManagerEmulator first = SecretManagerEmulator.start();
    URI endpoint = first.endpoint();
    first.close();
    first.close();

    assertThatThrownBy(() -> Connect.to(first).call("ListSecretManagerVaults", Map.of()))
        .isInstanceOf(UncheckedIOException.class);
    try (SecretManagerEmulator second =
        SecretManagerEmulator.builder().port(endpoint.getPort()).start()) {
      assertThat(second.endpoint()).isEqualTo(endpoint);
    }
  }

  @Test
  void badSettings_areRefused() {
    SecretManagerEmulator.Builder builder = SecretManagerEmulator.builder();

    assertThatThrownBy(() -> builder.port(65_536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> builder.workspaceId("not-a-uuid")).hasMessageContaining("UUID");
    assertThatThrownBy(() -> builder.token("a b", EmulatorRole.ADMIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("a b");
    assertThatThrownBy(() -> builder.callsPerSecond(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder.runningPolls(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> emulator.tokenFor(EmulatorRole.VIEWER).vaults())
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A clock that stands until it is turned. */
  private static final class TurnedClock extends Clock {

    private volatile Instant now = Instant.parse("2026-11-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
