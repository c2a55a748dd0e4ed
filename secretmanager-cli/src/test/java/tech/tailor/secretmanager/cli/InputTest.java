package tech.tailor.secretmanager.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values, confirmations and variables: where they come from, and what is refused. */
class InputTest {

  @TempDir
  Path directory;

  private CliRun cli;

  @BeforeEach
  void makeStore() {
    cli = CliRun.overFile(directory);
    assertThat(cli.run("init").code()).isZero();
    assertThat(cli.run("vault", "create", "default").code()).isZero();
  }

  private String value() {
    return cli.run("get", "default/api-key", "--reveal").out();
  }

  @ParameterizedTest
  @ValueSource(strings = {"välue", "välue\n", "välue\r\n"})
  void standardInput_losesOneLineEnd(String input) {
    assertThat(cli.runWith(input, "put", "default/api-key").code()).isZero();
    assertThat(value()).isEqualTo("välue");
  }

  @Test
  void standardInput_keepsAllButTheLastLineEnd() {
    assertThat(cli.runWith("a\n\n", "put", "default/api-key").code()).isZero();
    assertThat(value()).isEqualTo("a\n");
  }

  @Test
  void standardInputThatIsNoText_isRefused() {
    CliRun.Result result =
        cli.runWith(new byte[] {'h', 'u', (byte) 0xff}, "put", "default/api-key", "--json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("\"code\":\"SECRET_VALUE_INVALID_UTF8\"");
  }

  @Test
  void valueOverTheLimit_isRefused() {
    assertThat(
            cli.runWith("x".repeat(128 * 1024) + "\n", "put", "default/api-key").code())
        .isZero();
    CliRun.Result result =
        cli.runWith("x".repeat(128 * 1024 + 1), "put", "default/api-key", "--json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("\"code\":\"SECRET_VALUE_TOO_LARGE\"").hasSizeLessThan(400);
  }

  @Test
  void emptyInput_isNoValue() {
    CliRun.Result result = cli.run("put", "default/api-key", "--json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("\"code\":\"SECRET_VALUE_REQUIRED\"");
  }

  @Test
  void optionInPlaceOfAValue_isNotStored() {
    CliRun.Result result = cli.run("create", "-V", "default", "-n", "api-key", "--value", "--json");
    assertThat(result.code()).isEqualTo(1);
    assertThat(cli.run("list", "-V", "default", "--json").out()).isEqualTo("[]\n");
  }

  @Test
  void file_isTakenByteForByte() throws IOException {
    Path file = directory.resolve("value");
    Files.write(file, new byte[] {1, (byte) 0xff, '\n'});
    assertThat(cli.run("put", "default/api-key", "--file", file.toString()).code())
        .isZero();
    Path copy = directory.resolve("copy");
    assertThat(cli.run("run", "--env", "A=default/api-key", "--", "true").err())
        .contains("is not UTF-8 text");
    assertThat(copy).doesNotExist();
  }

  @Test
  void prompt_isHiddenAndAsksOnATerminal() {
    CliRun.Result result =
        cli.terminal(new CliRun.Typist("typed-value")).run("put", "default/api-key");
    assertThat(result.code()).isZero();
    assertThat(result.err()).doesNotContain("typed-value");
    cli.terminal(new CliRun.NoTerminal());
    assertThat(value()).isEqualTo("typed-value");
  }

  @Test
  void promptInCi_isRefused() {
    CliRun.Result result = cli.terminal(new CliRun.Typist("typed"))
        .set("CI", "true")
        .run("put", "default/api-key", "--json");
    assertThat(result.err()).contains("\"code\":\"INTERACTIVE_PROMPT_REQUIRED\"");
  }

  @Test
  void confirmation_needsTheExactName() {
    assertThat(cli.runWith("v", "put", "default/api-key").code()).isZero();
    cli.terminal(new CliRun.Typist(""));
    CliRun.Result wrong = cli.runWith("api\n", "delete", "default/api-key");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("type \"api-key\" to confirm: ").contains("Cancelled");
    assertThat(cli.runWith("api-key\n", "delete", "default/api-key").code()).isZero();
  }

