package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program at a real terminal. */
@Tag("launcher")
@Tag("suite")
class TerminalLauncherTest {

  @TempDir
  Path directory;

  private Launcher launcher;

  @BeforeEach
  void makeSecret() throws Exception {
    launcher = Launcher.over(directory);
    assertThat(launcher.run("init").code()).isZero();
    assertThat(launcher.run("vault", "create", "default").code()).isZero();
    assertThat(launcher
            .run("create", "-V", "default", "-n", "api-key", "--value", "hunter22")
            .code())
        .isZero();
  }

  /** Needs Python 3.9 and its module pty. */
  private static void assumePython() throws Exception {
    boolean isThere;
    try {
      Process python = new ProcessBuilder(
              "python3", "-c", "import pty, termios, sys; sys.exit(sys.version_info < (3, 9))")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      isThere = python.waitFor() == 0;
    } catch (IOException e) {
      isThere = false;
    }
    if (!isThere) {
      System.out.println("SKIPPED: a terminal needs python3, 3.9 or newer, with its module pty");
    }
    assumeTrue(isThere);
  }

  private String atTerminal(List<String> steps, String... arguments) throws Exception {
    assumePython();
    List<String> command = new ArrayList<>(List.of(
        "python3",
        Path.of("src/test/resources/terminal.py").toAbsolutePath().toString(),
        Launcher.path().toString()));
    command.addAll(List.of(arguments));
    Process process = launcher.start(command);
    try (OutputStream input = process.getOutputStream()) {
      input.write((String.join("\n", steps) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    Launcher.Result result = Launcher.finish(process);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  @Test
  void value_isTypedWithoutBeingShown() throws Exception {
    String shown = atTerminal(
        List.of("expect (not shown): ", "send typed-value", "expect put into vault"),
        "put",
        "default/api-key");
    assertThat(shown).doesNotContain("typed-value").contains("[echo True, exit 0]");
    assertThat(launcher.run("get", "default/api-key", "--reveal").out()).isEqualTo("typed-value");
  }

  @Test
  void interruptAtThePrompt_leavesTheTerminalWithEcho() throws Exception {
    String shown = atTerminal(List.of("expect (not shown): ", "type c"), "put", "default/api-key");
    assertThat(shown).contains("[echo True, exit ").doesNotContain("exit 0]");
    assertThat(launcher.run("get", "default/api-key", "--reveal").out()).isEqualTo("hunter22");
  }

  @Test
  void deletion_asksForTheName() throws Exception {
    String shown = atTerminal(
        List.of("expect to confirm: ", "send api-key", "expect deleted from vault"),
        "delete",
        "default/api-key");
    assertThat(shown).contains("[echo True, exit 0]").contains("\u001b[32m");
  }

  @Test
  void program_hasTheTerminal_andIsNotMasked() throws Exception {
    String shown = atTerminal(
        List.of(),
        "run",
        "--env",
        "KEY=default/api-key",
        "--",
        "sh",
        "-c",
        "test -t 0 && test -t 1 && test -t 2 && echo \"all $KEY\"; exit 4");
    assertThat(shown).contains("all hunter22\n").contains("exit 4]");
  }

  @Test
  void interrupt_reachesTheProgramOnce() throws Exception {
    for (String mask : List.of("auto", "always")) {
      Path stop = directory.resolve("stop-" + mask);
      String shown = atTerminal(
          List.of("expect ready", "type c", "expect interrupted", "touch " + stop),
          "run",
          "--mask=" + mask,
          "--env",
          "KEY=default/api-key",
          "--",
          "sh",
          "-c",
          "n=0; trap 'n=$((n+1)); echo interrupted' INT; echo ready;" + " until test -e '" + stop
              + "'; do sleep 0.1; done; echo \"times $n\"; exit 6");
      assertThat(shown).contains("times 1\n").contains("exit 6]");
    }
  }

  @Test
  void interruptInTheEditor_isTheEditorsAlone() throws Exception {
    EditorMemory.assume(true);
    Path stop = directory.resolve("stop");
    Path editor = Files.writeString(
        directory.resolve("editor.sh"),
        "trap 'echo interrupted' INT; echo ready; until test -e '" + stop
            + "'; do sleep 0.1; done; printf edited > \"$1\"");
    launcher = launcher.with("EDITOR", "sh " + editor);
    String shown = atTerminal(
        List.of(
            "expect ready",
            "type c",
            "expect interrupted",
            "touch " + stop,
            "expect updated in vault"),
        "edit",
        "default/api-key");
    assertThat(shown).contains("[echo True, exit 0]");
    assertThat(launcher.run("get", "default/api-key", "--reveal").out()).isEqualTo("edited");
  }
}
