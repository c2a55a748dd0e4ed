package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program as users start it: the documentation's session, and what a process alone can show.
 */
@Tag("launcher")
@Tag("suite")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class SessionLauncherTest {

  @TempDir
  Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"src/test/resources/session.sh", "../examples/command-line/operators-day.sh"})
  void script_runs(String file) throws Exception {
    Path script = Path.of(file).toAbsolutePath();
    Process process = Launcher.over(directory)
        .start(List.of("bash", script.toString(), Launcher.path().toString()));
    Launcher.Result result = Launcher.finish(process);
    assertThat(result.out()).as(result.err()).endsWith(" ok\n");
    assertThat(result.code()).isZero();
  }

  /** Sent to the launcher alone, as a service manager does: there is no terminal. */
  @ParameterizedTest
  @CsvSource({"TERM, auto", "INT, auto", "HUP, auto", "TERM, never", "INT, never", "HUP, never"})
  void program_getsTheSignal_andGivesTheExitCode(String signal, String mask) throws Exception {
    Launcher launcher = Launcher.over(directory);
    makeSecret(launcher);
    List<String> command = new ArrayList<>(Launcher.withDefaultSignals());
    command.addAll(List.of(
        Launcher.path().toString(),
        "run",
        "--mask=" + mask,
        "--env",
        "KEY=default/api-key",
        "--",
        "sh",
        "-c",
        "trap 'echo \"ended $KEY\"; exit 3' " + signal
            + "; echo ready; while :; do sleep 0.1; done"));
    Process process = launcher.start(command);
    try (BufferedReader out = new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("ready");
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
      assertThat(out.readLine()).isEqualTo(mask.equals("auto") ? "ended ***" : "ended hunter22");
      assertThat(process.waitFor()).isEqualTo(3);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void withoutMasking_theProgramTakesTheProcess_whereJavaAllows() throws Exception {
    Launcher launcher = Launcher.over(directory);
    makeSecret(launcher);
    Process process = launcher.start(
        "run",
        "--mask=never",
        "--env",
        "KEY=default/api-key",
        "--",
        "sh",
        "-c",
        "echo $$; tr '\\0' ' ' < /proc/$$/cmdline 2>/dev/null; exit 9");
    long pid = process.pid();
    Launcher.Result result = Launcher.finish(process);
    assertThat(result.code()).isEqualTo(9);
    assertThat(result.out()).as("its arguments, too").doesNotContain("hunter22");
    boolean same = result.out().lines().findFirst().orElse("").equals(Long.toString(pid));
    assertThat(same).isEqualTo(Runtime.version().feature() >= 22);
  }

  @Test
  void readerThatIsGone_endsTheProgramQuietly() throws Exception {
    Launcher launcher = Launcher.over(directory);
    makeSecret(launcher);
    Process process = launcher.start(List.of(
        "bash",
        "-c",
        "\"$0\" run --env KEY=default/api-key -- yes | head -1; echo ${PIPESTATUS[0]}",
        Launcher.path().toString()));
    Launcher.Result result = Launcher.finish(process);
    assertThat(result.out()).isEqualTo("y\n141\n");
    assertThat(result.err()).isEmpty();
  }

  /** Also of what the command writes itself. */
  @Test
  void readerThatIsGone_ofAList_isNoError() throws Exception {
    Launcher launcher = Launcher.over(directory);
    makeSecret(launcher);
    Process process = launcher.start(List.of(
        "bash",
        "-c",
        "\"$0\" completion bash | true; \"$0\" list -V default --json | true",
        Launcher.path().toString()));
    assertThat(Launcher.finish(process).err()).isEmpty();
  }

  @Test
  void outputThatCanNotBeWritten_isAFailure() throws Exception {
    Launcher launcher = Launcher.over(directory);
    makeSecret(launcher);
    assumeTrue(Files.exists(Path.of("/dev/full")), "SKIPPED: no /dev/full");
    Launcher.Result result = Launcher.finish(launcher.start(List.of(
        "sh",
        "-c",
        "\"$0\" get default/api-key --reveal > /dev/full",
        Launcher.path().toString())));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("could not be written").doesNotContain("hunter22");
  }

  private static void makeSecret(Launcher launcher) throws Exception {
    assertThat(launcher.run("init").code()).isZero();
    assertThat(launcher.run("vault", "create", "default").code()).isZero();
    Launcher.Result put =
        launcher.run("create", "-V", "default", "-n", "api-key", "--value", "hunter22");
    assertThat(put.code()).as(put.err()).isZero();
  }
}
