package tech.tailor.secretmanager.integration.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    return ofSources(List.of(source), classPath, directory);
  }

  /** The same, of several sources. */
  static Path ofSources(List<Path> sources, List<Path> classPath, Path directory)
      throws IOException {
    return compiled(sources, "-cp", classPath, directory);
  }

  /**
   * Compiles a module.
   *
   * @param sources its descriptor among them
   * @param directory one without classes
   * @return where its classes are
   */
  static Path ofModule(List<Path> sources, List<Path> modulePath, Path directory)
      throws IOException {
    return compiled(sources, "--module-path", modulePath, directory);
  }

  private static Path compiled(
      List<Path> sources, String pathOption, List<Path> path, Path directory) throws IOException {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-parameters", "-nowarn", pathOption));
    arguments.addAll(List.of(ApplicationRun.joined(path), "-d", classes.toString()));
    sources.forEach(source -> arguments.add(source.toString()));
    int failed = ToolProvider.getSystemJavaCompiler()
        .run(null, messages, messages, arguments.toArray(String[]::new));
    assertThat(failed).as(messages.toString(UTF_8)).isZero();
    return classes;
  }
}
