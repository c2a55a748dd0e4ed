package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * What each command prints, to the letter, and what it asks the platform for. The command lines are
 * in {@code src/test/golden/NAME.commands}; {@code -Dgolden.update=true} writes what they printed,
 * to be reviewed.
 *
 * <p>Of a command line the text after {@code <<<} is standard input. In what was printed, {@code !}
 * begins a line of standard error, {@code >} a call to the platform.
 */
class GoldenTest {

  private static final Path GOLDEN = Path.of("src/test/golden");

  private static SecretManagerEmulator platform;

  @TempDir
  Path directory;

  @BeforeAll
  static void startPlatform() {
    platform = SecretManagerEmulator.start();
  }

  @AfterAll
  static void stopPlatform() {
    platform.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tailor",
        "operators",
        "errors",
        "transfer",
        "declarations",
        "versions",
        "keys",
        "help"
      })
  void overFileStore_printsWhatWasAgreed(String name) throws IOException {
    CliRun cli = CliRun.overFile(directory);
    verify(name, "file", cli, null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tailor", "operators", "errors", "transfer", "declarations"})
  void overEmulator_printsAndAsksWhatWasAgreed(String name) throws IOException {
    platform.reset();
    CliRun cli = new CliRun()
        .set("PLATFORM_URL", platform.endpoint().toString())
        .set("TAILOR_PLATFORM_TOKEN", platform.adminToken())
        .set("TAILOR_PLATFORM_WORKSPACE_ID", platform.workspaceId());
    verify(name, "emulator", cli, platform);
  }

  private void verify(String name, String store, CliRun cli, SecretManagerEmulator emulator)
      throws IOException {
    copyFiles();
    StringBuilder printed = new StringBuilder();
    for (String line : Files.readAllLines(GOLDEN.resolve(name + ".commands"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (emulator != null) {
        emulator.clearRequests();
      }
      CliRun.Result result = cli.runLine(line.replace("DIR", directory.toString()));
      printed.append("$ secretmanager ").append(line).append('\n').append(result.out());
      result.err().lines().forEach(each -> printed.append("! ").append(each).append('\n'));
      printed.append(calls(emulator));
      printed.append(result.code() == 0 ? "" : "[" + result.code() + "]\n").append('\n');
    }
    String actual = normalised(printed.toString(), emulator);
    Path golden = GOLDEN.resolve(name + "." + store + ".txt");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(golden));
  }

  /** What commands read: {@code src/test/golden/files}. */
  private void copyFiles() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN.resolve("files"))) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
  }

  private static String calls(SecretManagerEmulator emulator) {
    List<RequestRecord> requests = emulator == null ? List.of() : emulator.requests();
    return requests.stream()
        .map(request -> "> " + request.method().orElse("?") + " " + request.outcome() + "\n")
        .collect(Collectors.joining());
  }

  /** Only what differs from run to run. */
  private String normalised(String text, SecretManagerEmulator emulator) {
    String times = text.replaceAll("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z", "TIME")
        .replaceAll("\\d+ minutes? ago", "just now")
        .replace(directory.toString(), "DIR")
        .replaceAll("\\b[0-9a-f]{32}\\b", "HEX")
        .replaceAll("(?m)^(keyFile|DIR/\\S+) {2,}", "$1  "); // as wide as the directory's name
    return emulator == null ? times : times.replace(emulator.workspaceId(), "WORKSPACE");
  }

  /** Every command is in one of the golden files. */
  @Test
  void everyCommand_hasGoldenOutput() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(GOLDEN)) {
      for (Path file :
          files.filter(each -> each.toString().endsWith(".commands")).toList()) {
        all.append('\n').append(Files.readString(file));
      }
    }
    String lines = all.toString();
    assertThat(Commands.names())
        .allSatisfy(name -> assertThat(lines).containsPattern("\n(.* )?" + name + "( |\n)"));
  }
}
