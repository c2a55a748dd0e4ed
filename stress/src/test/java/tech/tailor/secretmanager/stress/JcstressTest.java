package tech.tailor.secretmanager.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the jcstress tests of this module, in a JVM of their own, and counts what they saw. */
@Tag("suite")
class JcstressTest {

  private static final boolean DEEP = Boolean.getBoolean("deep");

  /** A line of jcstress's last table: the result, how often, its share, whether it may be. */
  private static final Pattern ROW = Pattern.compile(
      "^ +(?<result>-?\\d+(?:, -?\\d+)*) +(?<samples>[\\d,]+) +\\S+% +(?<expect>Acceptable|Forbidden) .*");

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(classes = {MemoryCopiesVsWipe.class, ValueReadsVsClose.class})
  void readerBesideAWipe_seesAWholeValueOrIsRefused(Class<?> test) throws Exception {
    Seen seen = run(test, DEEP ? List.of("-m", "default") : List.of("-m", "quick", "-time", "50"));

    assertThat(seen.exitCode).as(seen.output).isZero();
    assertThat(seen.forbidden).isZero();
    assertThat(seen.samples.values().stream().mapToLong(Long::longValue).sum())
        .isGreaterThan(100_000);
    assertThat(seen.samples).as("the two did race").containsKeys("0, 0", "1, 0", "1, 1");
  }

  @ParameterizedTest
  @ValueSource(classes = {ControlNoFlag.class, ControlFlagBeforeCopy.class})
  void control_aValueWithoutAFlag_orWithAFlagReadTooSoon_isCaught(Class<?> test) throws Exception {
    // One compiler for both threads, not each pair: it takes half the time, and catches it too.
    Seen seen = run(test, List.of("-m", "quick", "-time", "20", "-sc", "false"));

    assertThat(seen.exitCode).isNotZero();
    assertThat(seen.forbidden).as(seen.output).isPositive();
  }

  @Test
  void control_aTestThatDidNotRun_isNoSuccess() throws Exception {
    Seen seen = run(JcstressTest.class, List.of("-m", "sanity"));

    assertThat(seen.samples).isEmpty();
  }

  private Seen run(Class<?> test, List<String> options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
        "org.openjdk.jcstress.Main",
        "-v",
        "-spinStyle", // its threads wait for each other: without spinning, they can on a busy
        // machine
        "THREAD_YIELD",
        "-r",
        directory.resolve("report").toString(),
        "-t",
        test.getName().replace(".", "\\.") + "$"));
    command.addAll(options);
    Path log = directory.resolve("log");
    Process process = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    if (!process.waitFor(DEEP ? 240 : 15, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("jcstress did not end in time: " + Files.readString(log));
    }
    Seen seen = new Seen(process.exitValue(), Files.readString(log));
    System.out.printf("jcstress %s: %s%n", test.getSimpleName(), seen);
    return seen;
  }

  /** What jcstress reported in the end: each result with how often it was seen. */
  private static final class Seen {

    private final int exitCode;
    private final String output;
    private final Map<String, Long> samples = new TreeMap<>();
    private long forbidden;

    private Seen(int exitCode, String output) {
      this.exitCode = exitCode;
      this.output = output;
      int end = output.indexOf("RUN RESULTS:");
      output
          .substring(Math.max(0, end))
          .lines()
          .map(ROW::matcher)
          .filter(Matcher::matches)
          .forEach(row -> {
            long count = Long.parseLong(row.group("samples").replace(",", ""));
            samples.merge(row.group("result"), count, Long::sum);
            forbidden += row.group("expect").equals("Forbidden") ? count : 0;
          });
    }

    @Override
    public String toString() {
      return samples + ", forbidden " + forbidden;
    }
  }
}
