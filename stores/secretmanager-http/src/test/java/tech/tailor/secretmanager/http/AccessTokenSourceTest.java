package tech.tailor.secretmanager.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tech.tailor.secretmanager.http.MockPlatform.bare;
import static tech.tailor.secretmanager.http.MockPlatform.error;
import static tech.tailor.secretmanager.http.MockPlatform.named;
import static tech.tailor.secretmanager.http.MockPlatform.ok;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.SecretAccessDeniedException;
import tech.tailor.secretmanager.SecretManager;
import tech.tailor.secretmanager.SecretProtocolException;
import tech.tailor.secretmanager.SecretUnavailableException;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.client.SecretManagers;

class AccessTokenSourceTest {

  private static final String VAULT = "{\"vault\":" + named("default") + "}";

  @TempDir
  Path directory;

  private final MockPlatform platform = new MockPlatform().start();
  private final FakeTime time = new FakeTime();
  private HttpSecretStore store;

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
    platform.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "canary token", "canary\n", "canary\u00e9", "canary\u0000"})
  void tokenThatCannotBeOne_isRefused_withoutBeingShown(String token) {
    assertThatThrownBy(() -> AccessTokenSource.of(token))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("visible ASCII")
        .hasMessageNotContaining("canary");
    assertThatThrownBy(() -> AccessTokenSource.of("x".repeat(HttpLimits.TOKEN_LENGTH + 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(AccessTokenSource.of("x".repeat(HttpLimits.TOKEN_LENGTH)))
        .hasToString("AccessTokenSource[redacted]");
  }

  @Test
  void environment_isReadAsTheCliReadsIt() {
    open(AccessTokenSource.fromEnvironment(
        Map.of("TAILOR_PLATFORM_TOKEN", "new", "TAILOR_TOKEN", "deprecated")));
    assertThat(sent()).isEqualTo("new");
    open(AccessTokenSource.fromEnvironment(
        Map.of("TAILOR_PLATFORM_TOKEN", "", "TAILOR_TOKEN", "deprecated")));
    assertThat(sent()).isEqualTo("deprecated");
    assertThatThrownBy(() -> AccessTokenSource.fromEnvironment(Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TAILOR_PLATFORM_TOKEN");
  }

  @Test
  void file_isReadForEachRequest() throws IOException {
    Path file = directory.resolve("token");
    Files.writeString(file, "first\n");
    open(AccessTokenSource.fromFile(file));
    assertThat(sent()).isEqualTo("first");

    Files.writeString(file, "  second  ");
    assertThat(sent()).isEqualTo("second");

    Files.writeString(file, "canary of two words");
    assertThatThrownBy(this::sent)
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining(file.toString())
        .hasMessageNotContaining("canary");
    Files.delete(file);
    assertThatThrownBy(this::sent)
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("NoSuchFileException");
  }

  /** Opening a pipe waits for a writer, and what was read once is gone. */
  @Test
  @Timeout(60)
  void pipeInPlaceOfTheFile_isRefusedAtOnce() throws Exception {
    Path pipe = directory.resolve("pipe");
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/mkfifo")), "SKIPPED: there is no mkfifo");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    open(AccessTokenSource.fromFile(pipe));

    assertThatThrownBy(this::sent)
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("not a regular file");
  }

  @Test
  void supplier_isAskedForEachRequest_andItsFailureIsWithheld() {
    AtomicInteger asked = new AtomicInteger();
    open(AccessTokenSource.from(() -> {
      if (asked.incrementAndGet() > 2) {
        throw new IllegalStateException("canary");
      }
      return "token-" + asked;
    }));

    assertThat(List.of(sent(), sent())).containsExactly("token-1", "token-2");
    assertThatThrownBy(this::sent)
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageNotContaining("canary")
        .hasNoCause();
  }

  /** Else it would give the token of whoever called first to all callers. */
  @Test
  void supplierBehindAManager_seesNothingThatThreadsInheritFromACaller() {
    platform.values.put("api-key", "made-up");
    InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    open(AccessTokenSource.from(() -> {
      seen.add("the token of " + user.get());
      return "token";
    }));
    try (SecretManager manager = SecretManagers.builder(store).build()) {
      user.set("alice");
      manager.requireSecret("default", "api-key").close();
      manager.requireSecretAsync("default", "api-key").join().close();
    } finally {
      user.remove();
    }

    assertThat(seen).isNotEmpty().containsOnly("the token of null");
  }

  @Test
  void refusedToken_isExchangedOnce_forAChangeToo() {
    List<String> tokens = List.of("old", "new", "newer");
    AtomicInteger asked = new AtomicInteger();
    open(AccessTokenSource.from(() -> tokens.get(asked.getAndIncrement())));
    platform.next("CreateSecretManagerVault", error(401, "unauthenticated"));
    platform.next("CreateSecretManagerVault", ok(VAULT));

    store.createVault("default");

    assertThat(platform.calls("CreateSecretManagerVault"))
        .extracting(call -> call.header("Authorization"))
        .containsExactly("Bearer old", "Bearer new");
  }

  @Test
  void tokenThatIsRefusedAgain_isDenied() {
    AtomicInteger asked = new AtomicInteger();
    open(AccessTokenSource.from(() -> "token-" + asked.incrementAndGet()));
    platform.always("GetSecretManagerVault", bare(401));

    assertThatThrownBy(() -> store.describeVault("default"))
        .isInstanceOf(SecretAccessDeniedException.class)
        .hasMessageNotContaining("token-");
    assertThat(platform.calls).hasSize(2);
  }

  @Test
  void tokenWithoutAnother_isNotSentTwice() {
    open(AccessTokenSource.of("only"));
    platform.always("GetSecretManagerVault", error(401, "unauthenticated"));

    assertThatThrownBy(() -> store.describeVault("default"))
        .isInstanceOf(SecretAccessDeniedException.class);
    assertThat(platform.calls).hasSize(1);
  }

  @Nested
  class OfAMachineUser {

    @BeforeEach
    void open() {
      AccessTokenSourceTest.this.open(AccessTokenSource.machineUser(
          platform.server.url("/app").uri(),
          "client id&",
          () -> SecretValue.of("canary-client=secret")));
    }

    @Test
    void token_isGranted_andKept() {
      grant("granted", 3600);

      assertThat(List.of(sent(), sent())).containsExactly("granted", "granted");

      MockPlatform.Call call = platform.calls("token").get(0);
      assertThat(platform.calls("token")).hasSize(1);
      assertThat(call.request().getTarget()).isEqualTo("/app/oauth2/token");
      assertThat(call.header("Content-Type")).startsWith("application/x-www-form-urlencoded");
      assertThat(call.header("Authorization")).isNull();
      assertThat(call.request().getBody().utf8())
          .isEqualTo("grant_type=client_credentials&client_id=client%20id%26"
              + "&client_secret=canary-client%3Dsecret");
    }

    @Test
    void token_isRenewedAheadOfItsExpiry() {
      grant("first", 3600);
      grant("second", 3600);
      sent();

      time.advance(Duration.ofSeconds(3539));
      assertThat(sent()).isEqualTo("first");
      time.advance(Duration.ofSeconds(1));
      assertThat(sent()).isEqualTo("second");
    }

    @Test
    void failedRenewal_leavesTheTokenThatIsStillGood() {
      grant("first", 100);
      sent();
      platform.always("token", bare(500));

      time.advance(Duration.ofSeconds(90));
      assertThat(List.of(sent(), sent())).containsOnly("first");
      assertThat(platform.calls("token")).hasSize(2); // not with each request
      time.advance(Duration.ofSeconds(10));
      assertThatThrownBy(AccessTokenSourceTest.this::sent)
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageContaining("HTTP 500")
          .hasMessageNotContaining("canary");
      grant("second", 100);
      assertThat(sent()).isEqualTo("second");
    }

    @Test
    void refusedCredentials_areDenied() {
      platform.always("token", error(401, "canary"));

      assertThatThrownBy(AccessTokenSourceTest.this::sent)
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("credentials")
          .hasMessageNotContaining("canary");
      assertThat(platform.calls("token")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{}",
          "canary",
          "{\"access_token\":1}",
          "{\"access_token\":\"canary of two words\"}",
          "{\"access_token\":\"x\",\"expires_in\":\"canary\"}"
        })
    void strangeGrant_isAProtocolError(String grant) {
      platform.always("token", ok(grant));

      assertThatThrownBy(AccessTokenSourceTest.this::sent)
          .isInstanceOf(SecretProtocolException.class)
          .hasMessageNotContaining("canary")
          .hasNoCause();
    }

    @Test
    void herd_getsOneToken() throws Exception {
      grant("for all", 3600);
      platform.always("GetSecretManagerVault", ok(VAULT));
      int threads = 16;
      CountDownLatch start = new CountDownLatch(threads);
      ExecutorService herd = Executors.newFixedThreadPool(threads);
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        calls.add(herd.submit(() -> {
          start.countDown();
          start.await();
          return store.describeVault("default");
        }));
      }
      for (Future<?> call : calls) {
        call.get(30, TimeUnit.SECONDS);
      }
      herd.shutdown();
      System.out.println("a herd of " + threads + ": " + platform.calls("token").size() + " grant");
      assertThat(platform.calls("token")).hasSize(1);
    }

    private void grant(String token, int seconds) {
      platform.next(
          "token",
          ok("{\"token_type\":\"Bearer\",\"access_token\":\"" + token.replace(' ', '-')
              + "\",\"expires_in\":" + seconds + "}"));
    }
  }

  @Nested
  class OfTheCli {

    private Path file;

    @BeforeEach
    void config() throws IOException {
      file = directory.resolve("config.yaml");
      write("2026-11-24T13:00:00.000Z");
    }

    @Test
    void currentUsersToken_isUsed() {
      assertThat(openAndSend(Optional.empty())).isEqualTo("token-of-jane");
    }

    @Test
    void profilesUsersToken_isUsed() {
      assertThat(openAndSend(Optional.of("work"))).isEqualTo("token-of-joe");
    }

    @Test
    void expiredToken_isRefreshed_andWrittenBack() throws IOException {
      write("2026-11-24T11:59:59.000Z");
      discovery(platform.server.url("/oauth2/platform/token").toString());
      platform.next(
          "token",
          ok(
              "{\"access_token\":\"fresh\",\"refresh_token\":\"next-refresh\",\"expires_in\":3600}"));

      assertThat(openAndSend(Optional.empty())).isEqualTo("fresh");

      assertThat(platform.calls("token").get(0).request().getBody().utf8())
          .isEqualTo("grant_type=refresh_token&refresh_token=refresh-of-jane&client_id=cli");
      CliConfig config = CliConfig.read(file);
      CliConfig.Login login = config.login("jane@example.com");
      assertThat(login.accessToken()).isEqualTo("fresh");
      assertThat(login.refreshToken()).contains("next-refresh");
      assertThat(login.expiry()).isEqualTo("2026-11-24T13:00:00Z");
      assertThat(config.login("joe").accessToken()).isEqualTo("token-of-joe");
      assertThat(config.profile("work").workspace()).contains(MockPlatform.WORKSPACE);
      assertThat(Files.readString(file)).contains("unknown: \"kept\"");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      try (var files = Files.list(directory)) {
        assertThat(files).containsExactly(file);
      }
    }

    @Test
    void tokenThatTheCliRefreshed_isTakenFromTheFile() throws IOException {
      assertThat(openAndSend(Optional.empty())).isEqualTo("token-of-jane");
      Files.writeString(
          file,
          Files.readString(file)
              .replace("token-of-jane", "refreshed-by-the-cli")
              .replace("13:00:00", "15:00:00"));

      time.advance(Duration.ofMinutes(60));
      assertThat(sent()).isEqualTo("refreshed-by-the-cli");
      assertThat(platform.calls("token")).isEmpty();
    }

    @Test
    void refreshToken_goesToNoOtherServer() throws IOException {
      write("2026-11-24T11:59:59.000Z");
      for (String other : List.of(
          "https://evil.example/token",
          "http://localhost:" + platform.server.getPort() + "/token",
          "http://127.0.0.1:1/token",
          "ftp://x")) {
        discovery(other);
        assertThatThrownBy(() -> openAndSend(Optional.empty()))
            .isInstanceOf(SecretProtocolException.class)
            .hasMessageContaining("isn't sent");
      }
      assertThat(platform.calls("token")).isEmpty();
    }

    @Test
    void configThatCannotServe_saysWhatToDo() throws IOException {
      assertThatThrownBy(() -> openAndSend(Optional.of("nobody")))
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("no profile \"nobody\"");
      Files.writeString(file, "version: 2\nusers:\n  j:\n    storage: keyring\ncurrent_user: j\n");
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .hasMessageContaining("keyring")
          .hasMessageContaining("TAILOR_PLATFORM_TOKEN");
      Files.writeString(file, "version: 3\n");
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .hasMessageContaining("a version that this library doesn't know");
      Files.writeString(file, "version: 1\ncurrent_user: null\n");
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .hasMessageContaining("Nobody is logged in");
      Files.writeString(file, "users: [canary: {");
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageNotContaining("canary");
      Files.writeString(file, "a: &x canary\nb: *x\n");
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .isInstanceOf(SecretUnavailableException.class)
          .hasMessageNotContaining("canary");
      Files.delete(file);
      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("tailor-sdk login");
    }

    @Test
    void expiredToken_withoutARefreshToken_isDenied() throws IOException {
      write("2026-11-24T11:59:59.000Z");
      Files.writeString(
          file, Files.readString(file).replace("    refresh_token: refresh-of-jane\n", ""));

      assertThatThrownBy(() -> openAndSend(Optional.empty()))
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("tailor-sdk login");
    }

    /**
     * The newer CLI: users of another platform than Tailor's are keyed by its URL and their name.
     */
    @Test
    void profileOfAnotherPlatform_hasItsOwnLogin() throws IOException {
      String here = here();
      writeWithPlatform(here, here + "|joe");

      assertThat(openAndSend(new CliSettings(
              file, Optional.of("other"), endpoint(CliSettings.PLATFORM), "cli", false)))
          .isEqualTo("token-of-joe-there");
    }

    @Test
    void tokenOfAnotherPlatform_isNeverShown() throws IOException {
      String here = here();
      writeWithPlatform(here, "https://third.example|joe");

      for (String profile : List.of("other", "qualified")) {
        assertThatThrownBy(() -> openAndSend(Optional.of(profile)))
            .isInstanceOf(SecretAccessDeniedException.class)
            .hasMessageContaining("no login of its user for that platform");
      }
      assertThat(platform.calls).isEmpty();
    }

    @Test
    void tokenOfAnotherPlatformThanTheEndpoint_isNeitherSentNorRefreshed() throws IOException {
      String there = "https://dev.example";
      writeWithPlatform(there, there + "|joe");
      String valid = Files.readString(file);
      String expired = valid.replace("2026-11-24T2", "2026-11-23T2");

      for (String config : List.of(valid, expired)) {
        Files.writeString(file, config);
        for (CliSettings settings : List.of(
            new CliSettings(file, Optional.of("other"), endpoint(here()), "cli", false),
            new CliSettings(file, Optional.empty(), endpoint(there), "cli", false),
            new CliSettings(file, Optional.empty(), endpoint("http://127.0.0.1:1"), "cli", true),
            new CliSettings(
                file, Optional.empty(), endpoint(CliSettings.PLATFORM), "cli", false))) {
          assertThatThrownBy(() -> openAndSend(settings))
              .isInstanceOf(SecretAccessDeniedException.class)
              .hasMessageContaining("isn't sent to the store's endpoint, " + here())
              .hasMessageContaining("TAILOR_PLATFORM_PROFILE")
              .hasMessageNotContaining("joe");
        }
      }
      assertThat(platform.calls).isEmpty();
      assertThat(Files.readString(file)).isEqualTo(expired);
    }

    @Test
    void endpointThatIsSetAfterTheEnvironment_doesNotGetItsToken() throws IOException {
      file = Files.createDirectories(directory.resolve("tailor-platform")).resolve("config.yaml");
      writeWithPlatform("https://dev.example", "https://dev.example|joe");
      try (HttpSecretStore reader = HttpSecretStore.builder()
          .environment(
              Map.of("XDG_CONFIG_HOME", directory.toString(), "TAILOR_PLATFORM_PROFILE", "other"))
          .endpoint(here())
          .pauses(time.pauses(0), time)
          .build()) {
        assertThatThrownBy(() -> reader.describeVault("default"))
            .isInstanceOf(SecretAccessDeniedException.class)
            .hasMessageContaining("is for https://dev.example");
      }
      assertThat(platform.calls).isEmpty();
    }

    @Test
    void refresh_usesTheClientIdOfTheProfile_andWritesUnderTheSameKey() throws IOException {
      String here = here();
      writeWithPlatform(here, here + "|joe");
      Files.writeString(
          file, Files.readString(file).replace("2026-11-24T22:00:00Z", "2026-11-24T11:00:00Z"));
      discovery(platform.server.url("/oauth2/platform/token").toString());
      platform.next("token", ok("{\"access_token\":\"fresh\",\"expires_in\":3600}"));

      assertThat(openAndSend(Optional.of("other"))).isEqualTo("fresh");

      assertThat(platform.calls("token").get(0).request().getBody().utf8())
          .isEqualTo("grant_type=refresh_token&refresh_token=refresh-there&client_id=cpoc_other");
      CliConfig config = CliConfig.read(file);
      assertThat(config.login(here + "|joe").accessToken()).isEqualTo("fresh");
      assertThat(config.login("joe").accessToken()).isEqualTo("token-of-joe");
    }

    @Test
    void profile_givesEndpointAndWorkspace_andMayForbidChanges() throws IOException {
      String here = here();
      Path directories = Files.createDirectories(directory.resolve("tailor-platform"));
      file = directories.resolve("config.yaml");
      writeWithPlatform(here, here + "|joe");
      Map<String, String> environment = new HashMap<>(Map.of(
          "XDG_CONFIG_HOME", directory.toString(),
          "TAILOR_PLATFORM_URL", "https://not-asked.example",
          "TAILOR_PLATFORM_PROFILE", "other"));

      try (HttpSecretStore reader = HttpSecretStore.builder()
          .environment(environment)
          .pauses(time.pauses(0), time)
          .build()) {
        assertThat(reader)
            .hasToString("HttpSecretStore[" + here + ", workspace " + MockPlatform.WORKSPACE + "]");
        platform.always("GetSecretManagerVault", ok(VAULT));
        assertThat(reader.describeVault("default")).isPresent();
        assertThatChangesAreRefused(reader);
      }
      environment.put("TAILOR_PLATFORM_PROFILE", "no-such-profile");
      environment.put("TAILOR_PLATFORM_TOKEN", "token");
      environment.put("TAILOR_PLATFORM_WORKSPACE_ID", MockPlatform.WORKSPACE);
      assertThatThrownBy(() -> HttpSecretStore.builder().environment(environment))
          .isInstanceOf(SecretAccessDeniedException.class)
          .hasMessageContaining("no profile \"no-such-profile\"");
    }

    @Test
    void readOnlyProfile_forbidsChanges_whereOnlyTheTokenComesFromIt() throws IOException {
      writeWithPlatform(here(), here() + "|joe");
      String config = Files.readString(file);
      open(AccessTokenSource.fromCliConfig(
          new CliSettings(file, Optional.of("other"), endpoint(here()), "cli", false)));

      assertThatChangesAreRefused(store); // before a token was needed
      assertThat(sent()).isEqualTo("token-of-joe-there");
      assertThatChangesAreRefused(store);

      Files.writeString(file, config.replace("readonly: true", "readonly: false"));
      assertThat(openAndSend(Optional.of("other"))).isEqualTo("token-of-joe-there");
      platform.always("DeleteSecretManagerSecret", ok("{}"));
      store.deleteSecret("default", "api-key");
      assertThat(platform.calls("DeleteSecretManagerSecret")).hasSize(1);
    }

    private void assertThatChangesAreRefused(HttpSecretStore reader) {
      int calls = platform.calls.size();
      try (SecretValue value = SecretValue.of("canary")) {
        for (ThrowingCallable change : List.<ThrowingCallable>of(
            () -> reader.createVault("default"),
            () -> reader.createSecret("default", "api-key", value),
            () -> reader.updateSecret("default", "api-key", value),
            () -> reader.deleteSecret("default", "api-key"),
            () -> reader.setLabels("default", "api-key", Map.of()),
            () -> reader.setVaultLabels("default", Map.of()))) {
          assertThatThrownBy(change)
              .isInstanceOf(SecretAccessDeniedException.class)
              .hasMessageContaining("the profile \"other\" of Tailor's CLI is read-only");
        }
      }
      assertThat(platform.calls).hasSize(calls);
      platform.always("ListSecretManagerSecrets", ok("{}"));
      assertThatThrownBy(() -> reader.deleteVault("default"))
          .isInstanceOf(SecretAccessDeniedException.class);
      assertThat(platform.calls("DeleteSecretManagerVault")).isEmpty();
    }

    private void writeWithPlatform(String url, String key) throws IOException {
      Files.writeString(
          file, """
          version: 2
          users:
            joe:
              storage: file
              access_token: token-of-joe
              token_expires_at: "2026-11-24T23:00:00Z"
            "%s":
              storage: file
              access_token: token-of-joe-there
              refresh_token: refresh-there
              token_expires_at: "2026-11-24T22:00:00Z"
          profiles:
            other:
              user: joe
              workspace_id: %s
              platform_url: %s
              oauth2_client_id: cpoc_other
              readonly: true
            qualified:
              user: https://third.example|joe
              workspace_id: %s
              platform_url: %s
          current_user: joe
          """.formatted(key, MockPlatform.WORKSPACE, url, MockPlatform.WORKSPACE, url));
    }

    @Test
    void settings_areFoundWhereTheCliFindsThem() {
      CliSettings settings = CliSettings.of(Map.of(
          "XDG_CONFIG_HOME", "/xdg",
          "TAILOR_PLATFORM_PROFILE", "work",
          "PLATFORM_URL", "https://api.example.com"));
      assertThat(settings.file()).isEqualTo(Path.of("/xdg/tailor-platform/config.yaml"));
      assertThat(settings.profile()).contains("work");
      assertThat(settings.platform()).hasToString("https://api.example.com");
      CliSettings standard = CliSettings.of(Map.of("HOME", "/home/jane"));
      assertThat(standard.file())
          .isEqualTo(Path.of("/home/jane/.config/tailor-platform/config.yaml"));
      assertThat(standard.platform()).hasToString("https://api.tailor.tech");
      assertThat(standard.clientId()).startsWith("cpoc_");
    }

    private String openAndSend(Optional<String> profile) {
      return openAndSend(new CliSettings(file, profile, endpoint(here()), "cli"));
    }

    private Endpoint endpoint(String url) {
      return Endpoint.of(url, false, "The endpoint");
    }

    private String openAndSend(CliSettings settings) {
      open(AccessTokenSource.fromCliConfig(settings));
      return sent();
    }

    private void discovery(String tokenEndpoint) {
      platform.always(
          "platform",
          ok("{\"token_endpoint\":\""
              + tokenEndpoint.replace(
                  "localhost:" + platform.server.getPort() + "/oauth2",
                  "127.0.0.1:" + platform.server.getPort() + "/oauth2")
              + "\"}"));
    }

    private void write(String expiry) throws IOException {
      Files.writeString(file, """
          version: 1
          users:
            jane@example.com:
              access_token: token-of-jane
              refresh_token: refresh-of-jane
              token_expires_at: %s
              unknown: kept
            joe:
              access_token: token-of-joe
              token_expires_at: "2026-11-24T23:00:00Z"
          profiles:
            work:
              user: joe
              workspace_id: %s
          current_user: jane@example.com
          """.formatted(expiry, MockPlatform.WORKSPACE));
    }
  }

  @Test
  void machineUser_needsTls_butOnThisMachine() {
    assertThatThrownBy(() -> AccessTokenSource.machineUser(
            URI.create("http://app.example"), "id", () -> SecretValue.of("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://");
  }

  private void open(AccessTokenSource tokens) {
    if (store != null) {
      store.close();
    }
    store = platform
        .builder()
        .endpoint(here())
        .accessToken(tokens)
        .pauses(time.pauses(0), time)
        .build();
  }

  private String here() {
    return "http://127.0.0.1:" + platform.server.getPort();
  }

  /** The token of one more call. */
  private String sent() {
    platform.always("GetSecretManagerVault", ok(VAULT));
    store.describeVault("default");
    List<MockPlatform.Call> calls = platform.calls("GetSecretManagerVault");
    return calls.get(calls.size() - 1).header("Authorization").substring("Bearer ".length());
  }
}
