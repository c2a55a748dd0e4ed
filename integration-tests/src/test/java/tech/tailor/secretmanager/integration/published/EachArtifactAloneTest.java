package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tailor.secretmanager.fixtures.Jdk;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * A project outside the repository for each published artifact: it imports the BOM, depends on the
 * artifact and on what its page tells an application to add, and is compiled and run, from the
 * class path and as a module.
 */
@Tag("suite")
class EachArtifactAloneTest {

  private static final Reactor REACTOR = Reactor.ours();

  private static final List<AloneProgram> PROGRAMS = AloneProgram.all(REACTOR);

  @TempDir
  static Path projects;

  private static TemporaryInstall library;
  private static ClassPaths paths;
  private static SecretManagerEmulator server;

  @TempDir
  Path directory;

  @BeforeAll
  static void resolve() {
    server = SecretManagerEmulator.start();
    server.put("default", "api-key", "over http");
    library = TemporaryInstall.of(REACTOR, Maven.localRepository());
    paths = ClassPaths.resolve(
        projects, library, PROGRAMS.stream().map(AloneProgram::application).toList());
  }

  @AfterAll
  static void cleanUp() {
    if (library != null) {
      library.close();
    }
    if (server != null) {
      server.close();
    }
  }

  static Stream<AloneProgram> programs() {
    return PROGRAMS.stream();
  }

  static Stream<AloneProgram> modules() {
    return PROGRAMS.stream().filter(AloneProgram::isModular);
  }

  @Test
  void eachPublishedArtifact_isTried() {
    assertThat(PROGRAMS)
        .extracting(AloneProgram::artifact)
        .containsExactlyInAnyOrderElementsOf(
            REACTOR.publishedJars().stream().map(Pom::artifactId).toList());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void artifact_isUsedFromTheClassPath(AloneProgram program) throws IOException {
    List<Path> path = paths.of(program.application());
    Path classes = CompiledProgram.of(source(program), path, directory);

    run(program, onClassPath(path, classes));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void artifact_isUsedFromTheModulePath(AloneProgram program) throws IOException {
    List<Path> path = paths.of(program.application());
    Path descriptor =
        Files.writeString(directory.resolve("module-info.java"), program.descriptor());
    Path classes = CompiledProgram.ofModule(List.of(descriptor, source(program)), path, directory);

    run(program, onModulePath(path, classes));
  }

  @Test
  void control_aModuleThatIsNotRequired_isOutOfReach() throws IOException {
    AloneProgram client = program("secretmanager-client");
    Path descriptor =
        Files.writeString(directory.resolve("module-info.java"), "module consumer {}\n");
    List<Path> sources = List.of(descriptor, source(client));

    assertThatThrownBy(
            () -> CompiledProgram.ofModule(sources, paths.of(client.application()), directory))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("tech.tailor.secretmanager");
  }

  @Test
  void control_aDependencyThatIsNotThere_isSeen() throws IOException {
    AloneProgram client = program("secretmanager-client");
    List<Path> path = paths.of(client.application());
    Path classes = CompiledProgram.of(source(client), path, directory);
    List<Path> without =
        path.stream().filter(jar -> !jar.toString().contains("caffeine")).toList();

    assertThatThrownBy(() -> run(client, onClassPath(without, classes)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("NoClassDefFoundError");
  }

  private static AloneProgram program(String artifact) {
    return PROGRAMS.stream()
        .filter(program -> program.artifact().equals(artifact))
        .findFirst()
        .orElseThrow();
  }

  private Path source(AloneProgram program) throws IOException {
    return Files.writeString(directory.resolve("Main.java"), program.source());
  }

  private static List<String> onClassPath(List<Path> path, Path classes) {
    return List.of("-cp", ApplicationRun.joined(with(path, classes)), "consumer.Main");
  }

  private static List<String> onModulePath(List<Path> path, Path classes) {
    return List.of(
        "--module-path",
        ApplicationRun.joined(with(path, classes)),
        "-m",
        "consumer/consumer.Main");
  }

  private static List<Path> with(List<Path> path, Path classes) {
    List<Path> all = new ArrayList<>(path);
    all.add(classes);
    return all;
  }

  private void run(AloneProgram program, List<String> application) throws IOException {
    List<String> arguments = new ArrayList<>(application);
    arguments.addAll(List.of(
        Files.createDirectory(directory.resolve("files")).toString(),
        server.endpoint().toString(),
        server.workspaceId(),
        server.adminToken()));
    ApplicationRun run = ApplicationRun.of(Jdk.current().home(), arguments, directory);

    assertThat(run.output().strip()).as(run.toString()).isEqualTo(program.output());
    assertThat(run.exitCode()).as(run.toString()).isZero();
  }
}
