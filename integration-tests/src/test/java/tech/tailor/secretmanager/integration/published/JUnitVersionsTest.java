package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jdk;

/** The test kit with the versions of JUnit that it promises to work with: 5.9 to 6.1. */
@Tag("suite")
class JUnitVersionsTest {

  /** The newest of each minor version, and the oldest of all: add newer ones as they come out. */
  private static final List<String> VERSIONS =
      List.of("5.9.0", "5.9.3", "5.10.5", "5.11.4", "5.12.2", "5.13.4", "5.14.4", "6.0.3", "6.1.3");

  private static final int LEAST = 3;

  /** A pattern. The leaks must fail, and nothing else may; the contract grows. */
  private static final String EXPECTED =
      """
      used: 8 passed
      dynamic: The test threw java.lang.IllegalStateException, which lets a secret out: \
      java.lang.IllegalStateException shows default/greeting. It is withheld, since a report would \
      show it; its stack trace is this one's
      leftOpen\\(SecretManager\\): - default/greeting left open, read at %s.leftOpen\\(RunsTheKit.java:N\\); \
      close it, or use withSecret
      ofAFakeOfItsOwn\\(\\): The test threw java.lang.IllegalStateException, which lets a secret out: \
      java.lang.IllegalStateException shows default/own-key. It is withheld, since a report would \
      show it; its stack trace is this one's
      leaking: 0 passed
      contract: [1-9]\\d\\d passed
      """.formatted(RunsTheKit.Leaking.class.getName().replace("$", "\\$"));

  private static final Reactor REACTOR = Reactor.ours();

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  @BeforeAll
  static void resolve() {
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        VERSIONS.stream().map(JUnitVersionsTest::withJUnit).toList());
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application withJUnit(String version) {
    return Application.of(
            "junit-" + version,
            "tech.tailor.secretmanager:secretmanager-testing",
            "org.junit.jupiter:junit-jupiter",
            "org.junit.platform:junit-platform-launcher",
            "org.assertj:assertj-core:" + REACTOR.version("assertj"))
        .importing("org.junit:junit-bom:" + version);
  }

  @Test
  void testsWithTheKit_runWithEachVersionOfJUnit() throws IOException {
    Map<String, ApplicationRun> runs = new TreeMap<>();
    for (String version : VERSIONS) {
      Application application = withJUnit(version);
      if (paths.contains(application)) {
        Path own = Files.createTempDirectory(directory, "run");
        runs.put(
            version,
            ApplicationRun.of(RunsTheKit.class, Jdk.current().home(), paths.of(application), own));
      } else {
        System.out.println(paths.skipped(application));
      }
    }
    System.out.println("The test kit ran with JUnit " + runs.keySet());
    assertThat(runs).allSatisfy((version, run) -> {
      assertThat(run.output().replaceAll("java:\\d+", "java:N")).matches(EXPECTED);
      assertThat(run.exitCode()).isZero();
    });
    assertThat(runs).hasSizeGreaterThanOrEqualTo(LEAST);
  }

  @Test
  void control_aVersionThatCannotBeHad_isSkipped() {
    Application missing = withJUnit("0.0.0-none");
    ClassPaths none =
        ClassPaths.resolveOffline(directory.resolve("offline"), library, List.of(missing));

    assertThat(none.contains(missing)).isFalse();
    assertThat(none.skipped(missing)).contains("SKIPPED: ").contains("junit-bom:pom:0.0.0-none");
  }
}
