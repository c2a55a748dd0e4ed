package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tailor.secretmanager.fixtures.postgresql.TestDatabase;
import tech.tailor.secretmanager.testing.emulator.RequestRecord;
import tech.tailor.secretmanager.testing.emulator.SecretManagerEmulator;

/**
 * What each command prints, to the letter, and what it asks the platform for. The command lines are
 * in {@code src/test/golden/NAME.commands}; {@code -Dgolden.update=true} writes what they printed,
 * to be reviewed.
 *
 * <p>Of a command line the text after {@code <<<} is standard input. One that ends in {@code &}
 * goes on beside the following ones; {@code wait} waits for it. In what was printed, {@code !}
 * begins a line of standard error, {@code >} a call to the platform.
 */
class GoldenTest {

  private static final Path GOLDEN = Path.of("src/test/golden");
  private static final Pattern MARK = Pattern.compile("\\b\\d+-[0-9a-f]{32}\\b");
  private static final String IN_BACKGROUND = " &";

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
  void overFileStore_printsWhatWasAgreed(String name) throws Exception {
    CliRun cli = CliRun.overFile(directory);
    verify(name, "file", cli, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tailor", "operators", "errors", "transfer", "declarations", "versions", "keys"})
  void overEmulator_printsAndAsksWhatWasAgreed(String name) throws Exception {
    platform.reset();
    verify(name, "emulator", overPlatform(), platform);
  }

  /** The editor replaces one text by another, and then finds nothing to replace. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "emulator"})
  void programs_printWhatWasAgreed(String store) throws Exception {
    EditorMemory.assume(true);
    platform.reset();
    boolean isFile = store.equals("file");
    CliRun cli = isFile ? CliRun.overFile(directory) : overPlatform();
    cli.set("EDITOR", "sed -i s/made-up/edited/");
    verify("programs", store, cli, isFile ? null : platform);
  }

  private static CliRun overPlatform() {
    return new CliRun()
        .set("PLATFORM_URL", platform.endpoint().toString())
        .set("TAILOR_PLATFORM_TOKEN", platform.adminToken())
        .set("TAILOR_PLATFORM_WORKSPACE_ID", platform.workspaceId());
  }

  @Tag("suite")
  @Test
  void overPostgresql_printsWhatWasAgreed() throws Exception {
    CliRun cli = new CliRun()
        .set(
            "TAILOR_SECRETMANAGER_URL",
            TestDatabase.empty().url() + "&secretmanager.workspace=orders")
        .set("TAILOR_SECRETMANAGER_KEY_FILE", directory.resolve("key").toString())
        .set("TAILOR_SECRETMANAGER_ACTOR", "an operator");
    verify("shared", "postgresql", cli, null);
  }

  private void verify(String name, String store, CliRun cli, SecretManagerEmulator emulator)
      throws Exception {
    copyFiles();
    StringBuilder printed = new StringBuilder();
    CliRun.Started background = null;
    for (String line : Files.readAllLines(GOLDEN.resolve(name + ".commands"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (emulator != null) {
        emulator.clearRequests();
      }
      String command = line.replace("DIR", directory.toString()).replace("MARK", lastMark(printed));
      CliRun.Result result;
      if (line.endsWith(IN_BACKGROUND)) {
        background = cli.start(command.substring(0, command.length() - IN_BACKGROUND.length()));
        background.awaitError();
        printed.append("$ secretmanager ").append(line).append("\n\n");
        continue;
      } else if (line.equals("wait")) {
        result = Objects.requireNonNull(background).end().get(2, TimeUnit.MINUTES);
        printed.append("$ wait\n").append(result.out());
      } else {
        result = cli.runLine(command);
        printed.append("$ secretmanager ").append(line).append('\n').append(result.out());
      }
      result.err().lines().forEach(each -> printed.append("! ").append(each).append('\n'));
      boolean isAlone = background == null; // else calls of two commands are mixed
      printed.append(isAlone ? calls(emulator) : "");
      printed.append(result.code() == 0 ? "" : "[" + result.code() + "]\n").append('\n');
      background = line.equals("wait") ? null : background;
    }
    String actual = normalised(printed.toString(), emulator);
    Path golden = GOLDEN.resolve(name + "." + store + ".txt");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(golden));
  }

  private static String lastMark(CharSequence printed) {
    Matcher marks = MARK.matcher(printed);
    String last = "MARK";
    while (marks.find()) {
      last = marks.group();
    }
    return last;
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
    return emulator == null
        ? times
        : times
            .replace(emulator.workspaceId(), "WORKSPACE")
            .replace(emulator.endpoint().toString(), "PLATFORM"); // its port
  }

  /** With --json, an error is one line that a program can read. */
  @ParameterizedTest
  @ValueSource(strings = {"tailor", "operators", "errors", "versions", "keys", "declarations"})
  void eachError_isJsonToo(String name) throws IOException {
    copyFiles();
    CliRun cli = CliRun.overFile(directory);
    int errors = 0;
    for (String line : Files.readAllLines(GOLDEN.resolve(name + ".commands"))) {
      String command = line.replace("DIR", directory.toString());
      if (line.isBlank() || line.startsWith("#") || cli.runLine(command).code() != 1) {
        continue;
      }
      if (line.startsWith("run ") || line.contains("--json") || line.startsWith("check ")) {
        continue; // the program's own, or JSON anyway, or a report that is no error
      }
      int input = command.indexOf(" <<<");
      String json = input < 0
          ? command + " --json"
          : command.substring(0, input) + " --json" + command.substring(input);
      CliRun.Result result = cli.runLine(json);
      assertThat(result.code()).as(json).isEqualTo(1);
      assertThat(result.err().lines().toList())
          .as(json)
          .last(InstanceOfAssertFactories.STRING)
          .startsWith("{\"error\":{\"code\":\"")
          .endsWith("}}");
      errors++;
    }
    assertThat(errors).isPositive();
  }

  /** The help of each command ends with an example. */
  @Test
  void eachHelp_hasAnExample() {
    CliRun cli = CliRun.overFile(directory);
    for (String name : Commands.names()) {
      boolean isThere = false;
      for (String group : List.of("", "vault ", "key ")) {
        CliRun.Result help = cli.runLine(group + name + " --help");
        if (help.code() == 0) {
          assertThat(help.out()).as(group + name).containsPattern("(?m)^Examples?:$");
          assertThat(help.out()).as("a percent sign is doubled").doesNotContain("%%");
          isThere = true;
        }
      }
      assertThat(isThere).as(name).isTrue();
    }
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