  @Test
  void envFiles_neverOverrideWhatIsSet_andLaterOnesWin() throws IOException {
    Path first = Files.writeString(
        directory.resolve("first.env"), "TAILOR_SECRETMANAGER_URL=file:nowhere\nA=1\n");
    Path second = Files.writeString(directory.resolve("second.env"), "A=2\n");
    assertThat(cli.run("vault", "list", "-e", first.toString()).out()).contains("default");

    CliRun unset = new CliRun();
    Path url = Files.writeString(
        directory.resolve("url.env"),
        "TAILOR_SECRETMANAGER_URL=memory:\nTAILOR_SECRETMANAGER_KEY_FILE="
            + directory.resolve("key") + "\n");
    Path later = Files.writeString(
        directory.resolve("later.env"),
        "TAILOR_SECRETMANAGER_URL=file:" + directory.resolve("store") + "\n");
    CliRun.Result result = unset.run(
        "vault",
        "list",
        "-e",
        url.toString(),
        "--env-file",
        later.toString(),
        "--env-file-if-exists",
        second.resolveSibling("absent").toString());
    assertThat(result.out()).contains("default");
  }

  /** A value that stands in the wrong place is in no message. */
  @Test
  void valueInTheWrongPlace_isNotShown() {
    String value = "Hunter22secret";
    List<List<String>> lines = List.of(
        List.of("create", "-V", "default", "-n", "api-key", value),
        List.of("create", "-V", value, "-n", "api-key", "--vlaue", value),
        List.of("create", "-V", "default", "--vlaue=" + value),
        List.of("create", "-x" + value),
        List.of("create", "--" + value),
        List.of("list", "-V", "default", "--limit", value),
        List.of("list", "-V", "default", "--order", value),
        List.of("put", value),
        List.of("put", "default/api-key", value),
        List.of("get", "default/api-key", "--version", value),
        List.of("labels", "default/api-key", "--set", value),
        List.of("run", "--env", value, "--", "true"),
        List.of("run", "--env", "A=" + value, "--", "true"));
    for (List<String> line : lines) {
      for (String extra : List.of("--json", "--verbose")) {
        List<String> all = new ArrayList<>(line);
        all.add(1, extra);
        CliRun.Result result = cli.run(all.toArray(String[]::new));
        assertThat(result.code()).as("%s", all).isEqualTo(1);
        assertThat(result.out() + result.err())
            .as("%s", all)
            .doesNotContain(line.contains("-V") && line.contains("--vlaue") ? "\0" : value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--json", "-j", "-jy", "-yj"})
  void usageError_isJson_whereThatIsAskedFor(String flag) {
    assertThat(cli.run("delete", "-V", "default", "--nosuch", flag).err())
        .startsWith("{\"error\":{\"code\":\"INVALID_ARGUMENT\"");
    assertThat(cli.run("delete", "-V", "default", "--nosuch", "-y").err()).startsWith("\u2716");
  }

  @Test
  void failure_isOneLine_andAStackTraceOnlyWithVerbose() {
    CliRun.Result plain = cli.run("list", "-V", "no-such");
    assertThat(plain.err().lines()).hasSize(1);
    CliRun.Result verbose = cli.run("list", "-V", "no-such", "--verbose");
    assertThat(verbose.err()).startsWith(plain.err()).contains("\tat tech.tailor.secretmanager.");
  }

  @Test
  void colours_areForTerminalsWithoutNoColor() {
    cli.terminal(new CliRun.Typist(""));
    assertThat(cli.run("list", "-V", "no-such").err()).contains("\u001b[31m");
    assertThat(cli.set("NO_COLOR", "1").run("list", "-V", "no-such").err())
        .doesNotContain("\u001b");
  }

  @Test
  void valuesOfUtf8_survive() {
    assertThat(cli.runWith("日本\n語", "put", "default/api-key").code()).isZero();
    assertThat(value().getBytes(UTF_8)).isEqualTo("日本\n語".getBytes(UTF_8));
  }
}
