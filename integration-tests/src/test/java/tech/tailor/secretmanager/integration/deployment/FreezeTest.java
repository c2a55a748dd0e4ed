package tech.tailor.secretmanager.integration.deployment;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process that is stopped for longer than a time to live, as a frozen function runtime is. */
@Tag("suite")
@Timeout(600)
class FreezeTest {

  private static final int FREEZES = Boolean.getBoolean("deep") ? 200 : 25;

  @Test
  void valuePastItsTimeToLive_isNeverFresh_onAllCores() throws Exception {
    assertThat(tooOld("exact", List.of())).isZero();
  }

  @Test
  void valuePastItsTimeToLive_isNeverFresh_onOneCore() throws Exception {
    assertThat(tooOld("exact", List.of("taskset", "-c", "0"))).isZero();
  }

  @Test
  void control_aClockThatAThreadSets_isCaught() throws Exception {
    assertThat(tooOld("coarse", List.of("taskset", "-c", "0"))).isPositive();
  }

  /** How many reads gave a value past its time to live as fresh. */
  private static long tooOld(String clock, List<String> prefix) throws Exception {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), FrozenReader.class.getName(), clock));
    Process process = start(command);
    try (BufferedReader output = process.inputReader(US_ASCII)) {
      assertThat(output.readLine()).isEqualTo("ready");
      for (int i = 0; i < FREEZES; i++) {
        signal("-STOP", process);
        Thread.sleep(FrozenReader.TIME_TO_LIVE.toMillis() + 50);
        signal("-CONT", process);
        Thread.sleep(20 + i);
      }
      process.outputWriter(US_ASCII).append('\n').flush();
      String[] counts = output.readLine().split(" ", -1);
      System.out.printf(
          "%d freezes, %s clock%s: %s reads, %s too old%n",
          FREEZES, clock, prefix.isEmpty() ? "" : ", one core", counts[0], counts[1]);
      assertThat(Long.parseLong(counts[0])).isGreaterThan(FREEZES);
      return Long.parseLong(counts[1]);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      System.out.println("SKIPPED: needs " + command.get(0) + ", as on Linux");
      Assumptions.abort("needs " + command.get(0));
      throw new AssertionError("not reached", e);
    }
  }

  private static void signal(String signal, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
    assertThat(kill.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
