package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * The library under the BOMs of frameworks, which choose the versions of what it depends on. An
 * application that imports the BOM reads a secret from memory, from a file and over HTTP, on the
 * JDK of this test and on the newest other one; and its class path has all that the library uses.
 */
@Tag("suite")
class BomMatrixTest {

  private static final int LEAST = 8;
  private static final Reactor REACTOR = Reactor.ours();

  /** The versions are fixed, so that a run can be repeated: add a newer one as it comes out. */
  private static final List<String> BOMS = List.of(
      "org.springframework.boot:spring-boot-dependencies:3.2.12",
      "org.springframework.boot:spring-boot-dependencies:3.3.13",
      "org.springframework.boot:spring-boot-dependencies:3.4.13",
      "org.springframework.boot:spring-boot-dependencies:3.5.7",
      "org.springframework.boot:spring-boot-dependencies:4.0.7",
      "org.springframework.boot:spring-boot-dependencies:4.1.2",
      "io.quarkus.platform:quarkus-bom:3.33.2",
      "io.quarkus.platform:quarkus-bom:3.40.1.1",
      "io.micronaut.platform:micronaut-platform:4.10.8",
      "com.google.cloud:libraries-bom:26.73.0",
      "com.google.cloud:libraries-bom:26.76.0",
      "com.google.cloud:libraries-bom:26.91.0");

  private static final String[] LIBRARY = {
    "tech.tailor.secretmanager:secretmanager-file", "tech.tailor.secretmanager:secretmanager-http"
  };

  private static final Application NO_BOM = Application.of("no-bom", LIBRARY);

  private static final Application TEST_KIT = Application.of(
          "no-bom-tests",
          "tech.tailor.secretmanager:secretmanager-testing",
          "com.fasterxml.jackson.core:jackson-core",
          "org.junit.jupiter:junit-jupiter-api",
          "org.assertj:assertj-core")
      .managing("com.fasterxml.jackson.core:jackson-core:" + REACTOR.version("jackson"))
      .managing("org.junit.jupiter:junit-jupiter-api:" + REACTOR.version("junit"))
      .managing("org.assertj:assertj-core:" + REACTOR.version("assertj"));

  private static final Application OKHTTP_4_FIRST = Application.of(
      "okhttp-4.12.0-first", "com.squareup.okhttp3:okhttp:4.12.0", LIBRARY[0], LIBRARY[1]);

  private static final Application CAFFEINE_2 = Application.of("caffeine-2.8.1", LIBRARY)
      .managing("com.github.ben-manes.caffeine:caffeine:2.8.1");

  private static final Application MISSING_BOM =
      Application.of("missing-bom", LIBRARY).importing("org.example:no-such-bom:1");

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static Linkage linkage;
  private static ClassPaths paths;

  @BeforeAll
  static void resolve() {
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        Stream.of(applications().stream(), testKits().stream(), Stream.of(CAFFEINE_2))
            .flatMap(each -> each)
            .toList());
    linkage = Linkage.ofLibrary(paths.of(NO_BOM));
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static List<Application> applications() {
    Stream<Application> underBoms =
        BOMS.stream().map(bom -> Application.of(name(bom), LIBRARY).importing(bom));
    return Stream.of(Stream.of(NO_BOM), underBoms, Stream.of(OKHTTP_4_FIRST))
        .flatMap(each -> each)
        .toList();
  }

  /** The test kit, under the BOMs that choose the version of JUnit. */
  private static List<Application> testKits() {
    Stream<Application> underBoms = BOMS.stream()
        .filter(bom -> !bom.startsWith("com.google.cloud:"))
        .map(bom -> {
          Application application = new Application(
              name(bom) + "-tests", List.of(bom), List.of(), TEST_KIT.dependencies(), List.of());
          // Quarkus leaves this one to the application.
          return bom.startsWith("io.quarkus.")
              ? application.managing("org.assertj:assertj-core:" + REACTOR.version("assertj"))
              : application;
        });
    return Stream.concat(Stream.of(TEST_KIT), underBoms).toList();
  }

  private static String name(String bom) {
    String[] parts = bom.split(":", -1);
    return parts[1].replace("-dependencies", "") + "-" + parts[2];
  }

  @Test
  void secretsAreRead_underEachBom() throws IOException {
    BomMatrix matrix = new BomMatrix(paths, linkage, directory);

    matrix.run(applications());

    System.out.println(matrix);
    assertThat(matrix.failures()).isEmpty();
    assertThat(matrix.ran()).as("applications that ran").isGreaterThanOrEqualTo(LEAST);
  }

  @Test
  void testKit_findsWhatItUses_underEachBom() {
    Linkage testKit = Linkage.ofLibrary(paths.of(TEST_KIT));
    BomMatrix matrix = new BomMatrix(paths, testKit, directory);

    matrix.check(testKits());

    System.out.println(matrix);
    assertThat(matrix.failures()).isEmpty();
  }

  @Test
  void control_aCaffeineThatIsTooOld_isReported() throws IOException {
    BomMatrix matrix = new BomMatrix(paths, linkage, directory);

    matrix.run(List.of(CAFFEINE_2));

    assertThat(matrix.failures())
        .hasSizeGreaterThan(1)
        .allSatisfy(failure ->
            assertThat(failure).startsWith("caffeine-2.8.1 ").contains("benmanes.caffeine"))
        .anyMatch(failure -> failure.contains(" lacks "))
        .anyMatch(failure -> failure.contains(" on JDK " + Jdk.current().feature() + ": "));
    assertThat(matrix.toString()).contains(" 2.8.1 ").contains("FAILED").doesNotContain("OK");
  }

  @Test
  void control_aBomThatCannotBeHad_isSkipped() throws IOException {
    List<Application> two = List.of(MISSING_BOM, NO_BOM);
    BomMatrix matrix = new BomMatrix(
        ClassPaths.resolveOffline(directory.resolve("offline"), library, two), linkage, directory);

    matrix.run(two);

    assertThat(matrix.failures()).isEmpty();
    assertThat(matrix.ran()).isEqualTo(1);
    assertThat(matrix.toString())
        .contains("missing-bom")
        .contains("SKIPPED: ")
        .contains("org.example:no-such-bom:pom:1");
  }
}
