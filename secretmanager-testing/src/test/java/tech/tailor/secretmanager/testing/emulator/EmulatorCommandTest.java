package tech.tailor.secretmanager.testing.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
          .doesNotContain(adminToken, viewerToken, viewer.toString());
    }
    try (SecretManagerEmulator emulator = start(args)) {
      assertThat(create(emulator, adminToken, "default")).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--store", "--key", "--token"})
  void pathThatIsNone_isRefusedWithoutIt(String option) {
    String noPath = "made-up-token\0";

    assertThatThrownBy(() -> start(option, option.equals("--token") ? "admin=" + noPath : noPath))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(option + " names no file")
        .hasMessageNotContaining("made-up-token");
  }

  @Test
  void store_whoseArtifactIsMissing_isTold() {
    String[] args = {
      "--store",
      directory.resolve("store").toString(),
      "--key",
      "key",
      "--token",
      "admin=" + directory.resolve("admin.token")
    };

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
        "--workspace none",
        "--port 0 --port 0",
        "--token admin=one.token --token viewer=./one.token"
      })
  void badArguments_areRefused_andNotRepeated(String line) {
    assertThatThrownBy(() -> start(line.split(" ")).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("s3cr3t");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "short",
        "two-tokens-0123456789 two-tokens-0123456789",
        "two-lines-0123456789\ntwo-lines-0123456789",
        "\ufeffbyte-order-mark-0123456789",
        "ümlaut-0123456789"
      })
  void fileThatHoldsNoToken_isNamed_andNotQuoted(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("admin.token"), content);

    assertThatThrownBy(() -> start("--port", "0", "--token", "admin=" + file).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(file.toString(), "16 to 4096")
        .hasMessageNotContaining("0123456789");
    assertThat(file).hasContent(content);
  }

  @Test
  void fileOfATokenThatCantBeReadOrMade_isNamed() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));

    for (Path file : List.of(directory, link, directory.resolve("missing/admin.token"))) {
      assertThatThrownBy(() -> start("--port", "0", "--token", "admin=" + file).close())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void twoFilesWithOneToken_areRefused() throws IOException {
    Path one = Files.writeString(directory.resolve("one.token"), "made-up-token-0123456789");
    Path other = Files.writeString(directory.resolve("other.token"), "made-up-token-0123456789\n");

    assertThatThrownBy(
            () -> start("--port", "0", "--token", "admin=" + one, "--token", "viewer=" + other)
                .close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(one.toString(), other.toString())
        .hasMessageNotContaining("0123456789");
  }

  /** A shell reads what is printed as it was meant, whatever the directory is called. */
  @ParameterizedTest
  @ValueSource(strings = {"it's mine", "a \"b\" $(false) `false` \\ #c;d", "-n", "two\nlines"})
  void output_isForEval(String name) throws Exception {
    Path odd = Files.createDirectory(directory.resolve(name));
    Path admin = odd.resolve("admin.token");
    try (SecretManagerEmulator emulator =
        start("--port", "0", "--token", "admin=" + admin, "--token", "viewer=" + odd + "/viewer")) {
      Process shell = new ProcessBuilder(
              "sh",
              "-euc",
              "eval \"$1\"; printf '%s|%s|%s' \"$PLATFORM_URL\""
                  + " \"$TAILOR_PLATFORM_WORKSPACE_ID\" \"$TAILOR_PLATFORM_TOKEN\"",
              "sh",
              String.join("\n", printed))
          .redirectErrorStream(true)
          .start();
      String said = new String(shell.getInputStream().readAllBytes(), UTF_8);

      assertThat(said)
          .isEqualTo(emulator.endpoint() + "|" + emulator.workspaceId() + "|"
              + Files.readString(admin).strip());
    }
  }

  @Test
  void messages_areOneLine() {
    assertThat(
            EmulatorCommand.lineOf(new IllegalStateException("Add this:\n\n  <a>\r\n  \t</a>\n")))
        .isEqualTo("The emulator did not start: Add this: <a> </a>");
    assertThat(EmulatorCommand.lineOf(new IllegalStateException("a\u001b[2Kb\u2028c")))
        .doesNotContain("\u001b", "\u2028");
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
