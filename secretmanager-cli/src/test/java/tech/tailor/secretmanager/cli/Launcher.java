package tech.tailor.secretmanager.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The launcher of the distribution, as users start it. */
final class Launcher {

  /** What a process printed and how it ended. */
  record Result(int code, String out, String err) {}

  private final Path directory;
  private final Map<String, String> environment;

  private Launcher(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = environment;
  }

  /** Over an encrypted store in the directory. */
  static Launcher over(Path directory) {
    return new Launcher(
        directory,
        Map.of(
            "TAILOR_SECRETMANAGER_URL",
            "file:" + directory.resolve("store"),
            "TAILOR_SECRETMANAGER_KEY_FILE",
            directory.resolve("key").toString()));
  }

  /** The same with another variable. */
  Launcher with(String variable, String value) {
    Map<String, String> other = new HashMap<>(environment);
    other.put(variable, value);
    return new Launcher(directory, other);
  }

  /** Its path; the test is skipped where the distribution isn't packaged. */
  static Path path() {
    String distribution = System.getProperty("distribution", "");
    if (distribution.isEmpty()) {
      System.out.println("SKIPPED: the launcher is tested in the phase integration-test");
    }
    assumeTrue(!distribution.isEmpty());
    return Path.of(distribution, "bin", "secretmanager");
  }

  /** Runs it to its end. */
  Result run(String... arguments) throws IOException, InterruptedException {
    return finish(start(arguments));
  }

  /** Starts it; the caller ends it. */
  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(path().toString()));
    command.addAll(List.of(arguments));
    return start(command);
  }

  /** Starts another program with the same environment; the caller ends it. */
  Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("CI");
    builder.directory(directory.toFile());
    return builder.start();
  }

  /**
   * What a command is put behind that is sent a signal: under nohup, or behind an ampersand, a
   * signal is ignored by all that is started.
   */
  static List<String> withDefaultSignals() throws IOException, InterruptedException {
    List<String> defaults = List.of("env", "--default-signal=INT,HUP");
    List<String> trial = new ArrayList<>(defaults);
    trial.add("true");
    Process process = new ProcessBuilder(trial)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    return process.waitFor() == 0 ? defaults : List.of();
  }

  /** Ends the input, and waits for the end of the process. */
  static Result finish(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    StringBuilder err = new StringBuilder();
    Thread reader = new Thread(() -> {
      try {
        err.append(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        err.append(e);
      }
    });
    reader.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    reader.join();
    return new Result(process.waitFor(), out, err.toString());
  }
}
