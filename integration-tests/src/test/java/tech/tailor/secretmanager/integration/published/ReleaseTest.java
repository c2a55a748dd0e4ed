package tech.tailor.secretmanager.integration.published;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/release} on a clone of the repository, with a key that is thrown away. */
@Tag("deep")
class ReleaseTest {

  private static final String VERSION = "7.7.7";
  private static final String API =
      "tech/tailor/secretmanager/secretmanager-api/" + VERSION + "/secretmanager-api-" + VERSION;
  private static final Pattern SNAPSHOT =
      Pattern.compile("<version>" + Pattern.quote(version()) + "</version>");

  @TempDir
  static Path directory;

  private static Path source;
  private static Path keys;
  private static String key;

  private record Result(int exitCode, String output) {}

  @BeforeAll
  static void cloneTheRepository() throws Exception {
    Path root = Reactor.ours().root().toAbsolutePath().normalize();
    for (String tool : List.of("git", "gpg", "zip")) {
      require(has(tool), tool + " is not installed");
    }
    require(Files.exists(root.resolve(".git")), "this is no clone of the repository");
    source = directory.resolve("source");
    // Short: the agent of GnuPG has a socket there.
    keys = Files.createTempDirectory(
        "gpg", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    assertThat(run(directory, "git", "clone", "-q", root.toString(), source.toString())
            .exitCode())
        .isZero();
    assertThat(run(
            source,
            "gpg",
            "--batch",
            "--passphrase",
            "",
            "--quick-gen-key",
            "Made up <made-up@example.com>",
            "ed25519",
            "sign",
            "never"))
        .extracting(Result::exitCode)
        .isEqualTo(0);
    key = run(source, "gpg", "--batch", "--with-colons", "--list-secret-keys")
        .output()
        .lines()
        .filter(line -> line.startsWith("fpr:"))
        .map(line -> line.split(":")[9])
        .findFirst()
        .orElseThrow();
  }

  @AfterAll
  static void throwTheKeyAway() throws Exception {
    if (keys != null) {
      run(directory, "gpgconf", "--kill", "all");
      try (Stream<Path> files = Files.walk(keys)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  @Test
  void everyReasonNotToRelease_isFound_andThenTheBundleIsMade() throws Exception {
    Path bundle = directory.resolve("bundle");
    assertThat(release(bundle)).satisfies(refused("the version is " + version()));
    setVersion();
    assertThat(release(bundle)).satisfies(refused("the work tree has changes"));
    commit("Set the version");
    for (String property : List.of("home", "repository", "developer")) {
      assertThat(release(bundle))
          .satisfies(refused("project." + property + " in pom.xml is a placeholder"));
      replace(
          source.resolve("pom.xml"),
          "<project." + property + ">.*</project." + property + ">",
          "<project." + property + ">https://secretmanager.test/" + property + "</project."
              + property + ">");
      commit("Give " + property);
    }
    assertThat(release(bundle)).satisfies(refused("README.md names a SNAPSHOT"));
    replace(source.resolve("README.md"), Pattern.quote(version()), VERSION);
    commit("Name the version in the README");
    Path module = source.resolve("stores/secretmanager-file/pom.xml");
    replace(module, VERSION, version());
    commit("Forget a module");
    assertThat(release(bundle))
        .satisfies(refused("stores/secretmanager-file/pom.xml names a SNAPSHOT"));
    replace(module, Pattern.quote(version()), VERSION);
    commit("Set the version of the module, too");
    assertThat(release(bundle)).satisfies(refused("README.md says what holds"));
    replace(source.resolve("README.md"), "Until the first release, [^.]*\\. ", "");
    commit("Take out what holds until the first release");
    assertThat(release(bundle)).satisfies(refused("CHANGELOG.md has no heading"));
    replace(source.resolve("CHANGELOG.md"), "(?m)^## Unreleased.*$", "## " + VERSION);
    commit("Name the version in the changelog");
    run(source, "git", "tag", "v" + VERSION);
    assertThat(release(bundle)).satisfies(refused("the tag v" + VERSION + " exists"));
    run(source, "git", "tag", "-d", "v" + VERSION);
    assertThat(run(source, "tools/release", "--key", "0000", "--output", bundle.toString()))
        .satisfies(refused("gpg has no secret key 0000"));
    Files.createDirectories(directory.resolve("full/file"));
    assertThat(release(directory.resolve("full"))).satisfies(refused("is not empty"));
    assertThat(release(source.resolve("target/bundle")))
        .satisfies(refused("is inside the repository"));

    Map<String, byte[]> released = made(release(bundle), bundle);
    assertBundle(released);

    Path another = directory.resolve("another");
    Result again = release(another, Map.of("TZ", "Pacific/Kiritimati"));
    assertReproduced(released, made(again, another));
  }

  /** The files that a release made. */
  private static Map<String, byte[]> made(Result result, Path output) throws IOException {
    assertThat(result.exitCode()).as(result.output()).isZero();
    System.out.println(
        result.output().lines().filter(line -> line.contains("signed")).toList());
    return contents(output.resolve("secretmanager-" + VERSION + "-bundle.zip"));
  }

  private static void assertBundle(Map<String, byte[]> files) throws Exception {
    assertThat(files.keySet()).noneMatch(name -> name.contains("maven-metadata"));
    assertThat(files.keySet().stream()
            .filter(name -> name.endsWith(".pom"))
            .map(name -> name.replaceAll(".*/secretmanager/([^/]+)/.*", "$1")))
        .containsExactlyInAnyOrderElementsOf(
            Reactor.ours().published().stream().map(Pom::artifactId).toList());
    for (String suffix : List.of(
        ".jar", ".jar.asc", "-sources.jar.asc", "-javadoc.jar.sha1", "-cyclonedx.json.asc")) {
      assertThat(files).containsKey(API + suffix);
    }
    Path jar = Files.write(directory.resolve("api.jar"), files.get(API + ".jar"));
    Path signature = Files.write(directory.resolve("api.jar.asc"), files.get(API + ".jar.asc"));
    assertThat(verify(signature, jar)).isZero();
    Files.write(jar, new byte[] {1});
    assertThat(verify(signature, jar)).as("control: another file").isNotZero();
  }

  private static int verify(Path signature, Path file) throws Exception {
    return run(directory, "gpg", "--batch", "--verify", signature.toString(), file.toString())
        .exitCode();
  }

  /** Another build of the commit, elsewhere and in another time zone, gives the same bytes. */
  private static void assertReproduced(Map<String, byte[]> released, Map<String, byte[]> again)
      throws Exception {
    assertThat(again.keySet()).isEqualTo(released.keySet());
    assertThat(differing(released, again)).isEmpty();
    System.out.println(again.keySet().stream().filter(ReleaseTest::isBuilt).count()
        + " files are the same in another build");

    Result built = run(
        source,
        "mvn",
        "-q",
        "-B",
        "clean",
        "package",
        "-DskipTests",
        "-pl",
        "secretmanager-api",
        "-am",
        "-Dproject.build.outputTimestamp=2001-02-03T04:05:06Z");
    assertThat(built.exitCode()).as(built.output()).isZero();
    Map<String, byte[]> ofAnotherTime = new HashMap<>(again);
    ofAnotherTime.put(
        API + ".jar",
        Files.readAllBytes(
            source.resolve("secretmanager-api/target/secretmanager-api-" + VERSION + ".jar")));
    assertThat(differing(released, ofAnotherTime))
        .as("control: of another time")
        .containsExactly(API + ".jar");
  }

  private static List<String> differing(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().stream()
        .filter(ReleaseTest::isBuilt)
        .filter(name -> !Arrays.equals(one.get(name), other.get(name)))
        .sorted()
        .toList();
  }

  /** Not a signature, which holds its time, or a checksum. */
  private static boolean isBuilt(String name) {
    return !name.matches(".*\\.(asc|md5|sha1|sha256|sha512)");
  }

  private static Map<String, byte[]> contents(Path bundle) throws IOException {
    Map<String, byte[]> contents = new HashMap<>();
    try (ZipFile zip = new ZipFile(bundle.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory()) {
          contents.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
        }
      }
    }
    return contents;
  }

  private static org.assertj.core.api.ThrowingConsumer<Result> refused(String why) {
    return result -> {
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).startsWith("tools/release: ").contains(why);
      assertThat(result.output().lines()).hasSize(1);
    };
  }

  private static Result release(Path output) throws Exception {
    return release(output, Map.of());
  }

  private static Result release(Path output, Map<String, String> variables) throws Exception {
    return run(
        source,
        variables,
        "tools/release",
        "--key",
        key,
        "--output",
        output.toString(),
        "--skip-tests");
  }

  private static void setVersion() throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path pom : files.filter(file -> file.endsWith("pom.xml")).toList()) {
        String text = Files.readString(pom);
        Files.writeString(
            pom, SNAPSHOT.matcher(text).replaceAll("<version>" + VERSION + "</version>"));
      }
    }
  }

  private static void replace(Path file, String pattern, String replacement) throws IOException {
    Files.writeString(file, Files.readString(file).replaceAll(pattern, replacement));
  }

  private static void commit(String message) throws Exception {
    Result result = run(
        source,
        "git",
        "-c",
        "user.name=Made up",
        "-c",
        "user.email=made-up@example.com",
        "commit",
        "-qam",
        message);
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  private static String version() {
    return Reactor.ours().published().get(0).version();
  }

  private static boolean has(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, tool)));
  }

  private static void require(boolean condition, String missing) {
    if (!condition) {
      System.out.println("SKIPPED: the release script: " + missing);
    }
    assumeTrue(condition, "SKIPPED: " + missing);
  }

  private static Result run(Path where, String... command) throws Exception {
    return run(where, Map.of(), command);
  }

  private static Result run(Path where, Map<String, String> variables, String... command)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)))
        .directory(where.toFile())
        .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("GNUPGHOME", String.valueOf(keys));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("MAVEN_OPTS", "-Dmaven.repo.local=" + Maven.localRepository());
    environment.remove("MAVEN_DEBUG_OPTS");
    environment.putAll(variables);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Result(process.waitFor(), output);
    } finally {
      process.destroyForcibly();
    }
  }
}
