package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The profile {@code compare} of the root POM, which compares a release with the one before: two
 * versions of a small project that has the root POM as its parent.
 */
@Tag("suite")
class ApiComparisonTest {

  private static final String PROJECT = """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <parent>
        <groupId>tech.tailor.secretmanager</groupId>
        <artifactId>secretmanager-parent</artifactId>
        <version>%1$s</version>
        <relativePath/>
      </parent>
      <groupId>org.example</groupId>
      <artifactId>compared</artifactId>
      <version>%2$s</version>
      </project>
      """;

  private static final String BOTH = """
      package org.example;

      public final class Compared {
        public void stays() {}
        public void leaves() {}
      }
      """;

  @TempDir
  Path directory;

  @Test
  void aMethodThatWasRemoved_isFound() throws IOException {
    try (TemporaryInstall library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository())) {
      String released = library.version();
      assertThat(build(library, released, BOTH, "package")).contains("BUILD SUCCESS");
      release(library);

      assertThat(build(library, "2", BOTH, "verify", "-Dcompare.with=" + released))
          .as("control: the same API")
          .contains("japicmp")
          .contains("BUILD SUCCESS");
      assertThat(build(
              library,
              "2",
              BOTH.replace("public void leaves() {}", ""),
              "verify",
              "-Dcompare.with=" + released))
          .contains("BUILD FAILURE")
          .contains("leaves()")
          .contains("METHOD_REMOVED");
    }
  }

  /** Builds the project without the checks of this repository's code. */
  private String build(TemporaryInstall library, String version, String source, String... arguments)
      throws IOException {
    Path sources = Files.createDirectories(directory.resolve("src/main/java/org/example"));
    Files.writeString(sources.resolve("Compared.java"), source);
    Files.writeString(directory.resolve("pom.xml"), PROJECT.formatted(library.version(), version));
    List<String> all = new ArrayList<>(List.of("-Drun"));
    all.addAll(List.of(arguments));
    return Maven.run(directory, all);
  }

  private void release(TemporaryInstall library) throws IOException {
    String file = "compared-" + library.version();
    Path installed = library.directoryOf("org.example", "compared");
    Files.copy(directory.resolve("target/run/" + file + ".jar"), installed.resolve(file + ".jar"));
    Files.copy(directory.resolve("pom.xml"), installed.resolve(file + ".pom"));
  }
}
