package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.fixtures.Jdk;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * What an application carries at run time if it depends on one published artifact alone: what
 * {@code docs/dependencies} says, so that a change shows in review. Maven resolves it, as it does
 * for a user: with the published POMs and the BOM.
 */
@Tag("suite")
class DependencyTreesTest {

  private static final boolean UPDATE = Boolean.getBoolean("api.update");
  private static final Reactor REACTOR = Reactor.ours();
  private static final String OURS = "tech.tailor.secretmanager:";

  /** With the oldest versions that an application's BOM may bring: Spring Boot 3.2 does. */
  private static final Application OLDEST = Application.of(
          "oldest-versions",
          OURS + "secretmanager-file",
          OURS + "secretmanager-http",
          OURS + "secretmanager-testing",
          "com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.15.4")
      .managing("com.github.ben-manes.caffeine:caffeine:3.1.8")
      .managing("com.fasterxml.jackson.core:jackson-core:2.15.4");

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  @BeforeAll
  static void resolve() {
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
    List<Application> applications = Stream.concat(
            artifacts().map(DependencyTreesTest::dependingOn), Stream.of(OLDEST))
        .toList();
    paths = ClassPaths.resolve(directory, library, applications);
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  static Stream<String> artifacts() {
    return REACTOR.publishedJars().stream().map(Pom::artifactId);
  }

  @ParameterizedTest
  @MethodSource("artifacts")
  void dependencies_areAsAgreed(String artifact) throws IOException {
    Path golden = golden(artifact);
    Set<String> actual = dependencies(artifact);
    if (UPDATE) {
      Files.createDirectories(golden.getParent());
      Files.write(golden, actual);
    }

    assertThat(difference(agreed(artifact), actual))
        .as(
            "What %s brings at run time differs from %s (- agreed, + now). If that is intended,"
                + " run `mvn verify -Psuites -Dapi.update=true` and commit the file",
            artifact, golden.getFileName())
        .isEmpty();
  }

  @Test
  void client_bringsCaffeineAndNothingMore() {
    assertThat(thirdParties("secretmanager-client"))
        .containsExactlyInAnyOrder(
            "com.github.ben-manes.caffeine:caffeine",
            "com.google.errorprone:error_prone_annotations",
            "org.jspecify:jspecify");
  }

  @Test
  void file_bringsNoHttpClient_andNoParser() {
    assertThat(thirdParties("secretmanager-file"))
        .contains("com.google.crypto.tink:tink")
        .noneMatch(artifact -> artifact.matches(".*(okhttp|okio|kotlin|jackson|protobuf|gson).*"));
  }

  @Test
  void http_bringsItsClient_andItsParser() {
    assertThat(thirdParties("secretmanager-http"))
        .contains("com.squareup.okhttp3:okhttp-jvm", "com.squareup.okio:okio-jvm")
        .contains("org.jetbrains.kotlin:kotlin-stdlib", "com.fasterxml.jackson.core:jackson-core")
        .contains("com.google.crypto.tink:tink")
        .noneMatch(artifact -> artifact.matches(".*(yaml|protobuf|gson|databind).*"));
  }

  @Test
  void testing_bringsNoServer_andNoTestFramework() {
    assertThat(thirdParties("secretmanager-testing"))
        .noneMatch(artifact -> artifact.matches(".*(wiremock|junit|assertj|protobuf|jackson).*"));
  }

  @Test
  void library_runsWithTheOldestVersionsOfBoms() throws IOException {
    List<Path> path = paths.of(OLDEST);
    Path javaHome = Jdk.current().home();

    assertThat(path)
        .extracting(ClassPaths::coordinates)
        .contains("com.github.ben-manes.caffeine:caffeine:3.1.8")
        .contains("com.fasterxml.jackson.core:jackson-core:2.15.4");
    assertThat(Linkage.ofLibrary(path).broken(path)).isEmpty();
    try (SecretManagerEmulator server = SecretManagerEmulator.start()) {
      assertThat(ApplicationRun.on(javaHome, path, server, directory))
          .isEqualTo(ApplicationRun.SUCCESS);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          a:b:1 c:d:1 |                   | - a:b:1, - c:d:1
          a:b:1       | a:b:1 c:d:1       | + c:d:1
          a:b:1 c:d:1 | a:b:1             | - c:d:1
          a:b:1       | a:b:2             | - a:b:1, + a:b:2
          a:b:1       | a:c:1             | - a:b:1, + a:c:1
          a:b:1       | a:b:1             |
          """)
  void control_aChangedList_isCaught(String agreed, String actual, String difference) {
    assertThat(String.join(", ", difference(lines(agreed), lines(actual))))
        .isEqualTo(difference == null ? "" : difference);
  }

  @Test
  void control_anotherArtifactsDependencies_areCaught() throws IOException {
    assertThat(difference(agreed("secretmanager-file"), dependencies("secretmanager-http")))
        .anyMatch(line -> line.startsWith("+ com.squareup.okhttp3:okhttp-jvm:"));
  }

  private static Application dependingOn(String artifact) {
    return Application.of("uses-" + artifact, OURS + artifact);
  }

  /** Sorted, since their order changes with every change of a POM. */
  private static Set<String> dependencies(String artifact) {
    return paths.of(dependingOn(artifact)).stream()
        .map(ClassPaths::coordinates)
        .map(coordinates -> coordinates.replace(library.version(), "${project.version}"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> thirdParties(String artifact) {
    return dependencies(artifact).stream()
        .filter(coordinates -> !coordinates.startsWith(OURS))
        .map(coordinates -> coordinates.substring(0, coordinates.lastIndexOf(':')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Path golden(String artifact) {
    return REACTOR.root().resolve("docs/dependencies").resolve(artifact + ".txt");
  }

  private static Set<String> agreed(String artifact) throws IOException {
    Path golden = golden(artifact);
    return Files.exists(golden) ? new TreeSet<>(Files.readAllLines(golden)) : Set.of();
  }

  private static Set<String> lines(String text) {
    return text == null ? Set.of() : new TreeSet<>(List.of(text.split(" ")));
  }

  private static List<String> difference(Set<String> agreed, Set<String> actual) {
    List<String> difference = new ArrayList<>();
    agreed.stream()
        .filter(line -> !actual.contains(line))
        .forEach(line -> difference.add("- " + line));
    actual.stream()
        .filter(line -> !agreed.contains(line))
        .forEach(line -> difference.add("+ " + line));
    return difference;
  }
}
