package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * Tests of an application that takes Spring's beans and the test kit's secrets as parameters. They
 * are compiled here, against the versions of Spring Boot that Maven resolves.
 */
@Tag("suite")
class BesideSpringTest {

  private static final List<Application> APPLICATIONS =
      List.of(withSpringBoot("3.2.12"), withSpringBoot("3.5.7"), withSpringBoot("4.1.2"));

  private static final String PROGRAM = "BesideSpring.java";

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  @BeforeAll
  static void resolve() {
    library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository());
    paths = ClassPaths.resolve(directory.resolve("projects"), library, APPLICATIONS);
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application withSpringBoot(String version) {
    return Application.of(
            "spring-boot-" + version + "-tests",
            "tech.tailor.secretmanager:secretmanager-testing",
            "org.springframework.boot:spring-boot-starter",
            "org.springframework.boot:spring-boot-starter-test",
            "org.junit.platform:junit-platform-launcher")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  @Test
  void beansAndSecrets_areParametersOfTheSameTests() throws IOException {
    List<String> ran = new ArrayList<>();
    for (Application application : APPLICATIONS) {
      if (paths.contains(application)) {
        Path own = Files.createTempDirectory(directory, "run");
        List<Path> path = new ArrayList<>(paths.of(application));
        path.add(CompiledProgram.ofResource(PROGRAM, path, own));
        ApplicationRun run = ApplicationRun.of("app.BesideSpring", Jdk.current().home(), path, own);
        assertThat(run.output()).as(application.name()).endsWith("\npassed: 4\n");
        ran.add(application.name());
      } else {
        System.out.println(paths.skipped(application));
      }
    }
    System.out.println("The test kit ran beside " + ran);
  }
}
