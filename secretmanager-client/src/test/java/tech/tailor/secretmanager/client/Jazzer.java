package tech.tailor.secretmanager.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs Jazzer in a JVM of its own, with 256 MB of heap. */
public final class Jazzer {

  /** The exit code of a run that found something. */
  public static final int FOUND = 77;

  private Jazzer() {}

  /**
   * Fuzzes until the limit among the options is reached, or something is found.
   *
   * @param target has the method {@code fuzzerTestOneInput(byte[])}
   * @param work an empty directory, but for {@code seeds}, a directory of inputs to begin with
   * @param status how it must end: with 0, or {@link #FOUND}
   * @param options further ones, of Jazzer and of libFuzzer
   * @return the end of what it printed
   */
  public static String run(Class<?> target, Path work, int status, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + target.getName(),
        "--instrumentation_includes=tech.tailor.**:com.fasterxml.jackson.core.**",
        "--custom_hook_includes=none",
        "--reproducer_path=" + work,
        "-artifact_prefix=" + work + "/",
        // The heap is bounded. Linux counts in what the JVM had that starts this one.
        "-rss_limit_mb=0",
        "-timeout=60"));
    command.addAll(options);
    command.add(Files.createDirectory(work.resolve("corpus")).toString());
    command.add(work.resolve("seeds").toString());
    Path log = work.resolve("log");
    Process jazzer = new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    try {
      int ended = jazzer.waitFor();
      String output = new String(Files.readAllBytes(log), UTF_8);
      String end = output.substring(Math.max(0, output.length() - 5_000));
      assertThat(ended).as(end).isEqualTo(status);
      return end;
    } finally {
      jazzer.destroyForcibly();
    }
  }
}
