package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.TestCertificate;

/**
 * A web application of each Spring Boot with Actuator, over HTTP, and with Spring Cloud: an
 * imported vault, the health, a secret that changes, a call with a secret header, and what the
 * endpoints show.
 */
@Tag("suite")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SpringActuatorTest {

  private static final Map<String, String> CLOUD =
      Map.of("3.5.7", "4.3.0", "4.0.7", "5.0.1", "4.1.2", "5.0.1");
  private static final String CANARY = "canary-of-24-characters!";

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void prepare() {
    library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        CLOUD.keySet().stream().map(SpringActuatorTest::application).toList());
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application application(String version) {
    return Application.of(
            "spring-boot-" + version + "-actuator",
            "org.springframework.boot:spring-boot-starter-web",
            "org.springframework.boot:spring-boot-starter-actuator",
            "org.springframework.cloud:spring-cloud-context:" + CLOUD.get(version),
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-file")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  @ParameterizedTest
  @CsvSource({"3.5.7", "4.0.7", "4.1.2"})
  void endpoints_showHealth_andNoValue_andAChangeReachesBeans(String version) throws Exception {
    Path own = Files.createTempDirectory(directory, "run");
    try (FileSecretStore store = FileSecretStore.create(
        own.resolve("store"), MasterKey.createFile(own.resolve("master.key")))) {
      store.createVault("orders");
      put(store, "greeting", CANARY);
      put(store, "by-reference", "another-" + CANARY);
      try (WebProcess application = start(version, own, "secretmanager:orders?prefix=app.")) {
        assertThat(get(application, "lengths")).isEqualTo("24 24 orders/by-reference");
        assertThat(get(application, "call"))
            .as("with a secret header that is refused once")
            .isEqualTo("second called a body");
        assertThat(get(application, "actuator/health"))
            .contains("\"secretmanager\":{")
            .containsPattern("\"answered\":[12]") // the imported secrets are kept warm
            .contains("\"status\":\"UP\"");
        for (String endpoint : List.of("env", "configprops", "beans")) {
          assertThat(get(application, "actuator/" + endpoint))
              .as(endpoint)
              .doesNotContain(CANARY)
              .hasSizeGreaterThan(500);
        }
        assertThat(get(application, "actuator/configprops"))
            .as("control: values are shown")
            .contains("shown-in-plain-text");

        put(store, "greeting", "longer-" + CANARY);
        while (!get(application, "lengths").startsWith("31 31 ")) {
          Thread.sleep(20);
        }
        assertThat(get(application, "actuator/env")).doesNotContain(CANARY);
        assertThat(application.output()).doesNotContain(CANARY);
      }
    }
    System.out.println("Spring Boot " + version + " with Actuator: OK");
  }

  /**
   * The certificate of the embedded Tomcat is a secret, and the port stays open when it changes.
   */
  @ParameterizedTest
  @CsvSource({"3.5.7", "4.0.7", "4.1.2"})
  void serverFollowsTheSecretOfItsCertificate(String version) throws Exception {
    Path own = Files.createTempDirectory(directory, "run");
    try (FileSecretStore store = FileSecretStore.create(
        own.resolve("store"), MasterKey.createFile(own.resolve("master.key")))) {
      store.createVault("orders");
      put(store, "greeting", CANARY);
      put(store, "tls", TestCertificate.make(own, "EC", "first").pem());
      try (WebProcess application = start(version, own, "secretmanager:orders?prefix=app.", """
          secretmanager.ssl.bundle.web=orders/tls
          server.ssl.bundle=web
          """)) {
        assertThat(subject(application)).isEqualTo("CN=first");
        put(store, "tls", TestCertificate.make(own, "EC", "second").pem());
        while (!subject(application).equals("CN=second")) {
          Thread.sleep(20);
        }
      }
    }
  }

  /** Of the certificate that the application shows. */
  private static String subject(WebProcess application) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, new TrustManager[] {new TrustsAnybody()}, null);
    try (SSLSocket socket = (SSLSocket) trusting
        .getSocketFactory()
        .createSocket(InetAddress.getLoopbackAddress(), application.uri().getPort())) {
      socket.startHandshake();
      return socket.getSession().getPeerPrincipal().getName();
    }
  }

  private static final class TrustsAnybody implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @ParameterizedTest
  @CsvSource({"3.5.7", "4.0.7", "4.1.2"})
  void importThatIsMissing_isExplained(String version) throws Exception {
    Path own = Files.createTempDirectory(directory, "run");
    try (FileSecretStore store = FileSecretStore.create(
        own.resolve("store"), MasterKey.createFile(own.resolve("master.key")))) {
      store.createVault("orders");
    }
    assertThatThrownBy(() -> start(version, own, "secretmanager:nowhere").close())
        .hasMessageContaining("APPLICATION FAILED TO START")
        .hasMessageContaining("The vault nowhere can't be imported: ")
        .hasMessageContaining("create it, or import optional:secretmanager:nowhere");
  }

  private String get(WebProcess application, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(application.uri().resolve(path)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private static void put(FileSecretStore store, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      store.put("orders", name, value);
    }
  }

  private static WebProcess start(String version, Path own, String imported) throws Exception {
    return start(version, own, imported, "");
  }

  private static WebProcess start(String version, Path own, String imported, String more)
      throws Exception {
    Application application = application(version);
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    List<Path> path = new ArrayList<>(paths.of(application));
    Path classes = CompiledProgram.ofResource("ActuatorApp.java", path, own);
    Files.writeString(classes.resolve("application.properties"), """
        server.port=0
        server.address=127.0.0.1
        secretmanager.url=file:%s
        secretmanager.key-file=%s
        spring.config.import=%s
        spring.cloud.compatibility-verifier.enabled=false
        references.ref=orders/by-reference
        references.handle=orders/by-reference
        references.plain=shown-in-plain-text
        management.endpoints.web.exposure.include=*
        management.endpoint.health.show-details=always
        management.endpoint.env.show-values=always
        management.endpoint.configprops.show-values=always
        %s
        """.formatted(
            own.resolve("store"), own.resolve("master.key"), imported, more));
    path.add(0, classes);
    return WebProcess.start("app.ActuatorApp", path, own, Map.of());
  }
}
