package tech.tailor.secretmanager.testing.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TimestampProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients that nobody of this project has written: Connect's own for Node, from npm, and Tailor's
 * command line.
 */
@Tag("suite")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignClientsTest {

  private static final List<String> PACKAGES = List.of(
      "@connectrpc/connect@2.1.2", "@connectrpc/connect-node@2.1.2", "@bufbuild/protobuf@2.17.0");
  private static final String TAILORS_CLI = "@tailor-platform/sdk";

  private final Path directory = Path.of("target", "foreign-clients").toAbsolutePath();
  private SecretManagerEmulator emulator;

  @BeforeAll
  void start() throws IOException {
    Files.createDirectories(directory);
    emulator = SecretManagerEmulator.start();
  }

  @AfterAll
  void stop() {
    emulator.close();
  }

  /** What a program printed, and how it ended. */
  private record Run(int exitCode, String output) {}

  @ParameterizedTest
  @CsvSource({"2, true", "2, false", "1.1, true", "1.1, false"})
  void connectForNode_drivesEveryMethod(String httpVersion, boolean binary) throws Exception {
    install("connect", PACKAGES);
    Path work = directory.resolve("connect");
    Path script = work.resolve("clients.mjs");
    Files.copy(
        Path.of(ForeignClientsTest.class.getResource("/emulator/clients.mjs").toURI()),
        script,
        StandardCopyOption.REPLACE_EXISTING);
    Path descriptors = work.resolve("descriptors.binpb");
    Files.write(
        descriptors,
        FileDescriptorSet.newBuilder()
            .addFile(TimestampProto.getDescriptor().toProto())
            .addFile(Wire.OPERATOR.toProto())
            .addFile(Wire.RUNTIME.toProto())
            .build()
            .toByteArray());
    Map<String, Object> settings = Map.of(
        "baseUrl", emulator.endpoint().toString(),
        "workspaceId", emulator.workspaceId(),
        "admin", emulator.adminToken(),
        "viewer", emulator.tokenFor(EmulatorRole.VIEWER).issue(),
        "descriptors", descriptors.toString(),
        "httpVersion", httpVersion,
        "binary", binary);
    emulator.clearRequests();
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.reset());
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.latency(Duration.ofMillis(20)));
    emulator.faults().next("ListSecretManagerVaults", 1, Fault.slowBody(Duration.ofMillis(20)));

    Run run = run(
        work,
        Map.of("EMULATOR", Connect.MAPPER.writeValueAsString(settings)),
        "node",
        script.toString());

    List<String> failed = new ArrayList<>();
    int passed = 0;
    for (String line : run.output.lines().toList()) {
      JsonNode check = Connect.MAPPER.readTree(line);
      if (check.path("passed").asBoolean()) {
        passed++;
      } else {
        failed.add(check.path("name").asText() + ": " + check.path("got").asText());
      }
    }
    System.out.println("Foreign clients: connect-node over HTTP/" + httpVersion + ", "
        + (binary ? "protobuf" : "JSON") + ": " + passed + " checks passed, " + failed.size()
        + " failed, " + emulator.requests().size() + " requests");
    assertThat(failed).isEmpty();
    assertThat(run.exitCode).as(run.output).isZero();
    assertThat(passed).isEqualTo(43);
    assertThat(emulator.requests())
        .extracting(request -> request.method().orElse(""))
        .containsAll(Rpc.all().map(Rpc::name).toList());
  }

  @Test
  void tailorsCommandLine_managesVaultsAndSecrets() throws Exception {
    install("tailor", List.of(TAILORS_CLI));
    Path work = directory.resolve("tailor");

    tailor(work, "secret", "vault", "create", "cli-vault");
    assertThat(tailor(work, "secret", "vault", "list", "--json")).contains("cli-vault");
    tailor(work, "secret", "create", "-V", "cli-vault", "-n", "cli-key", "-v", "a made-up value");
    tailor(work, "secret", "update", "-V", "cli-vault", "-n", "cli-key", "-v", "another value");
    assertThat(tailor(work, "secret", "list", "-V", "cli-vault", "--json"))
        .contains("cli-key")
        .doesNotContain("another value");
    tailor(work, "secret", "delete", "-V", "cli-vault", "-n", "cli-key", "-y");
    tailor(work, "secret", "vault", "delete", "cli-vault", "-y");
    assertThat(tailor(work, "secret", "vault", "list", "--json")).doesNotContain("cli-vault");
  }

  private String tailor(Path work, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(work.resolve("node_modules/.bin/tailor-sdk").toString());
    command.addAll(List.of(arguments));
    Run run = run(
        work,
        Map.of(
            "PLATFORM_URL", emulator.endpoint().toString(),
            "TAILOR_PLATFORM_TOKEN", emulator.adminToken(),
            "TAILOR_PLATFORM_WORKSPACE_ID", emulator.workspaceId()),
        command.toArray(String[]::new));
    assertThat(run.exitCode).as("%s: %s", command, run.output).isZero();
    return run.output;
  }

  private void install(String name, List<String> packages) throws Exception {
    Assumptions.assumeTrue(isThere("node"), () -> skipped("node is not installed"));
    Assumptions.assumeTrue(isThere("npm"), () -> skipped("npm is not installed"));
    Path work = Files.createDirectories(directory.resolve(name));
    Files.writeString(work.resolve("package.json"), "{\"private\":true}");
    List<String> command = new ArrayList<>(
        List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"));
    command.addAll(packages);
    Run run = run(work, Map.of(), command.toArray(String[]::new));
    Assumptions.assumeTrue(
        run.exitCode == 0,
        () -> skipped("npm can't install " + packages + ": "
            + run.output
                .lines()
                .filter(line -> line.contains("code "))
                .findFirst()
                .orElse("")));
  }

  private static String skipped(String reason) {
    System.out.println("SKIPPED: " + reason);
    return "SKIPPED: " + reason;
  }

  private boolean isThere(String program) throws Exception {
    try {
      return run(directory, Map.of(), program, "--version").exitCode == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Run run(Path work, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(work, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("The program did not end: " + command[0]);
    }
    String printed = Files.readString(output);
    Files.delete(output);
    return new Run(process.exitValue(), printed);
  }
}
