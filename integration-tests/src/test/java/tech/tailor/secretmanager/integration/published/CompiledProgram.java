package tech.tailor.secretmanager.integration.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.tools.ToolProvider;

/** Programs that are compiled against what an application has, and not by this build. */
final class CompiledProgram {

  private CompiledProgram() {}

  /** Compiles a program that is beside these tests, and returns where its classes are. */
  static Path ofResource(String program, List<Path> classPath, Path directory) throws IOException {
    Path source = directory.resolve(program);
    try (InputStream in = CompiledProgram.class.getResourceAsStream(program)) {
      Files.copy(Objects.requireNonNull(in), source);
    }
    return of(source, classPath, directory);
  }

  /**
   * Compiles a program.
   *
   * @param directory one without classes
   * @return where its classes are
   */
  static Path of(Path source, List<Path> classPath, Path directory) throws IOException {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int failed = ToolProvider.getSystemJavaCompiler()
        .run(
            null,
            messages,
            messages,
            "-proc:none",
            "-parameters",
            "-cp",
            ApplicationRun.joined(classPath),
            "-d",
            classes.toString(),
            source.toString());
    assertThat(failed).as(messages.toString(UTF_8)).isZero();
    return classes;
  }
}
