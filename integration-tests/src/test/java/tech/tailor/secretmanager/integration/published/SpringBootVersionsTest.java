package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * The application in {@code examples/spring-boot}, and the tests of one, run with one starter on
 * each Spring Boot.
 */
@Tag("suite")
class SpringBootVersionsTest {

  private static final Reactor REACTOR = Reactor.ours();
  private static final List<String> VERSIONS = List.of("3.5.7", "4.0.7", "4.1.2");

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;
  private static Path store;
  private static Path key;

  @BeforeAll
  static void prepare() {
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        VERSIONS.stream()
            .flatMap(version -> Stream.of(application(version), withTests(version)))
            .toList());
    store = directory.resolve("store");
    key = directory.resolve("master.key");
    try (FileSecretStore secrets = FileSecretStore.create(store, MasterKey.createFile(key))) {
      secrets.createVault("default");
      for (int i = 1; i <= 2; i++) {
        try (SecretValue value = SecretValue.of("secret-value-" + i)) {
          secrets.put("default", "test-secret-" + i, value);
        }
      }
    }
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application application(String version) {
    return Application.of(
            "spring-boot-" + version,
            "org.springframework.boot:spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-file")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  private static Application withTests(String version) {
    return Application.of(
            "spring-boot-" + version + "-starter-tests",
            "org.springframework.boot:spring-boot-starter",
            "org.springframework.boot:spring-boot-starter-test",
            "org.junit.platform:junit-platform-launcher",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-testing")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void application_printsItsSecrets(String version) throws IOException {
    List<Path> path = path(application(version));
    ApplicationRun run =
        run(path, List.of("--store=" + store, "--key=" + key, "--logging.level.root=error"));

    assertThat(run)
        .isEqualTo(
            new ApplicationRun(0, "secret-value-1\nBearer secret-value-1\nsecret-value-2\n", ""));
    System.out.println("Spring Boot " + version + ": OK");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void application_whoseSecretIsMissing_doesNotStart(String version) throws IOException {
    List<Path> path = path(application(version));
    ApplicationRun run = run(
        path,
        List.of("--store=" + store, "--key=" + key, "--app.greeting=${secret@default/nowhere}"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output())
        .contains("The property app.greeting can't be set. There is no secret default/nowhere")
        .doesNotContain("secret-value");
    assertThat(run.errors()).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void defaultOfAReference_isRefused_orForASecretThatIsMissingAlone(String version)
      throws IOException {
    List<Path> path = path(application(version));
    List<String> arguments = List.of(
        "--store=" + store,
        "--key=" + key,
        "--app.greeting=${secret@default/nowhere:fallback}",
        "--app.nested=${secret@default/test-secret-1:fallback}",
        "--logging.level.root=error");
    String allowed = "--secretmanager.allow-defaults=true";

    ApplicationRun refused = run(path, arguments);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.output())
        .contains("The property app.greeting can't be set.")
        .contains("or set secretmanager.allow-defaults=true")
        .doesNotContain("secret-value");
    assertThat(run(path, arguments, allowed))
        .isEqualTo(new ApplicationRun(0, "fallback\nsecret-value-1\nsecret-value-2\n", ""));
    ApplicationRun unreadable =
        run(path, arguments, allowed, "--secretmanager.url=file:" + directory.resolve("no-store"));
    assertThat(unreadable.exitCode()).as("without its store").isEqualTo(1);
    assertThat(unreadable.output()).contains("The secret default/nowhere can't be read");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void testsOfAnApplication_haveTheSecretsOfTheirAnnotations(String version) throws IOException {
    Path own = Files.createTempDirectory(directory, "run");
    List<Path> path = new ArrayList<>(path(withTests(version)));
    path.add(CompiledProgram.ofResource("BesideStarter.java", path, own));
    ApplicationRun run = ApplicationRun.of("app.BesideStarter", Jdk.current().home(), path, own);

    assertThat(run.output())
        .contains("- default/greeting in standard output")
        .endsWith("\npassed: 4, failed: 1\n");
  }

  private static List<Path> path(Application application) {
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    return paths.of(application);
  }

  private static ApplicationRun run(List<Path> path, List<String> arguments, String... more)
      throws IOException {
    Path own = Files.createTempDirectory(directory, "run");
    Path sources = REACTOR.root().resolve("examples/spring-boot/src/main");
    Path classes = CompiledProgram.of(sources.resolve("java/app/App.java"), path, own);
    List<Path> all = Stream.of(Stream.of(classes, sources.resolve("resources")), path.stream())
        .flatMap(each -> each)
        .toList();
    return ApplicationRun.of(
        "app.App",
        Jdk.current().home(),
        all,
        own,
        Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new));
  }
}
