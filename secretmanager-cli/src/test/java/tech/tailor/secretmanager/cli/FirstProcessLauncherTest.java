package tech.tailor.secretmanager.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as the first process of a container, which a signal without a handler can't end. */
@Tag("launcher")
@Tag("suite")
class FirstProcessLauncherTest {

  private static final List<String> NAMESPACE =
      List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");

  @TempDir
  Path directory;

  private static void assumeNamespaces() throws Exception {
    boolean possible;
    try {
      Process process = new ProcessBuilder(
              "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "true")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      possible = process.waitFor() == 0;
    } catch (IOException e) {
      possible = false;
    }
    if (!possible) {
      System.out.println("SKIPPED: a PID namespace needs unshare, and root");
    }
    assumeTrue(possible);
  }

  @Test
  void terminate_endsTheProgramInAnOrderlyWay() throws Exception {
    Launcher.path();
    assumeNamespaces();
    Launcher launcher = Launcher.over(directory);
    assertThat(launcher.run("init").code()).isZero();
    assertThat(launcher.run("vault", "create", "default").code()).isZero();
    assertThat(launcher
            .run("create", "-V", "default", "-n", "api-key", "--value", "hunter22")
            .code())
        .isZero();
    for (String mask : List.of("always", "never")) {
      List<String> command = new ArrayList<>(NAMESPACE);
      command.addAll(List.of(
          Launcher.path().toString(),
          "run",
          "--mask=" + mask,
          "--env",
          "KEY=default/api-key",
          "--",
          "sh",
          "-c",
          "trap 'echo ended; exit 5' TERM; echo ready; while :; do sleep 0.1; done"));
      Process process = launcher.start(command);
      try (BufferedReader out = new BufferedReader(
          new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        assertThat(out.readLine()).isEqualTo("ready");
        ProcessHandle first = process.children().findFirst().orElseThrow();
        first.destroy();
        assertThat(out.readLine()).isEqualTo("ended");
        assertThat(process.waitFor()).isEqualTo(5);
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
