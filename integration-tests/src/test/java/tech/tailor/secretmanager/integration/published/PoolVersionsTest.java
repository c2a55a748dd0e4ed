package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tech.tailor.secretmanager.fixtures.Jdk;

/** Each line of HikariCP over {@code SecretDataSource} and PostgreSQL, with a rotated password. */
@Tag("suite")
class PoolVersionsTest {

  private static final List<String> VERSIONS = List.of("6.3.3", "7.1.0");
  private static final int ROTATIONS = Boolean.getBoolean("deep") ? 10 : 3;

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
        VERSIONS.stream().map(PoolVersionsTest::application).toList());
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
        "hikari-" + version,
        "com.zaxxer:HikariCP:" + version,
        "org.postgresql:postgresql:42.7.8",
        "org.slf4j:slf4j-nop:2.0.17",
        "tech.tailor.secretmanager:secretmanager-jdbc",
        "tech.tailor.secretmanager:secretmanager-client");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void rotation_failsNoBorrow(String version) throws Exception {
    String output = run(version, "secrets", ROTATIONS);
    System.out.print("HikariCP " + version + ": " + output);
    assertThat(output)
        .startsWith(ROTATIONS + " rotations, " + ROTATIONS + " with new logins, 50 threads, ")
        .endsWith(" 0 failed\n");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void control_aPasswordThatIsReadOnce_fails(String version) throws Exception {
    assertThat(run(version, "once", 2))
        .startsWith("2 rotations, 0 with new logins")
        .doesNotContain(" 0 failed");
  }

  private static String run(String version, String logins, int rotations) throws Exception {
    Application application = application(version);
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    Path own = Files.createTempDirectory(directory, "run");
    List<Path> path = new ArrayList<>(paths.of(application));
    path.add(CompiledProgram.ofResource("PoolRotation.java", path, own));
    ApplicationRun run = ApplicationRun.of(
        "app.PoolRotation",
        Jdk.current().home(),
        path,
        own,
        database.url(),
        logins,
        String.valueOf(rotations));
    assertThat(run.exitCode()).as(run.errors()).isZero();
    return run.output();
  }
}
