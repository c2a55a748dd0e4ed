package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmulatorCommandTest {

  private static final String WORKSPACE = "9f3c1b52-6d0e-4a57-8f0b-2f6f1f0a7c11";

  private final List<String> printed = new ArrayList<>();

  @TempDir
  Path directory;

  @Test
  void tokens_areMadeUpOnce_andNotPrinted() throws IOException {
    Path admin = directory.resolve("admin.token");
    Path viewer = directory.resolve("viewer.token");
    String[] args = {
      "--port",
      "0",
      "--workspace",
      WORKSPACE,
      "--token",
      "admin=" + admin,
      "--token",
      "viewer=" + viewer
    };
    String adminToken;
    try (SecretManagerEmulator emulator = start(args)) {
      adminToken = Files.readString(admin).strip();
      String viewerToken = Files.readString(viewer).strip();

      assertThat(emulator.workspaceId()).isEqualTo(WORKSPACE);
      assertThat(create(emulator, viewerToken, "default")).isEqualTo(403);
      assertThat(create(emulator, adminToken, "default")).isEqualTo(200);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(admin)))
          .isEqualTo("rw-------");
      assertThat(String.join("\n", printed))
          .contains("PLATFORM_URL=" + emulator.endpoint(), WORKSPACE, admin.toString())
          .doesNotContain(adminToken, viewerToken);
    }
    try (SecretManagerEmulator emulator = start(args)) {
      assertThat(create(emulator, adminToken, "default")).isEqualTo(200);
    }
  }

  @Test
  void store_whoseArtifactIsMissing_isTold() {
    String[] args = {"--store", directory.resolve("store").toString(), "--key", "key"};

    assertThatThrownBy(() -> start(args).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("secretmanager-file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--port",
        "--port x",
        "--port 70000",
        "--token s3cr3t",
        "--token owner=file",
        "--secret s3cr3t",
        "--store here",
        "--key here",
        "--workspace none"
      })
  void badArguments_areRefused_andNotRepeated(String line) {
    assertThatThrownBy(() -> start(line.split(" ")).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void help_isPrinted_andNothingStarted() throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, UTF_8));
    try {
      EmulatorCommand.main(new String[] {"--help"});
    } finally {
      System.setOut(out);
    }
    assertThat(captured.toString(UTF_8)).contains("--port", "--token ROLE=FILE", "--store");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void command_runsUntilItIsStopped() throws Exception {
    Path token = directory.resolve("admin.token");
    Path output = directory.resolve("output");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EmulatorCommand.class.getName(),
            "--port",
            "0",
            "--token",
            "admin=" + token)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .directory(new File(directory.toString()))
        .start();
    try {
      while (process.isAlive() && !Files.readString(output).contains("TAILOR_PLATFORM_TOKEN")) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
      assertThat(Files.readString(output).lines()).hasSize(3);
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
  }

  private SecretManagerEmulator start(String... args) {
    return EmulatorCommand.start(printed::add, args);
  }

  private static int create(SecretManagerEmulator emulator, String token, String vault) {
    return Connect.to(emulator, token)
        .call("CreateSecretManagerVault", Map.of("secretmanagerVaultName", vault))
        .status();
  }
}
