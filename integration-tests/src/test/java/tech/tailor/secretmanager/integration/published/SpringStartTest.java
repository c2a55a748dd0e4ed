package tech.tailor.secretmanager.integration.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tech.tailor.secretmanager.SecretValue;
import tech.tailor.secretmanager.envelope.MasterKey;
import tech.tailor.secretmanager.file.FileSecretStore;
import tech.tailor.secretmanager.fixtures.Jdk;

/**
 * What the starter adds to the start of an application that binds three secrets from a file store,
 * beside the same application without it; the figures are printed, and no time is asserted.
 */
@Tag("deep")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SpringStartTest {

  private static final int RUNS = 21;
  private static final List<String> VERSIONS = List.of("3.5.7", "4.1.2");
  private static final Pattern STARTED = Pattern.compile("(?m)^STARTED (\\d+) (\\d+) (\\d+)$");

  @TempDir
  static Path directory;

  private static TemporaryInstall library;
  private static ClassPaths paths;

  @BeforeAll
  static void prepare() {
    library = TemporaryInstall.of(Reactor.ours(), Maven.localRepository());
    paths = ClassPaths.resolve(
        directory.resolve("projects"),
        library,
        VERSIONS.stream()
            .flatMap(version -> Stream.of(withStarter(version), without(version)))
            .toList());
  }

  @AfterAll
  static void removeLibrary() {
    if (library != null) {
      library.close();
    }
  }

  private static Application without(String version) {
    return Application.of(
            "spring-boot-" + version + "-plain", "org.springframework.boot:spring-boot-starter")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  private static Application withStarter(String version) {
    return Application.of(
            "spring-boot-" + version + "-start",
            "org.springframework.boot:spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-spring-boot-starter",
            "tech.tailor.secretmanager:secretmanager-file")
        .importing("org.springframework.boot:spring-boot-dependencies:" + version);
  }

  /** The figures of one start, in milliseconds. */
  private record Start(int wall, int cpu) {}

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void start_withThreeSecretsBound_besideTheSameWithoutTheStarter(String version)
      throws IOException, InterruptedException {
    Path own = Files.createTempDirectory(directory, "run");
    try (FileSecretStore store = FileSecretStore.create(
        own.resolve("store"), MasterKey.createFile(own.resolve("master.key")))) {
      store.createVault("orders");
      for (String name : List.of("one", "two", "three")) {
        try (SecretValue value = SecretValue.of("12345678")) {
          store.put("orders", name, value);
        }
      }
    }
    List<Path> plain = program(without(version), own.resolve("without"), """
        app.one=12345678
        app.two=12345678
        app.three=12345678
        """);
    List<Path> starter = program(withStarter(version), own.resolve("with"), """
        secretmanager.url=file:%s
        secretmanager.key-file=%s
        app.one=${secret@orders/one}
        app.two=${secret@orders/two}
        app.three=${secret@orders/three}
        """.formatted(
            own.resolve("store"), own.resolve("master.key")));

    List<Path> counted = new ArrayList<>(starter);
    counted.add(
        0,
        CompiledProgram.ofResource(
            "CountedLoads.java", starter, Files.createDirectory(own.resolve("counted"))));
    assertThat(output(counted)).as("one call for the vault").contains("LOADS 1\n");

    List<Start> with = new ArrayList<>();
    List<Start> without = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) { // in turn, so that what disturbs one disturbs the other
      without.add(start(plain));
      with.add(start(starter));
    }
    System.out.printf(
        "Spring Boot %s, medians of %d starts in ms: without wall %d, CPU %d; with wall %d, CPU %d;"
            + " more: wall %d, CPU %d%n",
        version,
        RUNS,
        wall(without),
        cpu(without),
        wall(with),
        cpu(with),
        wall(with) - wall(without),
        cpu(with) - cpu(without));
  }

  private static int wall(List<Start> starts) {
    return starts.stream().mapToInt(Start::wall).sorted().toArray()[RUNS / 2];
  }

  private static int cpu(List<Start> starts) {
    return starts.stream().mapToInt(Start::cpu).sorted().toArray()[RUNS / 2];
  }

  private static Start start(List<Path> path) throws IOException, InterruptedException {
    String output = output(path);
    Matcher started = STARTED.matcher(output);
    assertThat(started.find()).as(output).isTrue();
    assertThat(started.group(1)).isEqualTo("24");
    return new Start(Integer.parseInt(started.group(2)), Integer.parseInt(started.group(3)));
  }

  /** With the JVM's own settings, unlike other runs of these tests. */
  private static String output(List<Path> path) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(
            Jdk.current().home().resolve("bin/java").toString(),
            "-cp",
            ApplicationRun.joined(path),
            "app.StartApp")
        .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.contains("JAVA") || name.contains("JDK"));
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<Path> program(Application application, Path own, String properties)
      throws IOException {
    if (!paths.contains(application)) {
      System.out.println(paths.skipped(application));
    }
    assumeTrue(paths.contains(application), () -> paths.skipped(application));
    List<Path> path = new ArrayList<>(paths.of(application));
    Path classes = CompiledProgram.ofResource("StartApp.java", path, Files.createDirectory(own));
    Files.writeString(classes.resolve("application.properties"), properties);
    path.add(0, classes);
    return path;
  }
}
