package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.store.SecretStore;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * Web applications of Spring Boot with a pool of HikariCP's over PostgreSQL, and with properties
 * alone: the login is rotated in the database and in the store, while many clients ask. Before a
 * release it is rotated every five seconds for a minute. The controls read the password once, or
 * give it to the pool by HikariCP's own means.
 */
@Tag("suite")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SpringPoolRotationTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");
  private static final int ROTATIONS = DEEP ? 12 : 3;
  private static final Duration PERIOD = DEEP ? Duration.ofSeconds(5) : Duration.ZERO;
  private static final Duration REVOKED_AFTER = DEEP ? Duration.ofSeconds(2) : Duration.ZERO;
  private static final int CLIENTS = 50;
  private static final int REQUESTS_BETWEEN = 500;
  private static final String OLDEST = "3.5.7";
  private static final String NEWEST = "4.1.2";
  private static final List<String> VERSIONS =
      DEEP ? List.of(OLDEST, "4.0.7", NEWEST) : List.of(OLDEST);
  private static final List<String> VERSIONS_OVER_HTTP =
      DEEP ? List.of(OLDEST, NEWEST) : List.of(NEWEST);

  private static final String FROM_SECRETS = """
      secretmanager.datasource.user=orders/db-user
      secretmanager.datasource.password=orders/db-password
      secretmanager.rejection-timeout=60s
      spring.datasource.hikari.connection-timeout=120000
      """;
  private static final String FROM_ONE_SECRET = """
      secretmanager.datasource.login=orders/db-login
      secretmanager.rejection-timeout=60s
      secretmanager.time-to-live=1s
      spring.datasource.hikari.connection-timeout=120000
      """;
  private static final String BY_A_PROVIDER = """
      spring.datasource.hikari.connection-timeout=5000
      """;
  private static final String READ_ONCE = """
      spring.datasource.username=${secret@orders/db-user}
      spring.datasource.password=${secret@orders/db-password}
      spring.datasource.hikari.connection-timeout=20000
      """;

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;
  private static Postgres database;

  @BeforeAll
  static void prepare() throws Exception {
    library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        Stream.concat(VERSIONS.stream(), VERSIONS_OVER_HTTP.stream())
            .distinct()
            .map(SpringPoolRotationTest::application)
            .toList());
    database = Postgres.start();
  }

  @AfterAll
  static void end() throws Exception {
    if (database != null) {
      database.close();
    }
    if (library != null) {
      library.close();
    }
  }

  private static Application application(String version) {
    return Application.of(
            "spring-boot-" + version + "-pool",
            "org.springframework.boot:spring-boot-starter-web",
            "org.springframework.boot:spring-boot-starter-jdbc",
            "org.postgresql:postgresql",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-file",
            "tech.tailor.secretmanager:secretmanager-http")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void rotation_failsNoRequest_withAFile(String version) throws Exception {
    Path own = Files.createTempDirectory(directory, "file");
    try (FileSecretStore store = fileStore(own)) {
      RotatedLogin login = new RotatedLogin(
          database,
          (user, password) -> store.inOneCommit(changes -> {
            put(changes, "db-user", user);
            put(changes, "db-password", password);
          }));
      try (WebProcess application =
          start(version, own, fileProperties(own) + FROM_SECRETS, Map.of())) {
        rotate(version + " with a file", login, application);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("VERSIONS_OVER_HTTP")
  void rotation_failsNoRequest_overHttp(String version) throws Exception {
    Path own = Files.createTempDirectory(directory, "http");
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      RotatedLogin login = loginIn(emulator);
      try (WebProcess application =
          start(version, own, httpProperties(emulator) + FROM_ONE_SECRET, tokenOf(emulator))) {
        rotate(version + " over HTTP", login, application);
      }
    }
  }

  /** The same application, but for its properties. Its pool must log in again to notice. */
  @Test
  void control_aPasswordThatIsReadOnce_failsAfterARotation() throws Exception {
    Path own = Files.createTempDirectory(directory, "control");
    try (FileSecretStore store = fileStore(own)) {
      RotatedLogin login = new RotatedLogin(database, (user, password) -> {
        put(store, "db-user", user);
        put(store, "db-password", password);
      });
      try (WebProcess application = start(OLDEST, own, fileProperties(own) + READ_ONCE, Map.of())) {
        assertFails(login, application);
      }
    }
  }

  /**
   * The same application over HTTP, whose pool asks a provider for the login, as HikariCP has it
   * since 7: it is given what is in the cache, and has no means to say that this was rejected.
   */
  @Test
  void control_aCredentialsProvider_failsAfterARotation() throws Exception {
    Path own = Files.createTempDirectory(directory, "provider");
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      RotatedLogin login = loginIn(emulator);
      try (WebProcess application = start(
          NEWEST,
          own,
          httpProperties(emulator) + BY_A_PROVIDER,
          tokenOf(emulator),
          "ProvidedLogins.java")) {
        assertFails(login, application);
      }
    }
  }

  private static void assertFails(RotatedLogin login, WebProcess application) throws Exception {
    try (Requests requests = Requests.start(CLIENTS, application.uri().resolve("user"))) {
      requests.await(REQUESTS_BETWEEN);
      assertThat(requests.failures()).isEmpty();
      login.setNewPassword();
      try (Requests evict = Requests.start(1, application.uri().resolve("evict"))) {
        login.awaitNoSessions();
        assertThat(evict.failures()).isEmpty();
      }
      while (requests.failures().isEmpty()) {
        Thread.sleep(20);
      }
      login.awaitNoSessions();
    }
  }

  private static void rotate(String name, RotatedLogin login, WebProcess application)
      throws Exception {
    List<Integer> newLogins = new ArrayList<>();
    long begin = System.nanoTime();
    Requests requests = Requests.start(CLIENTS, application.uri().resolve("user"));
    try (requests) {
      requests.await(REQUESTS_BETWEEN);
      for (int i = 1; i <= ROTATIONS; i++) {
        newLogins.add(i % 2 == 0 ? login.changePassword() : login.changeUser(REVOKED_AFTER));
        requests.await(REQUESTS_BETWEEN);
        long early = begin + i * PERIOD.toNanos() - System.nanoTime();
        Thread.sleep(Math.max(0, TimeUnit.NANOSECONDS.toMillis(early)));
      }
    }
    System.out.printf(
        "Spring Boot %s: %d rotations in %d s, with %s new logins; %d clients, %,d requests,"
            + " %d failed%n",
        name,
        ROTATIONS,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        newLogins,
        CLIENTS,
        requests.done(),
        requests.failures().size());
    assertThat(newLogins).hasSize(ROTATIONS).allMatch(made -> made > 0);
    assertThat(requests.failures()).isEmpty();
    assertThat(application.output()).doesNotContain("canary-");
  }

  private static RotatedLogin loginIn(SecretManagerEmulator emulator) throws SQLException {
    return new RotatedLogin(
        database,
        (user, password) -> emulator.put(
            "orders",
            "db-login",
            "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}"));
  }

  private static String httpProperties(SecretManagerEmulator emulator) {
    return "secretmanager.url=" + emulator.endpoint() + "\nsecretmanager.workspace-id="
        + emulator.workspaceId() + "\n";
  }

  private static Map<String, String> tokenOf(SecretManagerEmulator emulator) {
    return Map.of("TAILOR_PLATFORM_TOKEN", emulator.adminToken());
  }

  private static FileSecretStore fileStore(Path directory) {
    FileSecretStore store = FileSecretStore.create(
        directory.resolve("store"), MasterKey.createFile(directory.resolve("master.key")));
    store.createVault("orders");
    return store;
  }

  private static String fileProperties(Path directory) {
    return "secretmanager.url=file:" + directory.resolve("store") + "\nsecretmanager.key-file="
        + directory.resolve("master.key") + "\n";
  }

  private static void put(SecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put("orders", name, value);
    }
  }

  /**
   * Starts the application.
   *
   * @param more another source file of it, if any
   */
  private static WebProcess start(
      String version, Path own, String properties, Map<String, String> environment, String... more)
      throws IOException, InterruptedException {
    Application application = application(version);
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    List<Path> path = new ArrayList<>(paths.of(application));
    Path classes = CompiledProgram.ofResource("PooledApp.java", path, own);
    for (String source : more) {
      path.add(
          0, CompiledProgram.ofResource(source, path, Files.createDirectory(own.resolve("more"))));
    }
    Files.writeString(classes.resolve("application.properties"), """
        server.port=0
        server.address=127.0.0.1
        spring.datasource.url=%s?ApplicationName=%s
        %s""".formatted(
            database.url(), RotatedLogin.APPLICATION, properties));
    path.add(0, classes);
    return WebProcess.start("app.PooledApp", path, own, environment);
  }
}
