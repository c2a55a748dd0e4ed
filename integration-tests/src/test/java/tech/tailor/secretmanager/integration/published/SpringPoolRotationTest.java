package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * alone: the login is rotated in the database and in the store, while many clients ask. The control
 * reads the password once.
 */
@Tag("deep")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SpringPoolRotationTest {

  private static final int ROTATIONS = Boolean.getBoolean("deep") ? 12 : 4;
  private static final int CLIENTS = 50;
  private static final int REQUESTS_BETWEEN = 500;
  private static final List<String> VERSIONS = List.of("3.5.7", "4.0.7", "4.1.2");

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
        VERSIONS.stream().map(SpringPoolRotationTest::application).toList());
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

  @Test
  void rotation_failsNoRequest_overHttp() throws Exception {
    Path own = Files.createTempDirectory(directory, "http");
    try (SecretManagerEmulator emulator = SecretManagerEmulator.start()) {
      RotatedLogin login = new RotatedLogin(
          database,
          (user, password) -> emulator.put(
              "orders",
              "db-login",
              "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}"));
      String properties = "secretmanager.url=" + emulator.endpoint()
          + "\nsecretmanager.workspace-id=" + emulator.workspaceId() + "\n"
          + FROM_ONE_SECRET;
      try (WebProcess application = start(
          VERSIONS.get(0),
          own,
          properties,
          Map.of("TAILOR_PLATFORM_TOKEN", emulator.adminToken()))) {
        rotate(VERSIONS.get(0) + " over HTTP", login, application);
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
      try (WebProcess application =
              start(VERSIONS.get(0), own, fileProperties(own) + READ_ONCE, Map.of());
          Requests requests = Requests.start(CLIENTS, application.uri().resolve("user"))) {
        requests.await(REQUESTS_BETWEEN);
        login.changePassword();
        try (Requests evict = Requests.start(1, application.uri().resolve("evict"))) {
          login.awaitNoSessions();
          assertThat(evict.failures()).isEmpty();
        }
        int before = requests.failures().size();
        while (requests.failures().size() == before) {
          Thread.sleep(20);
        }
        login.awaitNoSessions();
      }
    }
  }

  private static void rotate(String name, RotatedLogin login, WebProcess application)
      throws Exception {
    Requests requests = Requests.start(CLIENTS, application.uri().resolve("user"));
    try (requests) {
      requests.await(REQUESTS_BETWEEN);
      for (int i = 0; i < ROTATIONS; i++) {
        if (i % 2 == 0) {
          String before = login.now();
          login.changePassword();
          login.awaitNewSessions(before);
        } else {
          login.changeUser();
        }
        requests.await(REQUESTS_BETWEEN);
      }
    }
    System.out.printf(
        "Spring Boot %s: %d rotations, %d clients, %,d requests, %d failed%n",
        name, ROTATIONS, CLIENTS, requests.done(), requests.failures().size());
    assertThat(requests.failures()).isEmpty();
    assertThat(application.output()).doesNotContain("canary-");
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

  private static WebProcess start(
      String version, Path own, String properties, Map<String, String> environment)
      throws IOException, InterruptedException {
    Application application = application(version);
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    List<Path> path = new ArrayList<>(paths.of(application));
    Path classes = CompiledProgram.ofResource("PooledApp.java", path, own);
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
