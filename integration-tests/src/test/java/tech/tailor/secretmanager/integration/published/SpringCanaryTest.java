package tech.tailor.secretmanager.integration.published;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.Jdk;
import tech.tailor.secretmanager.integration.memory.Traces;
import tech.tailor.secretmanager.integration.memory.Traces.Found;

/**
 * A secret that a web application of Spring Boot binds as {@code SecretRef} and
 * {@code SecretHandle}, and uses, is in no heap dump, JMX attribute, masked log, endpoint, failed
 * start or output of ahead-of-time processing. The control binds it by {@code @Value}.
 */
@Tag("suite")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SpringCanaryTest {

  private static final List<String> VERSIONS =
      Boolean.getBoolean("deep") ? List.of("3.5.7", "4.0.7", "4.1.2") : List.of("3.5.7", "4.1.2");

  private static final String BY_VALUE =
      "app.by-value=${secret@orders/canary}\ntext.value=${secret@orders/canary}\n";
  private static final String AWKWARD =
      "a\\${b} ${c:d} #{1+41} \"e\"\n'f'\\\\ ${secret@orders/canary} \u00e9\u20ac";

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  private final HttpClient client = HttpClient.newHttpClient();
  private final byte[] canary = canary();

  @BeforeAll
  static void prepare() {
    library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        VERSIONS.stream()
            .flatMap(version -> Stream.of(application(version), withLog4j(version)))
            .toList());
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application application(String version) {
    return Application.of(
            "spring-boot-" + version + "-canary",
            "org.springframework.boot:spring-boot-starter-web",
            "org.springframework.boot:spring-boot-starter-actuator",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-logging",
            "tech.tailor.secretmanager:secretmanager-file")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  private static Application withLog4j(String version) {
    return Application.of(
            "spring-boot-" + version + "-log4j2",
            "org.springframework.boot:spring-boot-starter-web",
            "org.springframework.boot:spring-boot-starter-log4j2",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-logging",
            "tech.tailor.secretmanager:secretmanager-file")
        .excluding("org.springframework.boot:spring-boot-starter-logging")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  private static byte[] canary() {
    byte[] half = new byte[12];
    new SecureRandom().nextBytes(half);
    return HexFormat.of().formatHex(half).getBytes(US_ASCII);
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void secretThatIsBoundAsAReference_isNowhere(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java");
    try (WebProcess application = program.start("secretmanager.mask-logs=true")) {
      assertThat(get(application, "use")).isEqualTo("24 24");
      Found dumped = inHeapDump(application, program);
      String attributes = get(application, "jmx");
      get(application, "log");

      System.out.printf(
          "Spring Boot %s: %s in the heap dump, %,d characters of JMX attributes%n",
          version, dumped, attributes.length());
      assertThat(dumped).isEqualTo(Found.NOTHING);
      assertThat(attributes).hasSizeGreaterThan(10_000).doesNotContain(text());
      assertThat(application.output())
          .contains("message ***", "failed with ***")
          .doesNotContain(text());
    }
    try (WebProcess application =
        program.start("secretmanager.mask-logs=true\nlogging.structured.format.console=ecs")) {
      get(application, "log");
      assertThat(application.output())
          .contains("\"message\":\"message ***\"", "failed with ***")
          .doesNotContain(text());
    }
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void control_aSecretThatIsBoundAsText_isFound(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java", "CanaryByValue.java");
    try (WebProcess application =
        program.start(BY_VALUE + "logging.structured.format.console=ecs")) {
      get(application, "log");
      assertThat(inHeapDump(application, program).whole()).isPositive();
      assertThat(get(application, "jmx")).contains(text());
      assertThat(application.output()).contains(text());
    }
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void whatLog4jWrites_isMasked_plainAndAsJson_butForTheControl(String version) throws Exception {
    Program program = program(withLog4j(version), "CanaryApp.java");
    for (String format : List.of("", "logging.structured.format.console=ecs\n")) {
      try (WebProcess application = program.start(format + "secretmanager.mask-logs=true")) {
        assertThat(get(application, "log")).isEqualTo("org.apache.logging.slf4j.Log4jLogger");
        assertThat(application.output())
            .contains("message ***", "failed with ***")
            .doesNotContain(text());
      }
      try (WebProcess control = program.start(format)) {
        get(control, "log");
        assertThat(control.output()).contains("message " + text(), "failed with " + text());
      }
    }
  }

  /** With everything shown that Spring shows, and then without what hides values of secrets. */
  @ParameterizedTest
  @FieldSource("VERSIONS")
  void endpoints_showNoValue_butForTheControl(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java", "CanaryByValue.java");
    String shown = BY_VALUE + """
        management.endpoints.web.exposure.include=*
        management.endpoint.env.show-values=always
        management.endpoint.configprops.show-values=always
        control=shown-in-plain-text
        """;
    try (WebProcess application = program.start(shown)) {
      assertThat(get(application, "text")).isEqualTo(text());
      for (String endpoint : List.of("env", "configprops", "beans")) {
        assertThat(get(application, "actuator/" + endpoint)).as(endpoint).doesNotContain(text());
      }
      assertThat(get(application, "actuator/env")).contains("shown-in-plain-text");
    }
    try (WebProcess control = program.start(shown + "spring.autoconfigure.exclude="
        + "tech.tailor.secretmanager.spring.SecretSanitizingAutoConfiguration")) {
      for (String endpoint : List.of("env", "configprops")) {
        assertThat(get(control, "actuator/" + endpoint)).as(endpoint).contains(text());
      }
    }
  }

  /** A secret where its reference belongs: Spring's own message would quote it. */
  @ParameterizedTest
  @FieldSource("VERSIONS")
  void startThatFails_showsNoValue(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java");
    assertThatThrownBy(() -> program.start("app.ref=${secret@orders/canary}").close())
        .hasMessageContaining("APPLICATION FAILED TO START")
        .hasMessageContaining("app.ref")
        .hasMessageContaining("is withheld, since it")
        .hasMessageNotContaining(text());
  }

  /** Nothing in a value is a placeholder, an expression or a reference to anything. */
  @ParameterizedTest
  @FieldSource("VERSIONS")
  void awkwardValue_arrivesAsItIs(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java", "CanaryByValue.java");
    try (WebProcess application = program.start(
        "app.by-value=${secret@orders/canary}\ntext.value=${secret@orders/awkward}")) {
      assertThat(get(application, "text")).isEqualTo(AWKWARD);
    }
  }

  /** Secrets are not read ahead of time, and the application that was processed reads them. */
  @ParameterizedTest
  @FieldSource("VERSIONS")
  void aheadOfTimeProcessing_writesNoSecret_andItsResultRuns(String version) throws Exception {
    Program program = program(application(version), "CanaryApp.java");
    program.configure("");
    Path output = program.own().resolve("aot");
    List<Path> path = new ArrayList<>(program.path());
    ApplicationRun run = ApplicationRun.of(
        "org.springframework.boot.SpringApplicationAotProcessor",
        Jdk.current().home(),
        path,
        Files.createDirectory(program.own().resolve("processing")),
        "app.CanaryApp",
        output.resolve("sources").toString(),
        output.resolve("resources").toString(),
        output.resolve("classes").toString(),
        "org.example",
        "app");
    assertThat(run.exitCode()).as(run.output() + run.errors()).isZero();
    List<Path> written = files(output);
    System.out.printf("Spring Boot %s: %d files ahead of time%n", version, written.size());
    assertThat(written).hasSizeGreaterThan(20);
    Traces traces = Traces.of(canary);
    for (Path file : written) {
      assertThat(traces.in(file)).as(file.toString()).isEqualTo(Found.NOTHING);
    }
    assertThat(Files.readString(output.resolve("sources/app/CanaryApp__BeanDefinitions.java")))
        .as("control: what is sought among is there")
        .contains("Settings");

    path.add(
        0,
        CompiledProgram.ofSources(
            written.stream().filter(file -> file.toString().endsWith(".java")).toList(),
            path,
            Files.createDirectory(program.own().resolve("compiled"))));
    path.add(0, output.resolve("resources"));
    path.add(0, output.resolve("classes"));
    try (WebProcess application = WebProcess.start(
        "app.CanaryApp",
        path,
        Files.createDirectory(program.own().resolve("processed")),
        Map.of("JAVA_TOOL_OPTIONS", "-Dspring.aot.enabled=true"))) {
      assertThat(application.output()).contains("AOT-processed");
      assertThat(get(application, "use")).isEqualTo("24 24");
    }
  }

  private Found inHeapDump(WebProcess application, Program program) throws Exception {
    Path dump = program.own().resolve("heap.hprof");
    get(application, "dump?file=" + dump);
    try {
      return Traces.of(canary).in(dump);
    } finally {
      Files.delete(dump);
    }
  }

  private String text() {
    return new String(canary, ISO_8859_1);
  }

  private String get(WebProcess application, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(application.uri().resolve(path)).build();
    var response = client.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** The application with a store of its own that holds the canary, compiled. */
  private Program program(Application application, String... sources) throws IOException {
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    Path own = Files.createTempDirectory(directory, "run");
    try (FileSecretStore store = FileSecretStore.create(
            own.resolve("store"), MasterKey.createFile(own.resolve("master.key")));
        SecretValue value = SecretValue.copyOf(canary);
        SecretValue awkward = SecretValue.of(AWKWARD)) {
      store.createVault("orders");
      store.put("orders", "canary", value);
      store.put("orders", "awkward", awkward);
    }
    List<Path> path = new ArrayList<>(paths.of(application));
    for (String source : sources) {
      Path each = Files.createDirectory(own.resolve(source + ".d"));
      path.add(0, CompiledProgram.ofResource(source, path, each));
    }
    Path settings = Files.createDirectory(own.resolve("settings"));
    path.add(0, settings);
    return new Program(own, settings, path);
  }

  /**
   * An application that can be started.
   *
   * @param own where its files are
   * @param settings of its class path, for its properties
   */
  private record Program(Path own, Path settings, List<Path> path) {

    void configure(String properties) throws IOException {
      Files.writeString(settings.resolve("application.properties"), """
          server.port=0
          server.address=127.0.0.1
          server.tomcat.mbeanregistry.enabled=true
          spring.jmx.enabled=true
          secretmanager.url=file:%s
          secretmanager.key-file=%s
          app.ref=orders/canary
          app.handle=orders/canary
          management.endpoints.jmx.exposure.include=*
          %s
          """.formatted(
              own.resolve("store"), own.resolve("master.key"), properties));
    }

    WebProcess start(String properties) throws IOException, InterruptedException {
      configure(properties);
      return WebProcess.start("app.CanaryApp", path, own, Map.of());
    }
  }
}
