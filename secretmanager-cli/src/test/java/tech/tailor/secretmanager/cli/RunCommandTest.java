package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {

  @TempDir
  Path directory;

  private CliRun cli;

  @BeforeEach
  void makeStore() {
    cli = CliRun.overFile(directory);
    assertThat(cli.run("init").code()).isZero();
    assertThat(cli.run("vault", "create", "default").code()).isZero();
    put("api-key", "hunter22");
  }

  private void put(String name, String value) {
    assertThat(cli.runWith(value, "put", "default/" + name).code()).isZero();
  }

  @Test
  void program_findsSecretInItsEnvironment() {
    CliRun.Result result = cli.run(
        "run", "--env", "KEY=default/api-key", "--", "sh", "-c", "test \"$KEY\" = hunter22");
    assertThat(result.code()).isZero();
  }

  @Test
  void wholeVault_isInTheEnvironment() {
    put("db-password", "line one\nline two");
    CliRun.Result result = cli.run(
        "run",
        "--vault",
        "default",
        "sh",
        "-c",
        "test \"$API_KEY\" = hunter22 && test \"$(echo \"$DB_PASSWORD\" | tail -1)\" = 'line two'");
    assertThat(result.code()).isZero();
  }

  @Test
  void output_isMaskedOnBothStreams() {
    CliRun.Result result = cli.run(
        "run",
        "--env",
        "KEY=default/api-key",
        "--",
        "sh",
        "-c",
        "echo \"<$KEY>\"; echo \"[$KEY]\" >&2");
    assertThat(result.out()).isEqualTo("<***>\n");
    assertThat(result.err()).isEqualTo("[***]\n");
  }

  /** Programs trim what they read, and print a key line by line. */
  @Test
  void trimmedValues_theirLines_andInheritedCredentials_areMaskedToo() {
    put("trimmed", "made-up-value\n");
    put("lines", "-----BEGIN-----\nbWFkZSB1cCBrZXk=\n-----END-----\n");
    CliRun.Result result = cli.set("TAILOR_PLATFORM_TOKEN", "made-up-token")
        .run(
            "run",
            "--env",
            "T=default/trimmed",
            "--env",
            "L=default/lines",
            "--",
            "sh",
            "-c",
            "printf '[%s] ' \"$(printenv T)\"; printenv L | sed 's/^/> /'; echo $TAILOR_PLATFORM_TOKEN");
    assertThat(result.out()).isEqualTo("[***] > ***\n> ***\n> ***\n***\n");
  }

  @Test
  void valueInPlaceOfAnAddress_isNotShown() {
    CliRun.Result result = cli.run("run", "--env", "KEY=wJalrXUtnFEMI/K7MDENG", "--", "true");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("names no secret")
        .doesNotContain("wJalr")
        .doesNotContain("K7");
    assertThat(cli.run("get", "wJalrXUtnFEMI/K7MDENG").err()).doesNotContain("wJalr");
    assertThat(cli.run("get", "-V", "default", "-n", "wJalrXUtn").err()).doesNotContain("wJalr");
  }

  @Test
  void exitCode_isTheProgrammes() {
    assertThat(runShell("exit 0").code()).isZero();
    assertThat(runShell("exit 2").code()).isEqualTo(2);
    assertThat(runShell("exit 77").code()).isEqualTo(77);
    assertThat(runShell("kill -TERM $$").code()).isEqualTo(128 + 15);
    assertThat(runShell("kill -KILL $$").code()).isEqualTo(128 + 9);
  }

  @Test
  void programThatIsMissing_is127() {
    CliRun.Result result =
        cli.run("run", "--env", "KEY=default/api-key", "--", "/no/such/program", "argument");
    assertThat(result.code()).isEqualTo(127);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("There is no program \"/no/such/program\"");
  }

  @Test
  void programThatCannotBeRun_is126() {
    CliRun.Result result = cli.run(
        "run", "--env", "KEY=default/api-key", "--", directory.resolve("key").toString());
    assertThat(result.code()).isEqualTo(126);
    assertThat(result.err()).contains("can't be run");
  }

  @Test
  void valueWithNul_isRefusedWithoutBeingShown() {
    put("api-key", "hunter22\0tail");
    CliRun.Result result = runShell("exit 0");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("default/api-key holds a NUL character")
        .doesNotContain("hunter");
  }

  @Test
  void namesThatCollide_areRefused() {
    assertThat(cli.run("vault", "create", "other").code()).isZero();
    assertThat(cli.runWith("x", "put", "other/api-key").code()).isZero();
    CliRun.Result result = cli.run("run", "--vault", "default", "--vault", "other", "--", "true");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("would both be the variable API_KEY");
  }

  @Test
  void optionsAfterTheProgram_areItsOwn() {
    CliRun.Result result = cli.run(
        "run", "--env", "KEY=default/api-key", "sh", "-c", "echo \"$1\"", "sh", "--verbose");
    assertThat(result.out()).isEqualTo("--verbose\n");
  }

  @Test
  void value_isInNoArgument() {
    CliRun.Result result = runShell("tr '\\0' ' ' < /proc/$$/cmdline 2>/dev/null || echo none");
    assertThat(result.code()).isZero();
    assertThat(result.out()).doesNotContain("hunter22").doesNotContain("***");
  }

  private CliRun.Result runShell(String script) {
    return cli.run("run", "--env", "KEY=default/api-key", "--", "sh", "-c", script);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path",
        "ld-preload",
        "dyld-insert-libraries",
        "bash-env",
        "java-tool-options",
        "pythonpath",
        "git-ssh-command",
        "prompt-command",
        "shell"
      })
  void vaultWithTheNameOfALoadersVariable_isRefused(String name) {
    put(name, "/nowhere");
    String variable = EnvironmentNames.variable(name);
    CliRun.Result refused = cli.run("run", "--vault", "default", "--", "sh", "-c", "exit 3");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("default/" + name + " would be the variable " + variable)
        .contains("--env " + variable + "=default/" + name);
  }

  @Test
  void loadersVariable_thatIsAskedForByName_isSet_andTheProgramIsFoundAsBefore() {
    put("path", "/nowhere");
    CliRun.Result result = cli.run(
        "run",
        "--env",
        "PATH=default/path",
        "--vault",
        "default",
        "--mask=never",
        "--",
        "sh",
        "-c",
        "test \"$PATH\" = /nowhere && exit 3");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
  }

  @Test
  void environmentOverTheSystemsLimit_isSaidClearly() {
    put("api-key", "x".repeat(128 * 1024));
    CliRun.Result result = runShell("exit 0");
    assertThat(result.code()).isEqualTo(126);
    assertThat(result.err()).contains("larger than the system allows").contains("--env");
  }
}
