package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import tech.tailor.secretmanager.SecretSource;
import tech.tailor.secretmanager.fixtures.Documents;

/** What the documents say of the command line: it understands each command that they show. */
class DocumentedCommandsTest {

  private static final String PROGRAM = "secretmanager ";
  private static final Pattern WORD = Pattern.compile("'[^']*'|\\S+");
  private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
  private static final String PAGE = "docs/command-line.md";

  @Test
  void everyCommand_isUnderstood() throws IOException {
    List<String> commands = Documents.texts().values().stream()
        .flatMap(text -> Documents.code(text).stream())
        .filter(code -> code.startsWith(PROGRAM))
        .toList();

    assertThat(commands).hasSizeGreaterThan(8);
    assertThat(commands).allSatisfy(command -> assertThat(problem(command)).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "secretmanager vault make --name default, Unknown command",
    "secretmanager vault create --nam default, Unknown option --nam.",
    "secretmanager key rotate --key-file, Missing: --key-file.",
  })
  void control_aWrongCommand_isFound(String command, String problem) {
    assertThat(problem(command)).startsWith(problem);
  }

  @Test
  void everyOption_isThere() throws IOException {
    List<String> code = Documents.code(page());

    assertThat(code.stream().filter(each -> OPTION.matcher(each).find()))
        .hasSizeGreaterThan(20)
        .allSatisfy(each -> assertThat(unknownOptions(each)).as(each).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"key rotate --reveal", "--revael"})
  void control_aWrongOption_isFound(String code) {
    assertThat(unknownOptions(code)).hasSize(1);
  }

  @Test
  void everyCommand_isInTheTable() throws IOException {
    String table = page().replaceAll("(?s).*\n## Commands\n(.*?)\n## .*", "$1");
    Set<String> documented = table
        .lines()
        .filter(line -> line.startsWith("| `"))
        .flatMap(line -> Documents.code(line.split(" \\| ", 2)[0]).stream())
        .collect(Collectors.toCollection(TreeSet::new));

    Set<String> commands = new TreeSet<>();
    tree().getSubcommands().forEach((name, command) -> {
      if (command.getSubcommands().isEmpty()) {
        commands.add(name);
      } else if (!name.equals("secret")) { // the same commands by other names
        command.getSubcommands().keySet().forEach(child -> commands.add(name + " " + child));
      }
    });
    assertThat(documented).isEqualTo(commands);
  }

  @Test
  void declaration_isRead(@TempDir Path directory) throws IOException {
    List<String> samples = Documents.samples(page(), "yaml");
    Path file = Files.writeString(directory.resolve("secrets.yaml"), samples.get(0));

    assertThat(DeclarationFile.read(file, SecretSource::environment).owner()).contains("orders");
  }

  /** What the program would say of the command before it does anything, or "". */
  private static String problem(String command) {
    List<String> words = words(command.substring(PROGRAM.length()));
    try {
      Commands.tree(io(), words).parseArgs(words.toArray(String[]::new));
      return "";
    } catch (ParameterException e) {
      return UsageErrors.translate(e).getMessage();
    }
  }

  /** Options that the command doesn't have; of options alone, those that no command has. */
  private static List<String> unknownOptions(String code) {
    CommandLine command = tree();
    for (String word : words(code)) {
      command = command.getSubcommands().getOrDefault(word, command);
    }
    Set<String> known = command.getParent() == null
        ? descendants(command)
            .flatMap(each -> each.getCommandSpec().optionsMap().keySet().stream())
            .collect(Collectors.toSet())
        : command.getCommandSpec().optionsMap().keySet();
    return OPTION
        .matcher(code.replaceAll(" -- .*", ""))
        .results()
        .map(MatchResult::group)
        .filter(option -> !known.contains(option))
        .toList();
  }

  private static Stream<CommandLine> descendants(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(DocumentedCommandsTest::descendants));
  }

  private static List<String> words(String line) {
    return WORD.matcher(line).results().map(MatchResult::group).toList();
  }

  private static CommandLine tree() {
    return Commands.tree(io(), List.of());
  }

  private static Io io() {
    return Io.ofProcess();
  }

  private static String page() throws IOException {
    Map<String, String> texts = Documents.texts();
    return texts.getOrDefault(PAGE, "");
  }
}
